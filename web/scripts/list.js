// Merges a newly rendered page of a list into the open one: texts, filters, rows and detail.
import { isPart, mergeRows, rows, selected, startAfresh } from "./rows.js";

const work = () => document.querySelector(".work");
export const pane = () => document.getElementById("pane");
export const hear = (text) => (document.getElementById("hear").textContent = text);

let afresh = false; // the next list replaces everything, in its own order
export const askAfresh = () => (afresh = true);

// The list's address with the present number of rows, which may have grown since a link was made.
export function asLong(address, long = work().dataset.long) {
  const there = new URL(address, location.href);
  if (long) there.searchParams.set("rows", long);
  return there.pathname + there.search + there.hash;
}

// Takes over the page's list, filters and detail; returns the new elements, for htmx to process.
export function take(fresh, { live = false, keepPane = false, asked = [] } = {}) {
  const now = work();
  const put = [];
  const another = now.dataset.list !== fresh.dataset.list;
  if (another && isPart(fresh)) return put; // the person opened another list meanwhile
  // Rows requested in addition go to their place by deadline, also between existing rows.
  const longer = Number(fresh.dataset.long) > Number(now.dataset.long);
  renewWords(now, fresh, live);
  if (another && !live) put.push(...replaceList(now, fresh));
  else {
    put.push(...renewSide(now, fresh), ...renewPager(now, fresh));
    put.push(...mergeRows(now, fresh, { asked, arrange: afresh || longer, showNew: afresh }));
  }
  afresh = false;
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
  now.dataset.stands = fresh.dataset.stands;
  if (Number(fresh.dataset.long) > Number(now.dataset.long)) now.dataset.long = fresh.dataset.long;
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
  now.dataset.long = fresh.dataset.long;
  startAfresh();
  if (searching) main.querySelector("[type=search]").focus();
  return [main, side];
}

function renewPager(now, fresh) {
  const [old, next] = [now, fresh].map((page) => page.querySelector("#pager"));
  if (old.innerHTML === next.innerHTML) return [];
  old.replaceChildren(...next.childNodes);
  return [old];
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

// Moving from row to row makes no history entry; opening a row from the list makes one.
export function stepFrom(row) {
  const body = document.querySelector("table.q tbody");
  row ? body?.setAttribute("hx-replace-url", "true") : body?.removeAttribute("hx-replace-url");
}

// Renews story and clocks of the detail; a form that is open stays as it is.
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
