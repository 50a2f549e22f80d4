// What somebody was typing survives a reload, in this tab alone; it goes once it was sent.
const key = (form) => `draft ${new URL(form.action).pathname}`;
const kept = (control) => control.name && !["hidden", "file", "password", "search"].includes(control.type) && control.name !== "number";

function save(form) {
  const said = [...form.elements]
    .filter((control) => kept(control) && (control.type !== "radio" || control.checked))
    .map((control) => [control.name, control.multiple ? [...control.selectedOptions].map((o) => o.value) : control.value]);
  sessionStorage.setItem(key(form), JSON.stringify(said));
}

export function restore() {
  for (const form of document.querySelectorAll(".cmds details form")) {
    const saved = sessionStorage.getItem(key(form));
    if (!saved || form.querySelector("[role=alert]")) continue;
    for (const [name, value] of JSON.parse(saved)) put(form.elements[name], value);
    const details = form.closest("details");
    details.open = true;
    const others = details.closest(".others");
    if (others) others.open = true;
  }
}

function put(control, value) {
  if (!control) return;
  if (!control.multiple) return void (control.value = value);
  for (const option of control.options) option.selected = value.includes(option.value);
}

export const forget = (form) => sessionStorage.removeItem(key(form));

const changed = ({ target }) => target.form?.closest(".cmds details") && save(target.form);
document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("submit", ({ target }) => target.matches(".cmds details form") && forget(target));
document.addEventListener("htmx:sendError", ({ detail }) => detail.elt.matches?.(".cmds details form") && save(detail.elt));

// A template goes into its field where the caret is; what is already written stays.
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
