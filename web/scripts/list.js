// A freshly rendered list comes into the open one: rows renew where they stand and never change
// places. What is new waits behind the pill, what has gone stays and says so, until asked for.
const work = () => document.querySelector(".work");
export const pane = () => document.getElementById("pane");
export const selected = () => document.querySelector("tr[aria-selected=true]");
export const rows = () => [...document.querySelectorAll("tr[data-href]")];
export const hear = (text) => (document.getElementById("hear").textContent = text);

let afresh = false; // the next list replaces the open one whole
export const askAfresh = () => (afresh = true);

// Takes the page's list, filters and detail; returns what was put in, for htmx to look at.
export function take(fresh, { live = false, keepPane = false } = {}) {
  const now = work();
  const put = [];
  const whole = afresh || now.dataset.list !== fresh.dataset.list;
  if (!live) afresh = false;
  renewWords(now, fresh, live);
  if (whole && !live) put.push(...replaceList(now, fresh));
  else put.push(...mergeRows(now, fresh));
  if (live) put.push(...renewPane(now, fresh));
  else if (!keepPane) put.push(...replacePane(now, fresh));
  return put;
}

export function select(number) {
  for (const row of rows()) {
    const chosen = row.id === number;
    row.toggleAttribute("aria-selected", false);
    if (chosen) row.setAttribute("aria-selected", "true");
    row.querySelector(".act .btn")?.classList.toggle("primary", chosen);
  }
}

function renewWords(now, fresh, live) {
  now.dataset.list = fresh.dataset.list;
  const swap = (query) => {
    const [old, next] = [now.querySelector(query), fresh.querySelector(query)];
    if (old && next) old.innerHTML = next.innerHTML;
  };
  swap("#tally");
  if (!live) swap("#said");
  const words = now.querySelector("#clock-words");
  words.dataset.now = fresh.querySelector("#clock-words").dataset.now;
  words.dispatchEvent(new Event("clock:set", { bubbles: true }));
  for (const name of ["key", "back"]) {
    const [old, next] = [now, fresh].map((page) => page.querySelector(`#many [name=${name}]`));
    if (old && next && !live) old.value = next.value;
  }
}

function renewSide(now, fresh) {
  const [links, next] = [now, fresh].map((page) => [...page.querySelectorAll(".side a")]);
  const same = links.length === next.length && links.every((a, n) => a.href === next[n].href);
  if (!same) {
    const side = fresh.querySelector(".side");
    now.querySelector(".side").replaceWith(side);
    return [side];
  }
  links.forEach((link, n) => {
    const count = link.querySelector("span:last-child");
    const value = next[n].querySelector("span:last-child").textContent;
    if (count.textContent !== value) count.textContent = value;
  });
  return [];
}

function replaceList(now, fresh) {
  const typed = now.querySelector("[type=search]");
  const [main, side] = [".list", ".side"].map((query) => fresh.querySelector(query));
  const searching = document.activeElement === typed;
  now.querySelector(".list").replaceWith(main);
  now.querySelector(".side").replaceWith(side);
  if (searching) main.querySelector("[type=search]").focus();
  return [main, side];
}

function mergeRows(now, fresh) {
  const put = renewSide(now, fresh);
  const [body, next] = [now, fresh].map((page) => page.querySelector("table.q tbody"));
  const coming = next ? [...next.rows] : [];
  if (!body) {
    if (!next) return put;
    const main = fresh.querySelector(".list");
    now.querySelector(".list").replaceWith(main);
    return [...put, main];
  }
  const known = new Map([...body.rows].map((row) => [row.id, row]));
  const last = coming.findLastIndex((row) => known.has(row.id));
  const waiting = [];
  const present = new Set();
  coming.forEach((row, n) => {
    const old = known.get(row.id);
    present.add(row.id);
    if (old) renewRow(old, row, put);
    else if (n > last || row.querySelector(".lost, .told")) {
      n > last ? body.append(row) : body.prepend(row);
      put.push(row);
    } else waiting.push(row.id);
  });
  markGone(now, [...known.values()], present, Boolean(fresh.querySelector(".pager")));
  showPill(waiting.length);
  return put;
}

function renewRow(old, row, put) {
  const told = row.querySelector(".lost, .told");
  if (old.dataset.version === row.dataset.version && !told && !old.dataset.gone) return;
  const focus = [...old.querySelectorAll("a, button, input")].indexOf(document.activeElement);
  const ticked = old.querySelector("[name=number]")?.checked;
  old.replaceChildren(...row.children);
  old.className = row.className;
  delete old.dataset.gone;
  old.dataset.version = row.dataset.version;
  const tick = old.querySelector("[name=number]");
  if (tick && ticked && !told) tick.checked = true;
  if (focus >= 0) (old.querySelectorAll("a, button, input")[focus] ?? old.querySelector("a.t")).focus({ preventScroll: true });
  put.push(old);
}

// Rows beyond the end of a page that goes on are not gone, only further down.
function markGone(now, old, present, goesOn) {
  const end = goesOn ? old.findLastIndex((row) => present.has(row.id)) : old.length;
  old.slice(0, end).forEach((row) => {
    if (present.has(row.id) || row.dataset.gone) return;
    row.dataset.gone = "1";
    row.classList.add("gone");
    const note = Object.assign(document.createElement("span"), { className: "lost", textContent: now.dataset.gone });
    row.querySelector(".m").replaceWith(note); // in its place, so that no row moves
    const tick = row.querySelector("[name=number]");
    if (tick) [tick.checked, tick.disabled] = [false, true];
  });
}

function showPill(count) {
  const pill = document.getElementById("pill");
  pill.hidden = count === 0;
  pill.textContent = pill.dataset.words.replace("{n}", count);
}

function replacePane(now, fresh) {
  const next = fresh.querySelector("#pane");
  pane()?.remove();
  now.classList.toggle("selected", Boolean(next));
  now.classList.toggle("alone", !next);
  select(next?.dataset.number ?? "");
  stepFrom(Boolean(next));
  if (!next) return [];
  now.querySelector(".list").after(next);
  return [next];
}

// From one row to the next is no step to go back to; from the list to a row is.
export function stepFrom(row) {
  const body = document.querySelector("table.q tbody");
  row ? body?.setAttribute("hx-replace-url", "true") : body?.removeAttribute("hx-replace-url");
}

// The story grows and the clock goes on; a form that somebody has open stays as it is.
function renewPane(now, fresh) {
  const [old, next] = [pane(), fresh.querySelector("#pane")];
  if (!old || old.dataset.number !== next?.dataset.number) return [];
  const put = [];
  for (const part of [".hd", ".bd"]) {
    const [here, there] = [old, next].map((page) => page.querySelector(part));
    if (here.contains(document.activeElement) && document.activeElement !== here) continue;
    const scrolled = here.scrollTop;
    here.replaceChildren(...there.childNodes);
    here.scrollTop = scrolled;
    put.push(here);
  }
  const foot = old.querySelector(".ft");
  if (!foot.querySelector("details[open]") && !foot.contains(document.activeElement)) {
    const there = next.querySelector(".ft");
    foot.replaceWith(there);
    put.push(there);
  }
  return put;
}
