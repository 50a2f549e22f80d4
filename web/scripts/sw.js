// The service worker. The server writes SHELLS (address → the page without personal content that is shown
// for it), ASSETS and VERSION above this line: see api/pages/frame/offline.py. It caches only these by
// itself. A person's work is cached by that person's page (grid-kept.js); signing out empties it.
//
// It also sends the outbox when the browser wakes it. OUTBOX is outbox.js itself, inserted above by the
// server, because not all browsers support service workers that are modules.
const KEPT = "shell";
const WALK = "patrol";
const MAP = "/map/"; // cached when first opened; another plan has another address
const AGE = 3_600_000; // milliseconds after which a shown shell is revalidated in the background
const NEVER = 0; // the age of a shell cached before this worker could notice a new language or theme

self.addEventListener("install", (event) => event.waitUntil(fill(NEVER).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("message", (event) => event.data === "claim" && event.waitUntil(self.clients.claim()));

async function fill(at = Date.now()) {
  const cache = await caches.open(KEPT);
  await Promise.all([...ASSETS.map((address) => add(cache, address)), ...Object.values(SHELLS).map((page) => renew(cache, page, at))]);
}

async function add(cache, address) {
  if (!(await cache.match(address))) await cache.add(address);
}

// Stored with its time, for revalidation; an unchanged shell costs a few bytes.
async function renew(cache, page, at) {
  const old = await cache.match(page);
  const etag = old?.headers.get("ETag");
  const answer = await fetch(page, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status !== 304 && !answer.ok) throw new TypeError(`${page}: ${answer.status}`);
  const fresh = answer.status === 304 ? old : answer;
  const headers = new Headers(fresh.headers);
  headers.set("X-Kept", String(at));
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  await cache.put(page, new Response(await fresh.blob(), { headers }));
}

async function tidy() {
  const cache = await caches.open(KEPT);
  const wanted = new Set([...ASSETS, ...Object.values(SHELLS)]);
  const kept = await cache.keys();
  await Promise.all(kept.map((asked) => stays(wanted, new URL(asked.url).pathname) || cache.delete(asked)));
}

const stays = (wanted, path) => wanted.has(path) || path.startsWith(MAP);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "GET" && pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.method === "GET" && pathname.startsWith("/api/v1/photos/")) event.respondWith(orKept(request));
  else if (request.method === "GET" && pathname.startsWith(MAP)) event.respondWith(map(request));
  else if (request.mode !== "navigate") return;
  else if (request.method === "POST") after(event, pathname);
  else event.respondWith(page(event, SHELLS[pathname], search));
});

self.addEventListener("sync", (event) => event.tag === OUTBOX.SYNC && event.waitUntil(send()));

async function send() {
  if (!(await OUTBOX.flush())) throw new TypeError("not now"); // the browser retries, later each time
}

const asset = async (request) => (await caches.match(request)) ?? fetch(request);

async function map(request) {
  const found = await caches.match(request);
  if (found) return found;
  const answer = await fetch(request);
  const cache = await caches.open(KEPT);
  for (const asked of await cache.keys()) if (new URL(asked.url).pathname.startsWith(MAP)) await cache.delete(asked);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

// The cached page if there is one; otherwise from the city; without signal, the offline page.
async function page(event, shell, search) {
  const found = shell && (await caches.match(shell));
  if (found && !search) {
    const kept = Number(found.headers.get("X-Kept"));
    if (kept === NEVER) return (await refresh(), await caches.match(shell)) ?? found;
    if (Date.now() - kept > AGE) event.waitUntil(refresh());
    return found;
  }
  try {
    return await fetch(event.request);
  } catch (away) {
    const instead = found ?? (await walk(event.request)) ?? (await caches.match("/offline"));
    if (instead) return instead;
    throw away;
  }
}

// The grid worker's cached pages (grid-kept.js), if the city cannot be reached.
const walk = async (request) =>
  (await caches.has(WALK)) ? (await caches.open(WALK)).match(request, { ignoreSearch: request.mode === "navigate" }) : undefined;

async function orKept(request) {
  try {
    return await fetch(request);
  } catch (away) {
    const kept = await walk(request);
    if (kept) return kept;
    throw away;
  }
}

const refresh = () => fill().catch(() => {});

// On signing out, delete everything personal and keep the shells, because the signal may fail at any
// moment. On signing in, delete the previous person's. After a new language or theme, renew the shells.
function after(event, pathname) {
  if (!["/login", "/logout", "/look"].includes(pathname)) return;
  event.respondWith(
    fetch(event.request).then(async (answer) => {
      if (pathname === "/logout") for (const name of await caches.keys()) name === KEPT || (await caches.delete(name));
      else await caches.delete(pathname === "/login" ? WALK : KEPT);
      if (pathname === "/look") await caches.delete(WALK);
      event.waitUntil(refresh());
      return answer;
    }),
  );
}
