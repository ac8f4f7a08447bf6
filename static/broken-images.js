// Replaces an image that cannot be loaded with a card that says so, until it can be loaded.

const smallest = 100; // Pixels in which a name fits.
const noteOf = (image) => (image.nextElementSibling?.matches("[data-broken]") ? image.nextElementSibling : null);

function showBroken(image) {
  const isSmall = image.clientWidth < smallest;
  image.hidden = true;
  if (noteOf(image)) return;
  const note = document.createElement("span");
  note.className = "no-image";
  note.dataset.broken = "";
  note.title = `${image.alt} could not be loaded`;
  note.textContent = isSmall ? "not loaded" : note.title;
  image.after(note);
}

function showLoaded(image) {
  if (!image.hidden) return;
  image.hidden = false;
  noteOf(image)?.remove();
}

// These events do not bubble.
document.addEventListener("error", ({ target }) => target.matches?.("img[src]") && showBroken(target), true);
document.addEventListener("load", ({ target }) => target.matches?.("img[src]") && showLoaded(target), true);
for (const image of document.images) {
  if (image.getAttribute("src") && image.complete && !image.naturalWidth) showBroken(image);
}
