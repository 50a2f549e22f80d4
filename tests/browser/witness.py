"""What a page showed when its test failed: told beside the failure, for it may not fail again."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Error, Page

ENOUGH = 1500  # letters of a page
LOOK = 5_000  # ms: a page that does not even answer this is said to be silent
HIDDEN = """
async () => {
  const registration = await navigator.serviceWorker?.getRegistration();
  const of = (name) => [name, registration?.[name]?.state];
  const states = ["installing", "waiting", "active"].map(of);
  const stores = (await indexedDB.databases()).map(({ name }) => name);
  return {
    ready: document.readyState,
    lang: document.documentElement.lang,
    online: navigator.onLine,
    worker: Object.fromEntries(states.filter(([, state]) => state)),
    controlled: Boolean(navigator.serviceWorker?.controller),
    caches: await caches.keys(),
    stores,
  };
}
"""


def pages_of(item: pytest.Item) -> Iterator[Page]:
    """Every page that the browsers of this test have open."""
    given = getattr(item, "funcargs", {})
    contexts: list[BrowserContext] = []
    for one in given.values():
        contexts += getattr(one, "contexts", [])
        own = getattr(one, "context", None)
        if isinstance(own, BrowserContext):
            contexts.append(own)
    for context in dict.fromkeys(contexts):
        yield from context.pages


def sight_of(page: Page) -> str:
    """Its address, its words, and what stands behind them: service worker, stores, network."""
    try:
        page.wait_for_function("() => true", timeout=LOOK)
        behind = json.dumps(page.evaluate(HIDDEN), ensure_ascii=False)
        words = page.locator("body").inner_text(timeout=LOOK)
    except Error as error:
        return f"{page.url}\nsilent: {error}"
    return f"{page.url}\n{behind}\n{words[:ENOUGH]}"
