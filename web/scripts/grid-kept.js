// Caches what a patrol without signal needs, for the signed-in worker only: the map, the patrol, the form,
// and each whistle that waits for him, with the unit's pictures. Signing out, or another person's signing
// in, empties the cache (sw.js).
import { account } from "./shell.js";

const CACHE = "patrol";
const MARK = "X-Mark"; // the version for which a page was cached; if unchanged, it is not fetched again

export async function keepForTheWalk() {
  const name = await account();
  if (!name || !("caches" in self) || !navigator.onLine) return;
  const cache = await ofOwner(name);
  const answer = await fetch("/grid/patrol");
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
  if (!page.body.dataset.kept) return;
  const { pages, assets } = JSON.parse(page.body.dataset.kept);
  await Promise.all(assets.map(async (address) => (await cache.match(address)) ?? cache.add(address)));
  const wanted = new Set([...assets, "/owner"]);
  for (const [address, mark] of pages) {
    wanted.add(address);
    const old = await cache.match(address);
    const known = address === "/grid/patrol" ? answer : null;
    const fresh = mark && old?.headers.get(MARK) === mark ? old : await fetched(cache, address, mark, known);
    for (const picture of (fresh?.headers.get("X-Pictures") ?? "").split(" ").filter(Boolean)) {
      wanted.add(picture);
      if (!(await cache.match(picture))) await cache.add(picture).catch(() => {});
    }
  }
  for (const { url } of await cache.keys()) {
    const { pathname, search } = new URL(url);
    if (!wanted.has(pathname + search)) await cache.delete(url);
  }
  document.querySelector("[data-kept-so]")?.removeAttribute("hidden");
}

async function ofOwner(name) {
  const owner = await (await caches.open(CACHE)).match("/owner");
  if (owner && (await owner.text()) !== name) await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await cache.put("/owner", new Response(name));
  return cache;
}

async function fetched(cache, address, mark, known) {
  const answer = known ?? (await fetch(address));
  if (!answer.ok || answer.redirected) return null;
  const text = await answer.text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const pictures = [...page.querySelectorAll('img[src^="/api/v1/photos/"]')].map((one) => one.getAttribute("src"));
  const headers = { "Content-Type": "text/html; charset=utf-8", "X-Pictures": [...new Set(pictures)].join(" ") };
  const policy = answer.headers.get("Content-Security-Policy");
  if (policy) headers["Content-Security-Policy"] = policy;
  if (mark) headers[MARK] = mark;
  const kept = text.replace("<body", `<body data-kept-at="${new Date().toISOString()}"`);
  await cache.put(address, new Response(kept, { headers }));
  return new Response(null, { headers });
}
