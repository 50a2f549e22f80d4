// The rows of a list: they renew where they stand and never change places. What is new waits until
// it is asked for; what has gone stays and says where to.
export const selected = () => document.querySelector("tr[aria-selected=true]");
export const rows = () => [...document.querySelectorAll("tr[data-href]")];

const work = () => document.querySelector(".work");
const body = (page) => page.querySelector("table.q tbody");
const bare = (row) => row.cells.length === 0; // the server knows that it is here already
export const MOST = 200; // rows that may be asked after at once
const waiting = new Map(); // what is behind the pill, by number
const below = new Set(); // rows that are still here though the page ends above them

// The position that all open rows are as new as: what is asked for with it comes without the rows
// that did not change since. Nothing where one is missing here after all.
export const known = () => work()?.dataset.stands ?? "";
export const isPart = (fresh) => [...(body(fresh)?.rows ?? [])].some(bare);
const forget = () => (work().dataset.stands = "");

// Of rows that are here the server is asked what became of them: those that something happened to,
// and then those that it did not send.
export const perhapsGone = (touched) => {
  const here = body(work())?.rows;
  return [...new Set([...below, ...touched])].filter((number) => here?.namedItem(number)).slice(0, MOST);
};
export const missed = (fresh) => {
  const sent = new Set([...fresh.querySelectorAll("tbody tr")].map((row) => row.id));
  for (const { textContent } of fresh.querySelectorAll("#gone dt")) sent.add(textContent);
  return [...(body(work())?.rows ?? [])].filter((row) => !row.dataset.gone && !sent.has(row.id)).map((row) => row.id);
};

// Returns what was put in, for htmx to look at. `arrange`: the new ones too, and all in its order,
// `showNew`: with the first of them in sight;
// `asked` are the numbers of which the server was asked what became of them.
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
  const newer = row.dataset.version - old.dataset.version; // an answer may come after a later one
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

// What the server says of them; the others it may tell this person nothing about.
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
  if (!row.querySelector(".lost, .told")) row.querySelector(".m").replaceWith(note); // in its place, so that no row moves
  const tick = row.querySelector("[name=number]");
  if (tick) [tick.checked, tick.disabled] = [false, true];
}

// Only what stands elsewhere is moved: hundreds of rows are not laid out again for one that is new.
function inOrder(here, coming) {
  const order = coming.map(({ id }) => document.getElementById(id) ?? waiting.get(id)).filter(Boolean);
  const stay = new Set(order);
  for (const row of [...here.rows]) if (!stay.has(row)) row.remove();
  let at = here.firstElementChild;
  for (const row of order) {
    if (row !== at && row === at?.nextElementSibling) at.remove(); // its own place comes later
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
