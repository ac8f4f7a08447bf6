// What keys mean, where several scripts listen to them.

// With one of these, a key or a click is the browser's own: Alt and an arrow key go back.
export const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

// A click that opens a link elsewhere, or saves it.
export const isModifiedClick = (event) => hasModifier(event) || event.shiftKey;

// How many points of a curve each key moves along it.
export const pointSteps = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1,
  PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
};
