// News of the own grid. At the top of the page the list is renewed in place; if the worker has scrolled
// down, a button announces the news, so that no line moves under the thumb.
const EVERY = 1500; // milliseconds between two renewals at least
const TOP = 80;
let heard = 0; // position of the newest event; the requested list must include it

export function live() {
  const news = document.querySelector("[data-stream]");
  if (!news) return;
  let stream;
  let waiting;
  const come = ({ data } = {}) => {
    if (data) heard = JSON.parse(data).position;
    waiting ??= setTimeout(async () => {
      waiting = undefined;
      if (scrollY < TOP && !document.querySelector(".halves :focus")) await renew(news).catch(() => {});
      else news.hidden = false;
    }, EVERY);
  };
  const listen = () => {
    stream?.close();
    if (document.hidden) return;
    stream = new EventSource(news.dataset.stream);
    stream.onmessage = come;
  };
  document.addEventListener("visibilitychange", () => {
    listen();
    if (!document.hidden) come();
  });
  news.addEventListener("click", () => renew(news).then(() => scrollTo(0, 0)).catch(() => {}));
  listen();
}

async function renew(news) {
  const answer = await fetch(heard ? `${location.pathname}?position=${heard}` : location.pathname);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of [".head", ".halves .lines", ".gm", "#clock-words"]) {
    const [here, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (here && fresh) here.replaceWith(document.adoptNode(fresh));
    else if (here || fresh) return location.reload(); // the map appears with the first whistle or goes with the last
  }
  document.dispatchEvent(new Event("clock:set"));
  news.hidden = true;
}
