// A page that renews itself: told of each event as it happens, and asked every half minute besides;
// in the background it rests. Says whether the line stands, and of when the page is when it does not.
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

// `address` of the stream, `news` takes an event, `renew` asks for the page again.
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
