// News of the whistles: at most one renewal a second and a bit, however many come; every half
// minute one besides, since what a unit may no longer read says nothing when it goes.
import { broken, follow, mended } from "./follow.js";
import { pane, take } from "./list.js";

const EVERY = 1200;
let waiting = null;
let asking = false;
let again = false;
let touched = new Set();
let heard = 0; // position of the newest event: the list that is asked for must have it

// Reading, placing and waking the new parts are three tasks: a key pressed meanwhile comes between.
const breath = () => new Promise((go) => setTimeout(go));
const work = () => document.querySelector(".work");

function address() {
  const there = new URL(location.href);
  there.pathname = new URL(work().dataset.list, location.href).pathname;
  there.search = new URL(work().dataset.list, location.href).search;
  const open = pane()?.dataset.number;
  if (open && touched.has(open)) there.searchParams.set("w", open);
  if (heard) there.searchParams.set("position", heard);
  return there;
}

export async function renew() {
  if (asking) return void (again = true);
  asking = true;
  const list = work().dataset.list;
  const there = address();
  touched = new Set();
  try {
    const answer = await fetch(there, { headers: { "HX-Request": "true" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".work");
    if (!answer.ok || !fresh) throw new Error(`${answer.status}`);
    mended();
    await breath();
    // Somebody went to another list meanwhile: this answer is about the one before.
    const put = work().dataset.list === list ? take(fresh, { live: true }) : [];
    for (let n = 0; n < put.length; n += 10) {
      await breath();
      put.slice(n, n + 10).forEach((part) => htmx.process(part));
    }
  } catch {
    broken();
  }
  asking = false;
  if (again) [again] = [false, soon()];
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
}
