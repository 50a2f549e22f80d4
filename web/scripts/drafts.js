// Keeps typed text over a reload, in this tab only; deletes it once it was sent.
const key = (form) => `draft ${new URL(form.action).pathname}`;
const kept = (control) => control.name && !["hidden", "file", "password", "search"].includes(control.type) && control.name !== "number";

function save(form) {
  const said = [...form.elements]
    .filter((control) => kept(control) && (control.type !== "radio" || control.checked))
    .map(({ name, type, value, checked }) => (type === "checkbox" ? [name, value, checked] : [name, value]));
  sessionStorage.setItem(key(form), JSON.stringify(said));
}

export function restore() {
  for (const form of document.querySelectorAll(".cmds details form")) {
    const saved = sessionStorage.getItem(key(form));
    if (!saved || form.querySelector("[role=alert]")) continue;
    for (const said of JSON.parse(saved)) put(form, ...said);
    const details = form.closest("details");
    details.open = true;
    const others = details.closest(".others");
    if (others) others.open = true;
  }
}

function put(form, name, value, checked) {
  if (checked === undefined) {
    if (form.elements[name]) form.elements[name].value = value;
    return;
  }
  const box = [...form.elements].find((control) => control.name === name && control.value === value);
  if (box) box.checked = checked;
}

export const forget = (form) => sessionStorage.removeItem(key(form));

const changed = ({ target }) => target.form?.closest(".cmds details") && save(target.form);
document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("submit", ({ target }) => target.matches(".cmds details form") && forget(target));
document.addEventListener("htmx:sendError", ({ detail }) => detail.elt.matches?.(".cmds details form") && save(detail.elt));

// Inserts a template at the caret of its field; text already there stays.
const offer = () => document.querySelectorAll("select.take").forEach((select) => (select.hidden = false));
document.addEventListener("change", ({ target }) => {
  if (!target.matches("select.take") || !target.value) return;
  const field = document.getElementById(target.dataset.fillsIn);
  field.setRangeText(target.value, field.selectionStart, field.selectionEnd, "end");
  target.selectedIndex = 0;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
document.addEventListener("toggle", offer, true);
offer();
