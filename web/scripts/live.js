// News of the whistles: at most one renewal in little more than a second, however many events come. One
// every half minute besides, because no event is sent for a whistle that a unit may no longer read.
import { broken, follow, mended } from "./follow.js";
import { asLong, pane, take } from "./list.js";
import { MOST, known, missed, perhapsGone } from "./rows.js";

const EVERY = 1200;
const A_TASK = 20; // milliseconds of work at a time, so that a key press is handled in between
let waiting = null;
let asking = false;
let again = false;
let touched = new Set();
let long = ""; // number of rows to show from now on, if more were requested
let heard = 0; // position of the newest event; the requested list must include it

// Parsing, inserting and htmx processing are three tasks, so that key presses are handled in between.
const breath = () => new Promise((go) => setTimeout(go));
const work = () => document.querySelector(".work");

function address() {
  const there = new URL(location.href);
  there.pathname = new URL(work().dataset.list, location.href).pathname;
  there.search = new URL(work().dataset.list, location.href).search;
  const open = pane()?.dataset.number;
  if (long || work().dataset.long) there.searchParams.set("rows", long || work().dataset.long);
  if (open && (long || touched.has(open))) there.searchParams.set("w", open);
  if (heard) there.searchParams.set("position", heard);
  return there;
}

async function wake(put) {
  let until = 0;
  for (const part of put) {
    if (performance.now() > until) await breath(), (until = performance.now() + A_TASK);
    htmx.process(part);
  }
}

async function ask(there, since, named) {
  const headers = { "HX-Request": "true", "List-Since": since, "List-Missed": named.join() };
  const answer = await fetch(there, { headers });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".work");
  if (!answer.ok || !fresh) throw new Error(`${answer.status}`);
  return fresh;
}

export async function renew() {
  if (asking) return void (again = true);
  asking = true;
  const list = work().dataset.list;
  const [there, grow, since] = [address(), long, long ? "" : known()];
  try {
    let asked = perhapsGone(touched);
    touched = new Set();
    let fresh = await ask(there, since, asked);
    // A row that is missing from the response is requested by its number, to learn where it went.
    const left = work().dataset.list === list ? missed(fresh) : [];
    if (left.length) fresh = await ask(there, since, (asked = [...left, ...asked].slice(0, MOST)));
    mended();
    await breath();
    if (long === grow) long = "";
    // Not if the person opened another list meanwhile: this response is for the previous one.
    if (work().dataset.list === list) {
      if (grow) history.replaceState(history.state, "", asLong(location.href, grow));
      await wake(take(fresh, { live: true, asked }));
    }
    watchEnd();
    if (!known()) again = true;
  } catch {
    document.querySelector("#pager [aria-busy]")?.removeAttribute("aria-busy");
    broken();
  }
  asking = false;
  if (again) [again] = [false, soon()];
}

// Scrolling to the end shows more rows, as the link there does; the address then includes them.
const end = new IntersectionObserver((seen) => seen.forEach(({ isIntersecting, target }) => isIntersecting && showMore(target)));
export function watchEnd() {
  end.disconnect();
  for (const link of document.querySelectorAll("#pager [data-longer]")) end.observe(link);
}

function showMore(link) {
  long = new URL(link.href).searchParams.get("rows");
  link.setAttribute("aria-busy", "true");
  renew();
}

function soon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    if (!document.hidden) renew();
  }, EVERY);
}

if (work()) {
  follow(() => work().dataset.stream, {
    news({ whistle, position }) {
      touched.add(whistle);
      heard = position;
      soon();
    },
    renew,
  });
  watchEnd();
}
