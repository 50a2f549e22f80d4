// Keys for the queue and the board. Every key has a button or a link; all are off inside inputs,
// and off altogether once the person switches them off with Shift+K (kept in this browser).
const rows = () => [...document.querySelectorAll("tr[data-href]")];
const selected = () => document.querySelector("tr[aria-selected=true]");
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const off = () => localStorage.getItem("keys") === "off";

async function open(href, remember = true) {
  const answer = await fetch(href);
  if (!answer.ok) return location.assign(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const work = page.querySelector(".work");
  const scrolled = document.querySelector(".scroll")?.scrollTop ?? 0;
  document.querySelector(".work").replaceWith(work);
  document.title = page.title;
  if (remember) history.pushState(null, "", href);
  document.querySelector(".scroll").scrollTop = scrolled;
  const row = selected();
  row?.scrollIntoView({ block: "nearest" });
  row?.querySelector("a.t").focus({ preventScroll: true });
}

function move(step) {
  const all = rows();
  const at = all.indexOf(selected());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (next) open(next.dataset.href);
}

// The main button of the selected row or of its detail, by the letter that stands on it.
function press(letter) {
  const key = `[data-key=${letter}]`;
  const target = document.querySelector(`.cmds ${key}`) ?? document.querySelector(`tr[aria-selected=true] ${key}`);
  if (!target) return false;
  target.click();
  const first = target.closest("details")?.querySelector("input:not([type=hidden]), textarea, select");
  first?.focus();
  return true;
}

function close() {
  const command = document.querySelector(".cmds details[open]");
  if (command) {
    command.open = false;
    command.querySelector("summary").focus();
    return true;
  }
  document.getElementById("help")?.close?.();
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return void close();
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.shiftKey && event.key === "K") return localStorage.setItem("keys", off() ? "on" : "off");
  if (off()) return;
  const key = event.key;
  let done = true;
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "/") document.querySelector(".tools [type=search]")?.focus();
  else if (key === "?") document.getElementById("help")?.showModal();
  else if (key === "Enter" && !event.target.closest("a, button, summary") && selected()) open(selected().dataset.href);
  else if (/^[a-z]$/.test(key)) done = press(key.toUpperCase());
  else done = false;
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("tr[data-href] a.t");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || innerWidth < 900) return;
  event.preventDefault();
  open(link.href);
});
addEventListener("popstate", () => open(location.href, false));

// "Arrived" is believed with the phone's point: asked for only when that answer is chosen.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "kind" || target.value !== "arrival" || !navigator.geolocation) return;
  const fill = (name, value) => (target.form.querySelector(`[data-fills=${name}]`).value = value);
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    fill("lat", coords.latitude);
    fill("lon", coords.longitude);
  });
});
