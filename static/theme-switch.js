// The button shows the dark theme instead of the light one, or vice versa. A choice that is also the
// system's theme is not kept: the page follows the system again.

const root = document.documentElement;
const button = document.querySelector("[data-theme-switch]");
const system = matchMedia("(prefers-color-scheme: dark)");
const themeOfSystem = () => (system.matches ? "dark" : "light");

function apply(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  button.ariaPressed = String((root.dataset.theme ?? themeOfSystem()) === "dark");
}

button.addEventListener("click", () => {
  const wanted = button.ariaPressed === "true" ? "light" : "dark";
  const theme = wanted === themeOfSystem() ? "system" : wanted;
  apply(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage, the choice lasts for this page.
  }
});

// Follow changes of the system, and those made in other tabs.
system.addEventListener("change", () => apply(root.dataset.theme));
addEventListener("storage", (event) => {
  if (event.key === "theme" || event.key === null) apply(event.newValue);
});

apply(root.dataset.theme);
