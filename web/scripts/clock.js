// Updates the chips between two responses, by the server's time and the moments that it sent.
let ahead = 0; // milliseconds by which this device's clock is ahead

const words = () => document.getElementById("clock-words")?.dataset;

function set() {
  if (words()) ahead = Date.parse(words().now) - Date.now();
  tick();
}

function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const say = words();
  const form = d ? (h ? say.daysHours : say.days) : h ? say.hours : say.minutes;
  return form
    .replace("{d}", d)
    .replace("{h}", h)
    .replace("{m:02d}", String(m).padStart(2, "0"))
    .replace("{m}", m);
}

function tick() {
  if (!words()) return;
  const now = serverNow();
  for (const chip of document.querySelectorAll(".sla[data-due]")) {
    const due = Date.parse(chip.dataset.due);
    const turned = chip.dataset.turns ? now >= Date.parse(chip.dataset.turns) : chip.classList.contains("warn");
    const tone = now > due ? "bad" : turned ? "warn" : "ok";
    const text = words()[tone].replace("{span}", span(Math.abs(due - now)));
    const label = chip.lastElementChild;
    if (label.textContent !== text) label.textContent = text;
    if (!chip.classList.contains(tone)) turn(chip, tone);
  }
}

function turn(chip, tone) {
  chip.classList.remove("ok", "warn", "bad");
  chip.classList.add(tone);
  const use = chip.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${tone}`));
  const title = chip.closest("tr")?.querySelector("a.t")?.textContent;
  const heard = document.getElementById("hear");
  if (tone === "bad" && title && heard) heard.textContent = words().turned.replace("{title}", title);
}

export const serverNow = () => Date.now() + ahead;

set();
document.addEventListener("clock:set", set);
setInterval(tick, 5000);
