// A click on a card opens the image in a large view, where arrow keys step through the grid and Escape
// closes. Without this script, or with a modifier key, a card is a plain link to the image page.

const dialog = document.querySelector("[data-large-view]");
const links = [...document.querySelectorAll(".card > a[data-image]")];
let position = 0;

function originalOf(link) {
  const path = link.dataset.image.split("/").map(encodeURIComponent).join("/");
  return `${dialog.dataset.originals}${path}?v=${link.dataset.version}`;
}

function show(index) {
  if (index < 0 || index >= links.length) return;
  position = index;
  const link = links[position];
  const image = dialog.querySelector("img");
  // Show the thumbnail until the original has loaded; one far below may not have loaded yet.
  const thumbnail = link.querySelector("img");
  image.src = thumbnail.currentSrc || thumbnail.src;
  const original = new Image();
  original.onload = () => {
    if (links[position] === link) image.src = original.src;
  };
  original.src = originalOf(link);
  image.alt = thumbnail.alt;
  dialog.querySelector("[data-caption]").replaceChildren(
    ...[".card-line", ".card-labels"].map((part) => link.querySelector(part).cloneNode(true)),
  );
  dialog.querySelector("[data-page]").href = link.href;
  for (const button of dialog.querySelectorAll("[data-step]")) {
    const target = position + Number(button.dataset.step);
    button.disabled = target < 0 || target >= links.length;
  }
  // A button loses the focus when it is disabled; keep it in the dialog, so that keys still work.
  if (document.activeElement.disabled) dialog.focus();
  dialog.dispatchEvent(new CustomEvent("imageshown", { detail: link }));
}

links.forEach((link, index) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(index);
    dialog.showModal();
    dialog.focus(); // Rather than its first button, which Space or Enter would press.
  });
});

for (const button of dialog.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => show(position + Number(button.dataset.step)));
}

dialog.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return; // Alt and an arrow key go back.
  if (event.key === "ArrowRight" || event.key === "j") show(position + 1);
  if (event.key === "ArrowLeft" || event.key === "k") show(position - 1);
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.matches("[data-stage]")) dialog.close();
});
dialog.addEventListener("close", () => links[position].focus());
