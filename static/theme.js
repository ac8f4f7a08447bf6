// Runs before the first paint, hence as a plain script: nothing flashes and nothing moves later.
// Tells the style sheet that scripts run, and which theme was chosen.
{
  const root = document.documentElement;
  root.classList.add("scripted");
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch {
    // Without storage the system's setting holds.
  }
}
