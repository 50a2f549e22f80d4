// The outbox: reports and commands wait here on the phone until the city has them. An entry is stored
// before anything is sent, is sent with its id as Idempotency-Key, and stays until the person deletes it:
// a killed tab, a restarted browser or a lost response neither loses it nor sends it twice.
// The service worker contains this file too (api/pages/frame/offline.py) and flushes when no tab is open,
// in browsers that wake it for that; so nothing here may depend on a page.
//
//   await put(entryOf({ url: "/api/v1/whistles", body, photos: { photos: [blob] }, about: "…" }));
//   await flush();
//
// An entry: {id, url, body, photos: {field of the body: [Blob]}, about, said, account, after, captured_at,
// lang, state, reason, answer, left_out}. `left_out`: how many pictures the city could not open; what else
// was said is sent without them. `lang`: language of the page, for refusals. `about`: text for the list.
// `said`: the page's fields, to fill the form again; after sending only `about` and the answer are kept.
// `url` may contain {number}: then `after` is the id of the entry that raised the whistle. `account`: the
// sender, null: anonymous.
// State and what it waits for:
//   waiting   the network, or the server                        sent automatically
//   sign-in   somebody who signs in as `account` again          sent after that
//   refused   the person: `reason` is the problem, as the server put it; never resent automatically
//   sent      nobody; `answer` is what the server said, a receipt among it
const DATABASE = "shaodao";
const SYNC = "outbox"; // tag of the background sync
const PATIENCE = 90_000; // milliseconds to wait for one response, on the slowest network
const SOONEST = 5_000; // milliseconds until the next try; doubled up to LATEST
const LATEST = 300_000;
const GOES = new Set(["waiting", "sign-in"]); // states to send; `sign-in` once the account is signed in
const LATER = new Set([408, 425, 429]); // statuses to retry, with every 5xx
const NO_PICTURE = new Set(["photo.unreadable", "photo.too_large", "body.too_large"]); // of an upload

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

// Small values beside the entries: a draft, a look-up list.
export const kept = (name) => within("kept", "readonly", (store) => store.get(name));
export const keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name));
export const drop = (name) => within("kept", "readwrite", (store) => store.delete(name));

export function entryOf(said) {
  const blank = { photos: {}, ids: {}, left_out: 0, round: 0, about: "", account: null, after: null, reason: null, answer: null };
  return { ...blank, id: newId(), captured_at: new Date().toISOString(), lang: document.documentElement.lang, state: "waiting", ...said };
}

// randomUUID exists only on https and on localhost.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("");
}

// Every entry, the oldest first; the one being sent is marked.
export async function all() {
  const found = await within("entries", "readonly", (store) => store.getAll());
  found.sort((one, other) => one.captured_at.localeCompare(other.captured_at));
  return found.map((entry) => ({ ...entry, sending: entry.id === sending }));
}

export const entry = (id) => within("entries", "readonly", (store) => store.get(id));

// Stored on disk when this returns. A corrected entry is put again and sent under the same id.
export async function put(entry) {
  const { sending: _, ...stored } = entry;
  await within("entries", "readwrite", (store) => store.put(stored));
  if (stored.state === "waiting") wake();
  tell();
  return stored;
}

// Asks the service worker to flush when there is signal, even if this page is closed by then. Browsers
// without background sync wait until a page is opened.
function wake() {
  self.navigator.serviceWorker?.ready.then(({ sync }) => sync?.register(SYNC)).catch(() => {});
}

// Puts a refused entry that the person corrected; its pictures are uploaded again.
export const correct = (entry) =>
  put({ ...entry, ids: {}, left_out: 0, round: entry.round + 1, state: "waiting", reason: null });

// Deletes an entry; only the person may ask for it.
export async function forget(id) {
  await within("entries", "readwrite", (store) => store.delete(id));
  tell();
}

// Calls `seen` with all entries now, and whenever one changes, in this tab or another.
export function watch(seen) {
  watchers.add(seen);
  all().then(seen, () => {}); // a browser without storage has no entries
}

async function tell(here = true) {
  if (here) others?.postMessage("changed");
  const entries = await all();
  watchers.forEach((seen) => seen(entries));
}

// Sends the waiting entries, in one tab at a time; other tabs wait and then find nothing to send. Returns
// whether the server was reached: entries that still wait then need the person.
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

// Sends one entry. Returns whether the server was reached; if not, the others are not tried.
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

// Refusals that are fixed without the person: an uploaded picture that was deleted meanwhile is uploaded
// again; a time in the future, from a wrong phone clock, is left out.
function mend(entry, { problem }) {
  if (problem.code === "photo.unknown" && entry.round < 3) return { ...entry, ids: {}, left_out: 0, round: entry.round + 1 };
  if (problem.code === "whistle.occurred_in_the_future" && entry.body.occurred_at) {
    const { occurred_at: _, ...body } = entry.body;
    return { ...entry, body };
  }
  return null;
}

// The account signed in in this browser now, or null.
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

// Uploads each picture under its own key and stores its id, so that the body is the same each time. The id
// of one that cannot be opened is null: the words go without it.
async function uploaded(entry, field) {
  const ids = (entry.ids[field] ??= []);
  for (const [n, photo] of entry.photos[field].entries()) {
    if (ids[n] !== undefined) continue;
    ids[n] = await upload(entry, photo, `${entry.id}-${field}-${entry.round}-${n}`);
    if (ids[n] === null) entry.left_out = (entry.left_out ?? 0) + 1;
    await put(entry);
  }
  return ids.filter(Boolean);
}

async function upload(entry, photo, key) {
  const form = new FormData();
  form.append("file", photo, "photo.jpg");
  try {
    return (await post(entry, "/api/v1/photos", key, form)).id;
  } catch (trouble) {
    if (trouble instanceof Refused && NO_PICTURE.has(trouble.problem.code)) return null;
    throw trouble;
  }
}

async function post({ account, lang }, url, key, body, type) {
  const headers = { "Idempotency-Key": key, "Accept-Language": lang ?? navigator.language };
  if (type) headers["Content-Type"] = type;
  // An anonymous entry is sent without the cookie of a person who has signed in meanwhile.
  const credentials = account ? "same-origin" : "omit";
  const answer = await fetch(url, { method: "POST", headers, body, credentials, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.ok) return answer.json();
  if (LATER.has(answer.status) || answer.status >= 500) throw new TypeError("not now");
  throw new Refused(answer.status, await answer.json().catch(() => ({ detail: answer.statusText })));
}

// Flush now, when the network is back, and when the page becomes visible again.
export function start() {
  addEventListener("online", () => {
    pause = SOONEST;
    flush();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  navigator.storage?.persist?.();
  return flush();
}
