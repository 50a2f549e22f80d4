// The outbox: what was said on this phone waits here until the city has it. An entry is written before
// anything is sent, goes out under its own id as Idempotency-Key, and stays until the person forgets
// it: a killed tab, a restarted browser or a lost answer neither loses it nor sends it twice.
// The service worker has this file in it, too (api/pages/frame/offline.py), and flushes where no tab is open
// any more, in browsers that wake it for that; so nothing here may need a page.
//
//   await put(entryOf({ url: "/api/v1/whistles", body, photos: { photos: [blob] }, about: "…" }));
//   await flush();
//
// An entry: {id, url, body, photos: {field of the body: [Blob]}, about, said, account, after, captured_at,
// lang, state, reason, answer}. `lang` is that of the page it was written on: what is refused is refused in it. `about` is shown in the list; `said` is for the page that wrote it, to fill its
// form again; once sent, of what was said only `about` and the answer stay. `url` may hold {number}: then `after` names the entry that raised it.
// `account`: under whose name it goes, null for nobody's. State and what it waits for:
//   waiting   the network, or the server                        goes by itself
//   sign-in   somebody who signs in as `account` again          goes after that
//   refused   the person: `reason` is the problem, as the server put it; never sent again by itself
//   sent      nobody; `answer` is what the server said, a receipt among it
const DATABASE = "shaodao";
const SYNC = "outbox"; // the name that the service worker is woken by
const PATIENCE = 90_000; // for one answer, on the slowest network
const SOONEST = 5_000; // until the next try; doubled up to LATEST
const LATEST = 300_000;
const GOES = new Set(["waiting", "sign-in"]); // the second as soon as the account is signed in again
const LATER = new Set([408, 425, 429]); // and every 5xx: the server's own trouble passes

let opening;
let flushing;
let again = false;
let pause = SOONEST;
let timer;
let sending = null;
const watchers = new Set();
const others = "BroadcastChannel" in self ? new BroadcastChannel("outbox") : null;
others?.addEventListener("message", () => tell(false));

function database() {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("entries", { keyPath: "id" });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opening;
}

async function within(store, mode, act) {
  const transaction = (await database()).transaction(store, mode, { durability: "strict" });
  const asked = act(transaction.objectStore(store));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = () => failed(transaction.error);
  });
}

// Small things beside the entries: a draft, a list to look things up in.
export const kept = (name) => within("kept", "readonly", (store) => store.get(name));
export const keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name));
export const drop = (name) => within("kept", "readwrite", (store) => store.delete(name));

export function entryOf(said) {
  const blank = { photos: {}, ids: {}, round: 0, about: "", account: null, after: null, reason: null, answer: null };
  return { ...blank, id: newId(), captured_at: new Date().toISOString(), lang: document.documentElement.lang, state: "waiting", ...said };
}

// randomUUID is only there on https and on this machine itself.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("");
}

// Every entry, the oldest first; the one being sent says so.
export async function all() {
  const found = await within("entries", "readonly", (store) => store.getAll());
  found.sort((one, other) => one.captured_at.localeCompare(other.captured_at));
  return found.map((entry) => ({ ...entry, sending: entry.id === sending }));
}

export const entry = (id) => within("entries", "readonly", (store) => store.get(id));

// On disk when this returns. An entry put again, corrected, goes out under the same id.
export async function put(entry) {
  const { sending: _, ...stored } = entry;
  await within("entries", "readwrite", (store) => store.put(stored));
  if (stored.state === "waiting") wake();
  tell();
  return stored;
}

// Have the service worker flush when there is signal, even if this page is closed by then. Not every
// browser does that; there it waits until a page is opened.
function wake() {
  self.navigator.serviceWorker?.ready.then(({ sync }) => sync?.register(SYNC)).catch(() => {});
}

// A refused entry as the person corrected it: its pictures are uploaded anew.
export const correct = (entry) =>
  put({ ...entry, ids: {}, round: entry.round + 1, state: "waiting", reason: null });

// Only ever by the person's own hand.
export async function forget(id) {
  await within("entries", "readwrite", (store) => store.delete(id));
  tell();
}

// `seen` is called with every entry now, and whenever one changes, in this tab or another.
export function watch(seen) {
  watchers.add(seen);
  all().then(seen, () => {}); // a browser that keeps nothing has nothing to show
}

async function tell(here = true) {
  if (here) others?.postMessage("changed");
  const entries = await all();
  watchers.forEach((seen) => seen(entries));
}

// Send what waits. One tab at a time; the others wait for it and find nothing left to do. Whether the
// server was reached: what waits on after that waits for the person.
export function flush() {
  again = flushing !== undefined;
  flushing ??= (navigator.locks ? navigator.locks.request("outbox", sendAll) : sendAll()).finally(() => {
    flushing = undefined;
    if (again) return flush();
  });
  return flushing;
}

async function sendAll() {
  const tried = new Set();
  for (;;) {
    const entries = await all();
    const next = entries.find((one) => GOES.has(one.state) && !tried.has(one.id) && ready(one, entries));
    if (!next) break;
    tried.add(next.id);
    sending = next.id;
    tell();
    const reached = await send(await entry(next.id)).finally(() => (sending = null));
    await tell();
    if (!reached) {
      later();
      return false;
    }
  }
  pause = SOONEST;
  return true;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(flush, pause);
  pause = Math.min(LATEST, pause * 2);
}

function ready(entry, entries) {
  if (!entry.after) return true;
  return entries.some((one) => one.id === entry.after && one.state === "sent");
}

// Whether the server was reached at all: if not, the others need not be tried.
async function send(entry) {
  try {
    if (entry.account && (await signedIn()) !== entry.account) {
      if (entry.state !== "sign-in") await put({ ...entry, state: "sign-in" });
      return true;
    }
    const answer = await command(entry);
    await put({ ...entry, state: "sent", answer, photos: {}, ids: {}, body: null, said: null, reason: null });
  } catch (trouble) {
    if (!(trouble instanceof Refused)) return false;
    const mended = mend(entry, trouble);
    if (mended) return send(await put(mended));
    const state = trouble.status === 401 && entry.account ? "sign-in" : "refused";
    await put({ ...entry, state, reason: trouble.problem });
  }
  return true;
}

class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail);
    Object.assign(this, { status, problem });
  }
}

// What a person need not be asked about: a picture uploaded so long ago that it was swept away goes up
// again; a phone's clock that runs ahead is evidence of nothing, and is left out.
function mend(entry, { problem }) {
  if (problem.code === "photo.unknown" && entry.round < 3) return { ...entry, ids: {}, round: entry.round + 1 };
  if (problem.code === "whistle.occurred_in_the_future" && entry.body.occurred_at) {
    const { occurred_at: _, ...body } = entry.body;
    return { ...entry, body };
  }
  return null;
}

// The account that this browser is signed in with now, or null.
async function signedIn() {
  const answer = await fetch("/api/v1/sessions/current", { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status >= 500) throw new TypeError("not now");
  return answer.ok ? (await answer.json()).username : null;
}

async function command(entry) {
  const body = { ...entry.body };
  for (const field of Object.keys(entry.photos)) body[field] = await uploaded(entry, field);
  return post(entry, await addressOf(entry), entry.id, JSON.stringify(body), "application/json");
}

async function addressOf({ url, after }) {
  if (!after) return url;
  return url.replace("{number}", (await entry(after)).answer.number);
}

// Each picture under a key of its own; its id is kept, so that the same body goes out each time.
async function uploaded(entry, field) {
  const ids = (entry.ids[field] ??= []);
  for (const [n, photo] of entry.photos[field].entries()) {
    if (ids[n]) continue;
    const form = new FormData();
    form.append("file", photo, "photo.jpg");
    ids[n] = (await post(entry, "/api/v1/photos", `${entry.id}-${field}-${entry.round}-${n}`, form)).id;
    await put(entry);
  }
  return ids;
}

async function post({ account, lang }, url, key, body, type) {
  const headers = { "Idempotency-Key": key, "Accept-Language": lang ?? navigator.language };
  if (type) headers["Content-Type"] = type;
  // What nobody in particular said goes without the cookie of whoever is signed in by then.
  const credentials = account ? "same-origin" : "omit";
  const answer = await fetch(url, { method: "POST", headers, body, credentials, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.ok) return answer.json();
  if (LATER.has(answer.status) || answer.status >= 500) throw new TypeError("not now");
  throw new Refused(answer.status, await answer.json().catch(() => ({ detail: answer.statusText })));
}

// Whenever there is a chance: now, when the network is back, when the person looks at the page again.
export function start() {
  addEventListener("online", () => {
    pause = SOONEST;
    flush();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  navigator.storage?.persist?.();
  return flush();
}
