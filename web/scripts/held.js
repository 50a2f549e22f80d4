// An event cannot be undone, so a command to several rows waits some seconds before it is sent.
// Meanwhile it can be stopped. Leaving the page sends it.
import { serverNow } from "./clock.js";
import { hear } from "./list.js";

const SECONDS = 8;
let held = null;
const bar = () => document.getElementById("held");

export const isHeld = () => held !== null;

export function hold(form, what, url, sent) {
  if (held) now();
  held = { form, what, url, body: new FormData(form), sent, left: SECONDS };
  const due = document.querySelector("tr[aria-selected=true] .sla")?.dataset.due;
  const soon = due && Date.parse(due) > serverNow() && Date.parse(due) - serverNow() < (SECONDS + 2) * 1000;
  if (soon) return now();
  held.timer = setInterval(count, 1000);
  bar().hidden = false;
  show();
}

function show() {
  bar().firstElementChild.textContent = bar()
    .dataset.words.replace("{n}", held.left)
    .replace("{what}", held.what);
  bar().querySelector("progress").value = SECONDS - held.left;
}

function count() {
  held.left -= 1;
  held.left > 0 ? show() : now();
}

function letGo() {
  clearInterval(held.timer);
  bar().hidden = true;
  const gone = held;
  held = null;
  return gone;
}

export function stop(aloud = true) {
  if (!held) return false;
  letGo();
  if (aloud) hear(bar().dataset.stopped);
  return true;
}

export async function now() {
  if (!held) return;
  const { url, body, what, sent } = letGo();
  await sent(url, body);
  hear(bar().dataset.sent.replace("{what}", what));
}

// Somebody who starts to fill in the form wants to say more: stop the timer.
function touched({ target }) {
  if (held && target.form === held.form && target.name !== "number") stop(false);
}

document.addEventListener("input", touched);
document.addEventListener("pointerdown", ({ target }) => held?.form.id !== "many" && held?.form.contains(target) && stop(false));
document.addEventListener("submit", ({ target }) => target === held?.form && stop(false), true);
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("#held [data-stop]")) stop();
  if (target.closest?.("#held [data-now]")) now();
});
addEventListener("pagehide", () => {
  if (!held) return;
  const { url, body } = letGo();
  fetch(url, { method: "POST", body, keepalive: true });
});
