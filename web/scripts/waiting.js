// Two lists from the outbox: entries that wait, and entries that were sent. All texts come from the page's
// templates; this script only fills them in.
import { all, drop, entry, flush, forget, put, watch } from "./outbox.js";

// The city was reached and has no whistle with this code, so a retry makes no sense.
class Unknown extends Error {}

const template = (name) => document.getElementById(`entry-${name}`);

// The code is sent only in this header; the returned cookie opens /p for half an hour.
export async function openReceipt(code, then) {
  const answer = await fetch("/p/open", { method: "POST", headers: { Authorization: `Receipt ${code}` } });
  if (answer.status >= 500) throw new TypeError("not now");
  if (!answer.ok) throw new Unknown(String(answer.status));
  location.assign(then);
}

function drawn(one) {
  const name = one.sending ? "sending" : one.state === "sent" && !one.answer?.receipt ? "sent-own" : one.state;
  const item = template(name).content.cloneNode(true).firstElementChild;
  const say = (part, text) => {
    const place = item.querySelector(`[data-${part}]`);
    if (place) place.textContent = text ?? "";
  };
  say("about", one.about);
  say("when", new Date(one.captured_at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }));
  say("reason", one.reason && [one.reason.detail, one.reason.remedy].filter(Boolean).join(" "));
  say("number", one.answer?.number);
  say("code", one.answer?.receipt);
  say("account", one.account);
  item.querySelector("[data-left-out]")?.toggleAttribute("hidden", !one.left_out);
  item.querySelectorAll("[data-do]").forEach((button) => {
    button.dataset.id = one.id;
    if (button.dataset.do === "whistle") button.href = `/w/${one.answer.number}`;
  });
  return item;
}

// `edit` puts a refused entry back into the form, if this page has one; `sent` is called with each entry
// that was sent while this page was open.
export function lists({ edit, sent: heard } = {}) {
  let before = new Set();
  const outbox = document.getElementById("outbox");
  const mine = document.getElementById("mine");

  watch((entries) => {
    const waiting = entries.filter((one) => one.state !== "sent");
    const sent = entries.filter((one) => one.state === "sent").reverse();
    sent.filter((one) => before.has(one.id)).forEach((one) => heard?.(one));
    before = new Set(waiting.map((one) => one.id));
    if (outbox) {
      outbox.hidden = !waiting.length;
      outbox.querySelector("[data-count]").textContent = waiting.length;
      const states = new Set(waiting.map((one) => (one.sending ? "sending" : one.state)));
      const first = ["refused", "sign-in", "sending", "waiting"].find((state) => states.has(state));
      outbox.querySelectorAll("[data-why]").forEach((why) => (why.hidden = why.dataset.why !== first));
      if (first === "refused" || first === "sign-in") outbox.dataset.needs = "";
      else delete outbox.dataset.needs;
      outbox.querySelector("ul").replaceChildren(...waiting.map(drawn));
    }
    if (mine) {
      mine.hidden = !sent.length;
      mine.querySelector("[data-count]").textContent = sent.length;
      mine.querySelector("ul").replaceChildren(...sent.map(drawn));
    }
  });

  const acts = {
    edit: async ({ id }) => {
      const one = await entry(id);
      if (one.page && one.page !== location.pathname) location.assign(`${one.page}#entry=${id}`);
      else edit?.(one);
    },
    retry: async ({ id }) => {
      await put({ ...(await entry(id)), state: "waiting" });
      await flush();
    },
    forget: async ({ id, sure }) => confirm(sure) && forget(id),
    progress: async ({ id }) => openReceipt((await entry(id)).answer.receipt, "/p"),
    receipt: async ({ id }) => openReceipt((await entry(id)).answer.receipt, "/p/receipt"),
    all: async ({ sure }) => {
      if (!confirm(sure)) return;
      for (const one of await all()) if (one.state === "sent") await forget(one.id);
      await drop("draft");
    },
  };
  const failed = (button, why) => {
    const place = button.closest("li, section");
    for (const name of ["away", "unknown"]) place.toggleAttribute(`data-${name}`, name === why);
  };
  const press = ({ target }) => {
    const button = target.closest("button[data-do]");
    if (!button) return;
    acts[button.dataset.do](button.dataset).catch((trouble) => failed(button, trouble instanceof Unknown ? "unknown" : "away"));
  };
  outbox?.addEventListener("click", press);
  mine?.addEventListener("click", press);
}
