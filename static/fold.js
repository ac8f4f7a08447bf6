// On a narrow screen the less used controls wait behind a button; see the style sheet.

for (const button of document.querySelectorAll("[data-unfolds]")) {
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
  });
}
