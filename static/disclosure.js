// On a narrow screen, a button shows and hides the controls that are used less often.

for (const button of document.querySelectorAll("[data-disclosure]")) {
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
  });
}
