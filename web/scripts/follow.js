// Renews a page after each event of its stream, and every half minute; not while in the background.
// Shows whether the connection is up, and if not, how old the page is.
const POLL = 30000;
const strip = () => document.getElementById("strip");
let stream = null;

export const mended = () => (strip().hidden = true);

export function broken() {
  const at = new Date().toTimeString().slice(0, 5);
  strip().querySelector("b").textContent = strip().dataset.words.replace("{at}", at);
  strip().hidden = false;
}

function say(alive) {
  const live = document.getElementById("live");
  live.textContent = alive ? live.dataset.on : live.dataset.off;
  live.classList.toggle("on", alive);
}

function listen(address, news) {
  stream?.close();
  stream = new EventSource(address());
  stream.onopen = () => say(true);
  stream.onerror = () => say(false);
  stream.onmessage = ({ data }) => news(JSON.parse(data));
}

// `address`: of the stream; `news`: called with each event; `renew`: requests the page again.
export function follow(address, { news, renew }) {
  listen(address, news);
  setInterval(() => document.hidden || renew(), POLL);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream.close();
    else {
      listen(address, news);
      renew();
    }
  });
  document.addEventListener("click", ({ target }) => target.closest?.("#strip button") && renew());
}
