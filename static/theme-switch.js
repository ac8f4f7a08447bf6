// The button goes round the themes: the system's, light, dark. The style sheet shows its name.

const root = document.documentElement;
const button = document.querySelector("[data-theme-switch]");
const following = { system: "light", light: "dark", dark: "system" };

function apply(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

button.addEventListener("click", () => {
  const theme = following[root.dataset.theme ?? "system"];
  apply(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // It holds for this page, then.
  }
});

// Other tabs follow.
addEventListener("storage", (event) => {
  if (event.key === "theme" || event.key === null) apply(event.newValue);
});
