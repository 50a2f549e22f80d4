// Sends the forms of the grid worker's pages through the outbox: stored on the phone first, then sent.
// A refused entry returns to its form, or, if the form is gone, is shown beside the reason.
import { correct, entry, entryOf, flush, forget } from "./outbox.js";
import { smaller, unreadable } from "./photos.js";
import { account } from "./shell.js";

const HIDDEN = new Set(["csrf", "key", "back"]);
const pictures = new WeakMap(); // file input → its picture, made smaller

export function forms() {
  document.querySelectorAll("[data-slot]").forEach(slot);
  for (const form of document.querySelectorAll("form[data-command]")) form.addEventListener("submit", sending);
  const asked = new URLSearchParams(location.hash.slice(1)).get("entry");
  if (asked) entry(asked).then((one) => one && open(one));
}

// --- one picture: tap, see it, tap again to take it anew
function slot(place) {
  const input = place.querySelector("input[type=file]");
  place.dataset.live = "";
  const look = async () => {
    const [file] = input.files;
    if (!file) return;
    const picture = await smaller(file);
    unreadable(place, !picture);
    if (picture) show(place, picture);
    else input.value = "";
  };
  input.addEventListener("change", look);
  look(); // chosen before this script ran: otherwise it would be neither shown nor sent
}

function show(place, picture) {
  const input = place.querySelector("input[type=file]");
  pictures.set(input, picture);
  input.required = false;
  place.querySelector("img")?.remove();
  const seen = document.createElement("img");
  seen.src = URL.createObjectURL(picture);
  seen.alt = place.querySelector(".cap-words").textContent;
  seen.addEventListener("load", () => URL.revokeObjectURL(seen.src));
  place.querySelector("label").prepend(seen);
}

const files = (form) => [...form.querySelectorAll("input[type=file]")];
const taken = (form) =>
  Object.fromEntries(files(form).map((input) => [input.name, [pictures.get(input)].filter(Boolean)]));

// The form as a JSON body: booleans as such, empty fields left out.
const literal = (text) => (/^(true|false)$/.test(text) ? text === "true" : text);
function bodyOf(form) {
  const said = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || HIDDEN.has(name) || name.startsWith("kept-")) continue;
    if (value.trim() && value !== "null") said[name] = literal(value.trim());
  }
  return said;
}

async function sending(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button.primary");
  if (button.disabled) return;
  button.disabled = true;
  form.querySelector(".told").replaceChildren();
  try {
    await send(form);
  } catch {
    form.submit(); // this browser stores nothing: submit the plain form
  } finally {
    button.disabled = false;
  }
}

async function send(form) {
  const before = form.dataset.entry && (await entry(form.dataset.entry));
  const body = bodyOf(form);
  const stored = await correct({
    ...(before ?? entryOf({ account: await account() })),
    url: form.dataset.command,
    body,
    photos: taken(form),
    about: form.dataset.about,
    page: location.pathname,
    said: body,
  });
  form.dataset.entry = stored.id;
  await flush();
  const done = await entry(stored.id);
  if (done.state === "refused") return tell(form, "refused", done.reason);
  if (done.state === "sent") {
    await forget(done.id); // the page that opens next shows it as done
    return location.assign(`${location.pathname}?done=done&position=${done.answer.position}`);
  }
  tell(form, "kept");
}

function tell(form, name, reason) {
  const said = document.getElementById(`say-${name}`).content.cloneNode(true).firstElementChild;
  if (reason?.detail) said.querySelector("b").textContent = reason.detail;
  if (reason?.remedy) said.querySelector("p").textContent = reason.remedy;
  form.querySelector(".told").replaceChildren(said);
  said.scrollIntoView({ block: "center" });
  for (const { field, message } of reason?.errors ?? []) {
    const control = form.elements[field.split(".")[0]];
    if (control?.setAttribute) control.setAttribute("aria-invalid", "true");
    said.append(document.createElement("br"), message === reason.detail ? "" : message);
  }
}

// --- a refused entry: back in its form, or beside the reason if the form is gone
export function open(one) {
  if (!one.page || one.page !== location.pathname) return location.assign(`${one.page ?? "/"}#entry=${one.id}`);
  const form = document.querySelector(`form[data-command="${CSS.escape(one.url)}"]`);
  return form ? restore(form, one) : late(one);
}

function restore(form, one) {
  form.dataset.entry = one.id;
  for (const control of form.elements) {
    if (!(control.name in one.said)) continue;
    const said = String(one.said[control.name]);
    if (control.type === "radio") control.checked = control.value === said;
    else if (control.type !== "file" && control.type !== "hidden") control.value = said;
  }
  for (const input of files(form)) {
    const [picture] = one.photos[input.name] ?? [];
    if (picture) show(input.closest("[data-slot]"), picture);
  }
  tell(form, one.state === "refused" ? "refused" : "kept", one.reason);
}

function late(one) {
  const template = document.getElementById("late");
  document.querySelector(".late")?.remove();
  const box = template.content.cloneNode(true).firstElementChild;
  const say = (part, text) => (box.querySelector(`[data-${part}]`).textContent = text ?? "");
  say("detail", one.reason?.detail);
  say("remedy", one.reason?.remedy);
  const words = box.querySelector("textarea");
  words.value = one.said.note ?? one.said.text ?? "";
  const blobs = Object.values(one.photos).flat();
  const count = box.querySelector("[data-pictures]");
  count.textContent = count.dataset.pictures.replace("{n}", blobs.length);
  count.hidden = !blobs.length;
  const acts = {
    // The same entry under the same id, but as `amend`, which a whistle accepts at any time.
    amend: () => ({ url: one.url.replace(/[a-z-]+$/, "amend"), body: { text: words.value.trim() }, photos: { photos: blobs } }),
    again: () => ({ body: { ...one.body, ...(words.value.trim() && { note: words.value.trim() }) } }),
  };
  box.addEventListener("click", async ({ target }) => {
    const act = target.closest("[data-late]")?.dataset.late;
    if (!act) return;
    if (act === "forget") {
      if (confirm(target.dataset.sure)) await forget(one.id).then(() => box.remove());
      return;
    }
    const changed = acts[act]();
    if (changed.body.text === "") delete changed.body.text;
    await correct({ ...one, ...changed, said: changed.body });
    await flush();
    const done = await entry(one.id);
    if (done.state === "sent") return forget(one.id).then(() => location.assign(`${location.pathname}?done=done`));
    say("detail", done.reason?.detail ?? document.getElementById("say-kept").content.textContent);
    say("remedy", done.reason?.remedy);
  });
  document.querySelector("main").prepend(box);
  box.scrollIntoView({ block: "start" });
  box.focus();
}
