// What this phone keeps for a day without signal: the service worker and, beside its pages, which
// account was last seen here. Signing out forgets both (sw.js).
const ACCOUNT = "account";

// The account whose name new entries of the outbox carry: as the page says, or, on a page that the
// phone itself kept, who was last signed in here. null: nobody in particular.
export async function account() {
  const { account: told } = document.body.dataset;
  if (told !== undefined) return told || null;
  if (!("caches" in self)) return null;
  const found = await (await caches.open(ACCOUNT)).match("/account");
  return (await found?.text()) || null;
}

async function remember(name) {
  if (!("caches" in self)) return;
  const cache = await caches.open(ACCOUNT);
  await (name ? cache.put("/account", new Response(name)) : cache.delete("/account"));
}

const { account: told } = document.body.dataset;
if (told !== undefined) remember(told);

// A worker that came to life while this page was on its way here does not answer for it by itself, and
// would not hear of signing out. It answers for it as soon as the page asks.
const answerForThis = ({ active }) => navigator.serviceWorker.controller ?? active.postMessage("claim");
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
  navigator.serviceWorker.ready.then(answerForThis);
}
