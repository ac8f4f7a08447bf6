// The slider for the size of the thumbnails, which theme.js applies before the first paint. It is kept in
// this browser.

const root = document.documentElement;
const slider = document.querySelector("[data-thumbnail-size]");
const steps = { s: "small", m: "medium", l: "large", xl: "very large" };
const names = Object.keys(steps);

// The page's own `sizes` are those of the middle step. As there, a fifth is added, see tiles.py.
function fit() {
  const images = document.querySelectorAll(".grid img");
  if (!images.length) return;
  const { clientWidth, clientHeight } = images[0];
  const sizes = `${Math.ceil(1.2 * Math.max(clientWidth, (clientHeight * 4) / 3))}px`;
  for (const image of images) image.sizes = sizes;
}

function show(step) {
  root.dataset.thumbnails = step;
  slider.value = names.indexOf(step);
  slider.setAttribute("aria-valuetext", steps[step]);
}

slider.addEventListener("input", () => {
  show(names[slider.value]);
  fit();
  try {
    localStorage.setItem("thumbnails", root.dataset.thumbnails);
  } catch {
    // Without storage, the size lasts for this page.
  }
});

const step = root.dataset.thumbnails;
if (step in steps && step !== "m") {
  show(step);
  fit();
}
document.addEventListener("partshown", () => {
  if (root.dataset.thumbnails) fit();
});
