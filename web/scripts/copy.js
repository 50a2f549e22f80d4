// The receipt's buttons: copy the code, print the page. Without scripts both are hidden.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = document.querySelector(button.dataset.copy).getAttribute("aria-label");
    await navigator.clipboard.writeText(code);
    button.querySelector("span").textContent = button.dataset.done;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
