// Queue, board and the page of one whistle: keys, news, clocks, drafts, commands on several rows.
// htmx sends links and forms; `list.js` merges the responses into the page.
import "./clock.js";
import { forget, restore } from "./drafts.js";
import { broken } from "./follow.js";
import { hold } from "./held.js";
import { walking } from "./keys.js";
import { asLong, askAfresh, hear, pane, select, stepFrom, take } from "./list.js";
import { renew, watchEnd } from "./live.js";
import { known, missed, selected } from "./rows.js";

const work = () => document.querySelector(".work");
let opening = ""; // the row whose detail is being loaded

// Takes over the list; requests rows that the response lacks and rows that the page lacks.
function takeIn(fresh, options) {
  const lacking = missed(fresh).length > 0;
  const put = take(fresh, options);
  if (lacking || !known()) renew();
  return put;
}

async function sent(url, body) {
  try {
    if (body.get("back")) body.set("back", asLong(body.get("back")));
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true", "List-Since": known() } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".work");
    if (!fresh) return location.reload();
    if (fresh.dataset.list !== work()?.dataset.list) return renew();
    const keepPane = fresh.querySelector("#pane")?.dataset.number !== pane()?.dataset.number;
    takeIn(fresh, { keepPane }).forEach((put) => htmx.process(put));
    forget({ action: url });
    told();
  } catch {
    broken();
  }
}

// Announces the results; moves the focus back to the row where the work began.
function told() {
  const said = document.querySelector("#said .say, .pane .ft .say");
  if (said) hear(said.textContent.trim());
  const first = document.querySelector(".pane [aria-invalid=true], .pane .ft details[open] [role=alert]");
  if (!first && !document.activeElement?.closest("tr, .side, .tools")) selected()?.querySelector("a.t").focus({ preventScroll: true });
  restore();
  count();
  watchEnd();
}

function count() {
  const ticked = document.querySelectorAll("[name=number]:checked").length;
  const bar = document.getElementById("many");
  if (!bar) return;
  bar.hidden = ticked === 0;
  const words = bar.querySelector(".count");
  words.textContent = words.dataset.words.replace("{n}", ticked);
}

if (globalThis.htmx) {
  htmx.defineExtension("work", {
    isInlineSwap: (style) => style === "work",
    handleSwap(style, target, fragment) {
      if (style !== "work") return false;
      const fresh = fragment.querySelector(".work");
      const number = fresh.querySelector("#pane")?.dataset.number ?? "";
      const moved = walking() && number !== (selected()?.id ?? "");
      const put = takeIn(fresh, { keepPane: moved || (opening !== "" && number !== opening) });
      stepFrom(number !== "");
      return put;
    },
  });
  // A request from a row or its detail is for this same list, whose rows the page already has.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!detail.elt.closest("table.q, .pane")) return;
    detail.headers["List-Since"] = known();
    if (detail.verb === "get") detail.path = asLong(detail.path);
    if (detail.parameters.back) detail.parameters.back = asLong(detail.parameters.back);
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const row = detail.elt.matches("a.t") && detail.elt.closest("tr");
    if (row) select((opening = row.id));
    work()?.setAttribute("aria-busy", row ? "pane" : "list");
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.closest?.("tr")?.id === opening) opening = "";
    work()?.removeAttribute("aria-busy");
  });
  // The response is not a list, e.g. after signing out elsewhere: go there.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap || /class="work /.test(detail.serverResponse)) return;
    detail.shouldSwap = false;
    location.assign(detail.xhr.responseURL);
  });
  document.addEventListener("htmx:afterSettle", told);
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, broken);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#many [data-held]");
  const pill = event.target.closest?.("#pill");
  if (button) {
    event.preventDefault();
    const n = document.querySelectorAll("[name=number]:checked").length;
    if (n) hold(button.form, `${button.dataset.held} × ${n}`, button.formAction, sent);
  }
  if (pill) {
    askAfresh();
    renew();
  }
});
document.addEventListener("change", ({ target }) => {
  if (target.name === "number") count();
  // "Arrived" needs the phone's point as evidence; it is read only when that answer is chosen.
  if (target.name !== "kind" || target.value !== "arrival" || !navigator.geolocation) return;
  const fill = (name, value) => (target.form.querySelector(`[data-fills=${name}]`).value = value);
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    fill("lat", coords.latitude);
    fill("lon", coords.longitude);
  });
});
document.addEventListener("reset", ({ target }) => target.id === "many" && setTimeout(count));
// Back and reload are plain page loads; restore the list's scroll position.
addEventListener("pagehide", () => {
  const scroll = document.querySelector(".scroll");
  if (scroll) sessionStorage.setItem("scrolled", JSON.stringify([work().dataset.list, scroll.scrollTop]));
});
const [list, top] = JSON.parse(sessionStorage.getItem("scrolled") ?? "[]");
if (list && list === work()?.dataset.list) document.querySelector(".scroll").scrollTop = top;
stepFrom(Boolean(pane()));
restore();
count();
