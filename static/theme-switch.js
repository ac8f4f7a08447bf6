// The button cycles through the themes: system, light, dark. The style sheet shows the current name.

const root = document.documentElement;
const button = document.querySelector("[data-theme-switch]");
const nextTheme = { system: "light", light: "dark", dark: "system" };

function apply(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

button.addEventListener("click", () => {
  const theme = nextTheme[root.dataset.theme ?? "system"];
  apply(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage, the choice lasts for this page.
  }
});

// Follow changes made in other tabs.
addEventListener("storage", (event) => {
  if (event.key === "theme" || event.key === null) apply(event.newValue);
});
