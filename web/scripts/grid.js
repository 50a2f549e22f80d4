// The grid worker's pages: they work without signal, too. What is filled in goes into the outbox first;
// what the next walk needs is kept on the phone; the map shows where one stands.
import "./clock.js";
import { forms, open } from "./grid-forms.js";
import { keepForTheWalk } from "./grid-kept.js";
import { live } from "./grid-live.js";
import { forget, start, watch } from "./outbox.js";
import "./shell.js";
import { lists } from "./waiting.js";

const { keptAt } = document.body.dataset;

// --- a page that the phone itself kept says since when, and ticks by the phone's own clock
if (keptAt) {
  const off = document.querySelector("[data-off]");
  const when = new Date(keptAt).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  off.querySelector("span").textContent = off.dataset.words.replace("{when}", when);
  off.hidden = false;
  document.getElementById("clock-words").dataset.now = new Date().toISOString();
  document.dispatchEvent(new Event("clock:set"));
}

// --- what went out meanwhile is said once, and need not be kept any longer: the city has it
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

// --- in the lists, what is filled in already and only waits for the signal
watch((entries) => {
  const pages = new Set(entries.filter((one) => one.state !== "sent").map((one) => one.page));
  for (const line of document.querySelectorAll("a.line")) line.classList.toggle("written", pages.has(new URL(line.href).pathname));
});

// --- where one stands, on the map that the server drew
const button = document.querySelector("[data-me]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.watchPosition(stand, () => {}, { enableHighAccuracy: true });
  });
}

function stand({ coords }) {
  const map = document.querySelector(".gm"); // renewed now and then
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
