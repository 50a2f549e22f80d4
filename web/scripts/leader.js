// Renews an open board: rates and red cards soon after an event, the rest once a minute. A board of a past
// moment is not renewed. On a wall screen it also turns its pages.
const PULSE = 10000;
const QUIET = 30000; // milliseconds without news until a renewal, because overdue times grow anyway
const SLOW = 60000;
const PAGE = 12000;
const board = document.querySelector("[data-live]");
const onWall = "screen" in document.documentElement.dataset;
const strip = document.getElementById("strip");
let stream = null;
let news = false;
let renewed = Date.now();
let whole = Date.now();
let turn = 0;

// A part under the pointer or with the focus is not replaced until the person leaves it.
const held = (part) => !onWall && (part.matches(":hover") || part.contains(document.activeElement));

function age() {
  const words = document.querySelector(".age");
  if (!words) return;
  const seconds = Math.round((Date.now() - renewed) / 1000);
  const long = seconds >= 120;
  words.textContent = (long ? words.dataset.minutes : words.dataset.words).replace("{n}", long ? Math.floor(seconds / 60) : seconds);
}

function put(fresh, kind) {
  for (const part of document.querySelectorAll(`[data-renew=${kind}]`)) {
    const other = fresh.getElementById(part.id);
    if (!other || held(part)) continue;
    const rolls = part.querySelector("[data-pages]")?.scrollTop ?? 0;
    part.replaceWith(other);
    const roll = other.querySelector("[data-pages]");
    if (roll) roll.scrollTop = rolls;
  }
}

async function renew(kind) {
  const there = new URL(location.href);
  if (kind === "pulse") there.searchParams.set("part", "pulse");
  else if (onWall) {
    const turns = document.getElementById("rank").dataset.turns.trim().split(" ");
    turn = (turn + 1) % turns.length;
    there.searchParams.set("of", turns[turn]);
  }
  news = false;
  try {
    const answer = await fetch(there);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !fresh.querySelector("#kpis")) throw new Error(`${answer.status}`);
    put(fresh, "pulse");
    if (kind === "slow") put(fresh, "slow");
    renewed = Date.now();
    strip.hidden = true;
    document.dispatchEvent(new CustomEvent("renewed", { detail: kind }));
  } catch {
    const at = new Date(renewed).toTimeString().slice(0, 5);
    strip.querySelector("b").textContent = strip.dataset.words.replace("{at}", at);
    strip.hidden = false;
  }
  age();
}

function beat() {
  if (document.hidden) return;
  const now = Date.now();
  if (now - whole >= SLOW) {
    whole = now;
    renew("slow");
  } else if (news || onWall || now - renewed >= QUIET) renew("pulse");
}

function listen() {
  stream?.close();
  stream = new EventSource(board.dataset.stream);
  stream.onmessage = () => (news = true);
}

function turnPages() {
  const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const roll of document.querySelectorAll("[data-pages]")) {
    if (roll.matches(":hover") || roll.contains(document.activeElement)) continue;
    const rest = roll.scrollHeight - roll.clientHeight - roll.scrollTop;
    const top = rest > 4 ? roll.scrollTop + roll.clientHeight * 0.9 : 0;
    roll.scrollTo({ top, behavior: quiet ? "instant" : "smooth" });
  }
}

if (board) {
  listen();
  age();
  setInterval(beat, PULSE);
  setInterval(age, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream.close();
    else {
      listen();
      renew("pulse");
    }
  });
}
if (onWall) setInterval(turnPages, PAGE);
