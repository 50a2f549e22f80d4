// Single-key shortcuts. Off inside inputs; the switch in the help or Shift+K turns them all off (stored in
// this browser). Every key has a button or a link that does the same.
import { stop, isHeld, now } from "./held.js";
import { select, pane } from "./list.js";
import { rows, selected } from "./rows.js";

const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const off = () => localStorage.getItem("keys") === "off";
const help = () => document.getElementById("help");
let opening = null; // the row reached by J/K, opened once the keys pause
let late = false; // that row waits, because the response for another row is still on its way
let after = ""; // a key pressed while a response was still on its way
let going = false; // G was pressed
let asking = 0;
let settling; // the response is in the page, but htmx has not processed its forms yet

export function toggle(on) {
  localStorage.setItem("keys", on ? "on" : "off");
  document.body.classList.toggle("keyless", !on);
  const box = document.getElementById("keys-on");
  if (box) box.checked = on;
}

function move(step) {
  const all = rows();
  const at = all.indexOf(selected());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (!next) return;
  select(next.id);
  const link = next.querySelector("a.t");
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  clearTimeout(opening);
  opening = setTimeout(arrive, 90);
}

// Requests one row at a time: pressing J fast on a slow line must not pile up responses.
function arrive() {
  opening = null;
  late = unsettled();
  const row = selected();
  if (late || !row) return;
  if (pane()?.dataset.number !== row.id) row.querySelector("a.t").click();
  else run();
}

export const walking = () => late || opening !== null;
const unsettled = () => asking > 0 || settling !== undefined;
const busy = () => walking() || unsettled();

function run() {
  const letter = after;
  after = "";
  if (letter) press(letter);
}

// The button with this letter: in the open whistle, else in its row.
export function press(letter) {
  if (busy()) return void (after = letter);
  const key = `[data-key=${letter}]`;
  const target = document.querySelector(`.cmds ${key}`) ?? document.querySelector(`tr[aria-selected=true] ${key}`);
  if (!target) return isHeld() ? void now().then(() => press(letter)) : undefined;
  const details = target.closest("details:not(.others)");
  if (target.closest(".others")) target.closest(".others").open = true;
  if (!details?.open) target.click();
  // A form that is already filled in needs only a confirmation: the next key is Enter.
  const form = details?.querySelector("form");
  const filled = form?.querySelector("[required]") && form.checkValidity();
  form?.querySelector(filled ? "button:not([type=button])" : "input:not([type=hidden]), textarea, select:not(.take)")?.focus();
}

function close() {
  if (stop()) return;
  const command = document.querySelector(".cmds details[open]:not(.others)");
  if (command) {
    command.open = false;
    (selected()?.querySelector("a.t") ?? command.querySelector("summary")).focus();
  } else document.querySelector(".pane .back")?.click();
}

function go(letter) {
  going = false;
  const there = document.querySelector(".work")?.dataset[`go${letter.toUpperCase()}`];
  if (there) location.assign(there);
}

const named = {
  j: () => move(1),
  k: () => move(-1),
  x: () => (selected() ?? document.activeElement.closest("tr"))?.querySelector("[data-key=X]")?.click(),
  z: () => stop(),
  g: () => ((going = true), setTimeout(() => (going = false), 1500)),
  "/": () => document.querySelector(".tools [type=search]")?.focus(),
  "?": () => help()?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (help()?.open) return;
  if (event.key === "Escape") return void (typing(event.target) && !event.target.closest(".cmds") ? event.target.blur() : close());
  if (event.ctrlKey && event.key === "Enter") return event.target.form?.requestSubmit();
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.shiftKey && event.key === "K") return toggle(off());
  if (off() || !document.querySelector(".cmds, .work")) return;
  const key = event.key;
  if (going && /^[qmd]$/.test(key)) go(key);
  else if (named[key]) named[key]();
  else if (key === "Enter" && !event.target.closest("a, button, summary, input") && selected()) selected().querySelector("a.t").click();
  else if (/^[a-z]$/.test(key)) press(key.toUpperCase());
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-opens=help]")) help().showModal();
});
document.addEventListener("change", ({ target }) => target.id === "keys-on" && toggle(target.checked));
document.addEventListener("htmx:beforeRequest", () => (asking += 1));
const goOn = () => setTimeout(late ? arrive : run);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  asking = Math.max(0, asking - 1);
  if (!detail.successful) goOn();
});
// Before htmx has processed the new forms, a key would submit one as a full page load, and the next key
// would be lost with this page. The timer covers parts that were replaced again before they settled.
const settled = () => {
  clearTimeout(settling);
  settling = undefined;
  goOn();
};
document.addEventListener("htmx:afterSwap", () => {
  clearTimeout(settling);
  settling = setTimeout(settled, 500);
});
document.addEventListener("htmx:afterSettle", settled);
toggle(!off());
