// On narrow screens, a button shows and hides the less common controls.

for (const button of document.querySelectorAll("[data-disclosure]")) {
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
  });
}
