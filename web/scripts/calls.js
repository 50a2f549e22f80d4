// Renews the page of a summons, or a list of them: each unit's line in place, read out to screen readers.
// A form in use is not replaced; in a list, new summonses wait behind a button.
import { broken, follow, mended } from "./follow.js";
import { ready } from "./summons.js";

const EVERY = 800; // milliseconds between two renewals at least
const main = document.querySelector("main[data-stream]");
const more = document.getElementById("more-calls");
const calls = (page) => page.getElementById("calls");
let waiting = null;
let asking = false;
let again = false;
let heard = 0; // position of the newest event; the requested list must include it

const say = (text) => (document.getElementById("hear").textContent = text);
const parts = (page) => new Map([...page.querySelectorAll("[data-renew]")].map((part) => [part.dataset.renew, part]));
const cards = (page) => [...(calls(page)?.querySelectorAll("section[id]") ?? [])];
const same = (one, other) =>
  "version" in one.dataset ? one.dataset.version === other.dataset.version : one.innerHTML === other.innerHTML;

// Whether somebody uses the form: it has the focus or holds input.
function begun(part) {
  if (part.contains(document.activeElement)) return true;
  const fields = [...part.querySelectorAll("textarea, input:not([type=hidden])")];
  return fields.some((field) => field.value !== field.defaultValue) || Boolean(part.querySelector("[data-located]:not(:empty)"));
}

function put(fresh) {
  const coming = parts(fresh);
  const said = [];
  for (const [name, part] of parts(document)) {
    const other = coming.get(name);
    if (!other || same(part, other) || begun(part)) continue;
    if (other.dataset.said && other.dataset.state !== part.dataset.state) said.push(other.dataset.said);
    part.replaceWith(other);
  }
  if (said.length) say(said.join(" "));
  ready();
}

// Nothing moves under the pointer: a removed card says so in place, a new one waits.
function compare(fresh) {
  const coming = new Set(cards(fresh).map((card) => card.id));
  const present = new Set(cards(document).map((card) => card.id));
  for (const card of cards(document)) {
    if (!coming.has(card.id)) card.querySelector("header .tag").textContent = main.dataset.gone;
  }
  if ([...coming].every((id) => present.has(id))) return;
  if (present.size === 0) return void take(fresh);
  if (more.hidden) say(more.textContent);
  more.hidden = false;
  more.onclick = () => take(fresh);
}

function take(fresh) {
  calls(document).replaceWith(calls(fresh));
  more.hidden = true;
}

function address() {
  const there = new URL(main.dataset.here, location.href);
  if (heard) there.searchParams.set("position", heard);
  return there;
}

async function renew() {
  if (asking) return void (again = true);
  asking = true;
  try {
    const answer = await fetch(address());
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !fresh.querySelector("main[data-stream]")) throw new Error(`${answer.status}`);
    mended();
    put(fresh);
    if (calls(document)) compare(fresh);
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

ready();
follow(() => main.dataset.stream, {
  news({ position }) {
    heard = position;
    soon();
  },
  renew,
});
