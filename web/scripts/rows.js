// The rows of a list are renewed in place and never change places. New rows wait until the person asks
// for them; a removed row stays and says where it went.
export const selected = () => document.querySelector("tr[aria-selected=true]");
export const rows = () => [...document.querySelectorAll("tr[data-href]")];

const work = () => document.querySelector(".work");
const body = (page) => page.querySelector("table.q tbody");
const bare = (row) => row.cells.length === 0; // sent without cells: unchanged
export const MOST = 200; // most row numbers in one request
const waiting = new Map(); // new rows behind the pill, by number
const below = new Set(); // rows that the page still shows, though its new end is above them

// The position up to which all rows are current: the response to a request with it sends unchanged rows
// without cells. Empty if an unchanged row turned out to be missing here.
export const known = () => work()?.dataset.stands ?? "";
export const isPart = (fresh) => [...(body(fresh)?.rows ?? [])].some(bare);
const forget = () => (work().dataset.stands = "");

// Row numbers that the page shows but the last response lacked: first those with news, then the others.
export const perhapsGone = (touched) => {
  const here = body(work())?.rows;
  return [...new Set([...below, ...touched])].filter((number) => here?.namedItem(number)).slice(0, MOST);
};
export const missed = (fresh) => {
  const sent = new Set([...fresh.querySelectorAll("tbody tr")].map((row) => row.id));
  for (const { textContent } of fresh.querySelectorAll("#gone dt")) sent.add(textContent);
  return [...(body(work())?.rows ?? [])].filter((row) => !row.dataset.gone && !sent.has(row.id)).map((row) => row.id);
};

// Returns the new elements, for htmx to process. `arrange`: insert new rows too, all in the response's
// order; `showNew`: scroll to the first new one; `asked`: the missing row numbers that were requested.
export function mergeRows(now, fresh, { arrange, showNew, asked }) {
  const put = [];
  const [here, next] = [now, fresh].map(body);
  const coming = next ? [...next.rows] : [];
  if (!here) return next ? replaceEmpty(now, fresh, coming) : put;
  const old = new Map([...here.rows].map((row) => [row.id, row]));
  const last = arrange ? coming.length : coming.findLastIndex((row) => old.has(row.id));
  const silent = missed(fresh).filter((number) => asked.includes(number));
  const goesOn = Boolean(fresh.querySelector("#pager a"));
  const news = new Set();
  below.clear();
  for (const row of fresh.querySelectorAll("#below tr")) {
    below.add(row.id);
    if (old.has(row.id)) renewRow(old.get(row.id), row, put);
  }
  coming.forEach((row, n) => {
    if (old.has(row.id)) return renewRow(old.get(row.id), row, put);
    const whole = bare(row) ? waiting.get(row.id) : row;
    if (whole?.dataset.version !== row.dataset.version) return n > last && goesOn ? undefined : forget();
    if (n <= last && !row.querySelector(".lost, .told")) return void (news.add(row.id), waiting.set(row.id, document.adoptNode(whole)));
    n > last ? here.append(whole) : here.prepend(whole);
    put.push(whole);
  });
  for (const number of waiting.keys()) if (!news.has(number)) waiting.delete(number);
  if (arrange) {
    const added = inOrder(here, coming);
    if (showNew) show(added[0]);
    put.push(...added);
  } else markGone(now, fresh, silent);
  showPill(waiting.size);
  return put;
}

export function startAfresh() {
  waiting.clear();
  below.clear();
}

function replaceEmpty(now, fresh, coming) {
  if (coming.some(bare)) return forget(), [];
  const main = fresh.querySelector(".list");
  now.querySelector(".list").replaceWith(main);
  return [main];
}

function renewRow(old, row, put) {
  const told = row.querySelector(".lost, .told");
  const newer = row.dataset.version - old.dataset.version; // responses may arrive out of order
  if (newer < 0 || (newer === 0 && !told && !old.dataset.gone)) return;
  if (bare(row)) return void forget();
  const focus = [...old.querySelectorAll("a, button, input")].indexOf(document.activeElement);
  const ticked = old.querySelector("[name=number]")?.checked;
  old.replaceChildren(...row.children);
  old.className = row.className;
  delete old.dataset.gone;
  old.dataset.version = row.dataset.version;
  old.querySelector(".act .btn")?.classList.toggle("primary", old === selected());
  const tick = old.querySelector("[name=number]");
  if (tick && ticked && !told) tick.checked = true;
  if (focus >= 0) (old.querySelectorAll("a, button, input")[focus] ?? old.querySelector("a.t")).focus({ preventScroll: true });
  put.push(old);
}

// Shows where each removed row went, if the server may say so to this person.
function markGone(now, fresh, silent) {
  const said = [...fresh.querySelectorAll("#gone dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]);
  for (const [number, words] of said) markOne(number, words);
  for (const number of silent) markOne(number, now.dataset.gone);
}

function markOne(number, words) {
  const row = document.getElementById(number);
  if (!row || row.dataset.gone) return;
  row.dataset.gone = "1";
  row.classList.add("gone");
  const note = Object.assign(document.createElement("span"), { className: "lost", textContent: words });
  if (!row.querySelector(".lost, .told")) row.querySelector(".m").replaceWith(note); // replaces the line, so that no row moves
  const tick = row.querySelector("[name=number]");
  if (tick) [tick.checked, tick.disabled] = [false, true];
}

// Moves only rows at a wrong place, so that one new row does not lay out hundreds again.
function inOrder(here, coming) {
  const order = coming.map(({ id }) => document.getElementById(id) ?? waiting.get(id)).filter(Boolean);
  const stay = new Set(order);
  for (const row of [...here.rows]) if (!stay.has(row)) row.remove();
  let at = here.firstElementChild;
  for (const row of order) {
    if (row !== at && row === at?.nextElementSibling) at.remove(); // its place comes later
    else if (row !== at) here.insertBefore(row, at);
    at = row.nextElementSibling;
  }
  const put = order.filter((row) => waiting.has(row.id));
  waiting.clear();
  return put;
}

function show(row) {
  row?.scrollIntoView({ block: "nearest" });
  if (!document.activeElement?.closest("tr, .pane")) (selected() ?? row)?.querySelector("a.t").focus({ preventScroll: true });
}

function showPill(count) {
  const pill = document.getElementById("pill");
  pill.hidden = count === 0;
  pill.textContent = pill.dataset.words.replace("{n}", count);
}
