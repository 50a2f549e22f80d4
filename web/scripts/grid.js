// The grid worker's pages, which also work without signal: forms go into the outbox first, the phone
// caches what the next patrol needs, and the map shows the phone's position.
import "./clock.js";
import { forms, open } from "./grid-forms.js";
import { keepForTheWalk } from "./grid-kept.js";
import { live } from "./grid-live.js";
import { forget, start, watch } from "./outbox.js";
import "./shell.js";
import { lists } from "./waiting.js";

const { keptAt } = document.body.dataset;

// --- a cached page says how old it is, and its chips follow the phone's own clock
if (keptAt) {
  const off = document.querySelector("[data-off]");
  const when = new Date(keptAt).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  off.querySelector("span").textContent = off.dataset.words.replace("{when}", when);
  off.hidden = false;
  document.getElementById("clock-words").dataset.now = new Date().toISOString();
  document.dispatchEvent(new Event("clock:set"));
}

// --- entries sent meanwhile are confirmed once, then deleted, because the city has them
const sent = document.querySelector("[data-sent]");
watch((entries) => {
  for (const one of entries) {
    if (one.state !== "sent" || !one.url.includes("/commands/") || one.page === location.pathname) continue;
    const said = document.createElement("li");
    said.textContent = one.about;
    sent.querySelector("ul").append(said);
    sent.hidden = false;
    forget(one.id);
  }
});

// --- marks lines in the lists whose form is filled in and waits for the signal
watch((entries) => {
  const pages = new Set(entries.filter((one) => one.state !== "sent").map((one) => one.page));
  for (const line of document.querySelectorAll("a.line")) line.classList.toggle("written", pages.has(new URL(line.href).pathname));
});

// --- the phone's position on the map that the server drew
const button = document.querySelector("[data-me]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.watchPosition(stand, () => {}, { enableHighAccuracy: true });
  });
}

function stand({ coords }) {
  const map = document.querySelector(".gm"); // looked up each time, because the map is replaced now and then
  const [west, north, wide, high, x, y] = map.dataset.frame.split(" ").map(Number);
  const me = map.querySelector(".me");
  me.setAttribute("cx", x + (coords.longitude - west) * wide);
  me.setAttribute("cy", y + (north - coords.latitude) * high);
  me.removeAttribute("hidden");
}

lists({ edit: open });
forms();
if (!keptAt) live();
start()
  .catch(() => {})
  .then(() => !keptAt && location.pathname.startsWith("/grid") && keepForTheWalk())
  .catch(() => {});
