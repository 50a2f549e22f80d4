// For use without signal: registers the service worker, and stores which account was last signed in here.
// Signing out deletes the account (sw.js).
const ACCOUNT = "account";

// The account for new outbox entries: the one in the page, or, on a cached page, the one last signed in
// here. null: anonymous.
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

// A service worker that was activated while this page loaded does not control it and would not notice
// signing out. The page asks it to take control.
const answerForThis = ({ active }) => navigator.serviceWorker.controller ?? active.postMessage("claim");
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
  navigator.serviceWorker.ready.then(answerForThis);
}
