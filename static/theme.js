// Tells the style sheet the chosen theme, the size of thumbnails, and that scripts are enabled. A classic
// script, so that it runs before the first paint and nothing flashes or moves.
{
  const root = document.documentElement;
  root.classList.add("scripted");
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
    const size = localStorage.getItem("thumbnails");
    if (size) root.dataset.thumbnails = size;
  } catch {
    // Without storage, the system theme and the usual size apply.
  }
}
