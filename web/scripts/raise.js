// Scripts of the raise page. It works without signal: the form goes into the outbox first and is sent from
// there. A draft survives a killed tab; 110/119/120 appear for words of danger; open whistles nearby are
// offered before sending.
import { kinds } from "./kinds.js";
import { correct, drop, entry, entryOf, flush, keep, kept, put, start } from "./outbox.js";
import { slots } from "./photos.js";
import { places } from "./place.js";
import { account } from "./shell.js";
import { lists, openReceipt } from "./waiting.js";

const form = document.getElementById("raise");
const button = document.querySelector("button[form=raise][data-send]");
const near = document.getElementById("nearby");
const TEXTS = ["text", "address", "grid", "lat", "lon", "accuracy_m", "name", "phone"];
const SWITCHES = ["anonymous", "confidential"];
const CHOICES = ["urgency", "category", ...(form.elements.source ? ["source"] : [])];

const photos = slots(form.querySelector("[data-photos]"), changed);
let typing;
let asking;
const place = places(form, () => {
  changed();
  look();
});
kinds(form);
lists({ edit, sent });

// --- reading the form
function filled() {
  const fields = Object.fromEntries([...TEXTS, ...CHOICES].map((name) => [name, form.elements[name].value.trim()]));
  return { ...fields, ...Object.fromEntries(SWITCHES.map((name) => [name, form.elements[name].checked])) };
}

// The form as a JSON body, without empty fields.
function bodyOf(said) {
  const part = (names) => Object.fromEntries(names.filter((name) => said[name]).map((name) => [name, said[name]]));
  const point = said.lat ? { lat: Number(said.lat), lon: Number(said.lon), accuracy_m: Number(said.accuracy_m) } : {};
  const location = { ...(said.grid ? { grid: said.grid } : point), ...part(["address"]) };
  const reporter = part(["name", "phone"]);
  return {
    text: said.text,
    anonymous: said.anonymous,
    confidential: said.confidential,
    ...part(CHOICES),
    ...(Object.keys(location).length && { location }),
    ...(Object.keys(reporter).length && { reporter }),
  };
}

// --- the draft: stored while typing, restored after a reload, deleted once in the outbox
function changed() {
  clearTimeout(typing);
  typing = setTimeout(() => keep(form.dataset.draft, { ...filled(), photos: photos.list, entry: form.dataset.entry }).catch(() => {}), 300);
}

// A page refused by the server already contains the typed text.
const answeredAlready = () => form.querySelector("[role=alert], .kept") || near.firstElementChild;

async function restore(draft) {
  if (!draft) return false;
  for (const name of TEXTS) form.elements[name].value = draft[name] ?? "";
  for (const name of CHOICES) {
    const choice = form.querySelector(`[name=${name}][value="${CSS.escape(draft[name] ?? "")}"]`);
    if (choice) choice.checked = true;
  }
  for (const name of SWITCHES) form.elements[name].checked = Boolean(draft[name]);
  for (const more of form.querySelectorAll("details")) {
    more.open ||= [...more.querySelectorAll("input")].some((one) => (one.type === "radio" ? one.checked : one.value));
  }
  photos.list = draft.photos ?? [];
  if (draft.entry && (await entry(draft.entry))) form.dataset.entry = draft.entry;
  place.refresh();
  alarm();
  confide();
  return true;
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);

// --- sending: into the outbox, then, with signal, at once to the city
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.disabled) return;
  button.disabled = true;
  clear();
  try {
    await send(event.submitter?.name === "join" ? event.submitter.value : null);
  } catch {
    form.submit(); // this browser stores nothing, e.g. in a private window: submit the plain form
  } finally {
    button.disabled = false;
  }
});

async function send(number) {
  const said = filled();
  const before = form.dataset.entry && (await entry(form.dataset.entry));
  const fresh = before ?? entryOf({ account: said.anonymous ? null : await account() });
  form.elements.key.value = fresh.id; // the plain form, if it comes to that, is the same report
  const body = bodyOf(said);
  const stored = await correct({
    ...fresh,
    url: number ? "/api/v1/nearby/join" : "/api/v1/whistles",
    body: number ? { ...joining(body), number } : { ...body, occurred_at: fresh.captured_at },
    photos: { photos: photos.list },
    page: location.pathname,
    about: said.text.slice(0, 60) || `${form.dataset.pictures} × ${photos.list.length}`,
    said,
  });
  form.dataset.entry = stored.id;
  await flush();
  await answered(await entry(stored.id));
}

const joining = ({ urgency: _, source: __, confidential: ___, ...rest }) => rest;

async function answered(done) {
  if (done.state === "refused") return refused(done.reason);
  delete form.dataset.entry;
  form.reset();
  photos.list = [];
  place.refresh();
  near.replaceChildren();
  alarm();
  confide();
  clearTimeout(typing);
  await drop(form.dataset.draft);
  const less = done.left_out ? "done=left-out" : "";
  if (done.state === "sent" && done.answer.receipt) {
    await openReceipt(done.answer.receipt, `/p/receipt?${less}`).catch(() => tell("kept"));
  } else if (done.state === "sent") location.assign(`/w/${done.answer.number}?position=${done.answer.position}&${less}`);
  else tell("kept");
}

// --- messages
function tell(name, message = "", remedy = "") {
  const said = document.getElementById(`say-${name}`).content.cloneNode(true).firstElementChild;
  if (message) said.querySelector("b").textContent = message;
  if (remedy) said.querySelector("p").textContent = remedy;
  document.getElementById("told").replaceChildren(said);
  document.getElementById("told").scrollIntoView({ block: "nearest" });
}

function clear() {
  document.getElementById("told").replaceChildren();
  form.querySelectorAll(".oops[data-live]").forEach((one) => one.remove());
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
}

function refused({ detail, remedy, errors = [] }) {
  tell("refused", detail, remedy);
  let first;
  for (const { field, message } of errors) {
    const name = field.startsWith("location") ? "address" : field.split(".").pop().replace("file", "photos");
    const control = form.querySelector(`#${CSS.escape(name)}`);
    if (!control) continue;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${name}-said`);
    const oops = document.createElement("p");
    oops.className = "oops";
    oops.id = `${name}-said`;
    oops.dataset.live = "";
    oops.textContent = message;
    (control.closest(".field, fieldset") ?? control.parentNode).append(oops);
    control.closest("details")?.setAttribute("open", "");
    first ??= control;
  }
  first?.focus();
}

// A waiting entry was sent while the page is open: show its code.
function sent(one) {
  if (one.id === form.dataset.entry || !one.answer.receipt) return;
  tell("sent");
  document.querySelector("#told [data-number]").textContent = one.answer.number;
  document.querySelector("#told [data-code]").textContent = one.answer.receipt;
  document.querySelector("#told [data-left-out]").hidden = !one.left_out;
}

// Puts a refused entry from the list back into the form, to be corrected and sent again.
async function edit(one) {
  await restore({ ...one.said, photos: one.photos.photos, entry: one.id });
  clear();
  refused(one.reason ?? {});
  changed();
}

// --- words of danger, from the city's list in the page
const danger = document.querySelector(".danger");
const alarming = form.dataset.emergency.split("|").filter(Boolean);
function alarm() {
  danger.toggleAttribute("data-on", alarming.some((word) => form.elements.text.value.includes(word)));
}
form.elements.text.addEventListener("input", alarm);

// --- sensitive words, from the same list that the city reads: they close the report, also without the switch
const sensitive = new RegExp(form.dataset.sensitive);
const BETWEEN = /[\s\u200b-\u200f\u2060\ufeff·.*_~|/\\-]+/gu;
function confide() {
  const found = sensitive.test(form.elements.text.value.normalize("NFKC").replace(BETWEEN, ""));
  if (found) form.elements.confidential.checked = true;
  form.querySelector("[data-closed]").hidden = !found;
}
form.elements.text.addEventListener("input", confide);

// --- open whistles nearby: requested a moment after typing stops, with signal
function look() {
  clearTimeout(asking);
  asking = setTimeout(nearby, 600);
}

async function nearby() {
  const { text, category, grid, lat, address } = filled();
  if (!(text || category) || !(grid || lat || address) || !navigator.onLine) return;
  const asked = new FormData(form);
  asked.delete("photos");
  const answer = await fetch("/nearby", { method: "POST", body: asked }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.textContent.trim() !== near.textContent.trim()) near.replaceChildren(...page.body.childNodes);
}
form.elements.text.addEventListener("input", look);
form.querySelectorAll("[name=category]").forEach((one) => one.addEventListener("change", look));

// --- the button's label without signal
function network() {
  button.textContent = navigator.onLine ? button.dataset.send : button.dataset.keep;
  document.getElementById("off").hidden = navigator.onLine;
}
addEventListener("online", network);
addEventListener("offline", network);
network();

// --- last, because it needs everything above
if (answeredAlready() || !(await restore(await kept(form.dataset.draft).catch(() => null)))) place.refresh();
const asked = new URLSearchParams(location.hash.slice(1)).get("entry"); // entry chosen in the list of another page
if (asked) await entry(asked).then((one) => one && edit(one));
place.begin();
start().catch(() => {});
