// Shows which curves are pinned: in the labels of the lines, the links of the rows and the URL. Labels and
// the parameter `compare` are those of voc_web's line_labels.py and pins.py.

const [gap, margin] = [5, 3]; // Percent of the height.
const maxCharacters = 28;

// Moves heights apart, in percent of the drawing, and away from its edges.
function spread(heights) {
  const order = heights.map((_, at) => at).sort((one, other) => heights[one] - heights[other]);
  const placed = [...heights];
  let lowest = margin;
  for (const at of order) {
    placed[at] = Math.max(placed[at], lowest);
    lowest = placed[at] + gap;
  }
  let highest = 100 - margin;
  for (const at of order.reverse()) {
    placed[at] = Math.min(placed[at], highest);
    highest = placed[at] - gap;
  }
  return placed;
}

function element(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function labelOf({ curve, slot }, height) {
  const end = curve.points.at(-1);
  const [x, y, low] = [end.x, height / 100, end.y].map((share) => `${100 * share}%`);
  const name = curve.name.length > maxCharacters ? `${curve.name.slice(0, maxCharacters - 1)}…` : curve.name;
  return element(
    "g",
    { class: `line-label${slot ? ` pin-${slot}` : ""}${end.x > 0.6 ? " leftwards" : ""}`, "data-label": curve.index },
    element("line", { x1: x, x2: x, y1: y, y2: low }),
    element("text", { x, y }, element("title", {}, curve.name), name),
  );
}

// Writes the name of each pinned line at its end, and of each other line that is visible among bands.
export function labelLines(group, classes, pinned) {
  const labelled = pinned.map((curve, slot) => ({ curve, slot: slot + 1 })).filter(({ curve }) => curve);
  if (document.querySelector(".band")) {
    const visible = classes.filter((curve) => !curve.line.hasAttribute("hidden") && !pinned.includes(curve));
    labelled.push(...visible.map((curve) => ({ curve })));
  }
  const heights = spread(labelled.map(({ curve }) => 100 * curve.points.at(-1).y));
  group.replaceChildren(...labelled.map((label, at) => labelOf(label, heights[at])));
}

function joinNames(names) {
  const last = names.findLastIndex(Boolean);
  return names.slice(0, last + 1).map((name) => name.replace(/[\\,]/g, "\\$&")).join(",");
}

function withNames(address, names) {
  const url = new URL(address);
  const text = joinNames(names);
  if (text) url.searchParams.set("compare", text);
  else url.searchParams.delete("compare");
  return url;
}

function linkRow(row, names) {
  const link = row.querySelector("[data-pin]");
  const { textContent: name } = row.querySelector("th");
  const slot = names.indexOf(name);
  const free = names.indexOf("");
  row.classList.toggle("pinned", slot >= 0);
  link.setAttribute("class", `pin-${slot + 1}`);
  link.ariaCurrent = slot >= 0 ? "true" : null;
  link.querySelector("span").textContent = `${slot < 0 ? "Pin" : "Unpin"} the curve of ${name}`;
  if (slot < 0 && free < 0) {
    link.removeAttribute("href");
    link.title = "Four curves are pinned";
    return;
  }
  link.removeAttribute("title");
  link.href = withNames(location.href, slot < 0 ? names.with(free, name) : names.with(slot, ""));
}

// Updates the URL, and the links and the form that keep it.
export function linkPins(pinned) {
  const names = pinned.map((curve) => curve?.name ?? "");
  history.replaceState(history.state, "", withNames(location.href, names));
  for (const link of document.querySelectorAll("main a[href]:not([data-pin])")) {
    if (link.pathname === location.pathname) link.href = withNames(link.href, names);
  }
  for (const row of document.querySelectorAll("tr[data-curve]")) linkRow(row, names);
  const field = document.querySelector("[data-compare]");
  field.value = joinNames(names);
  field.disabled = !field.value;
}
