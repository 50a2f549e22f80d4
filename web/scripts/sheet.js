// The print button; without scripts the browser's menu prints.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
