// The place: the phone's point (only if the person asks for it or has allowed it before), a tap on the
// city's map, or a grid's name. There is one place at a time; the last one picked counts.
export function places(form, changed) {
  const field = (name) => form.elements[name];
  const card = form.querySelector("[data-where]");
  const said = card.querySelector("[data-place]");
  const precision = card.querySelector("[data-precision]");
  const words = { place: said.textContent, precision: precision.textContent, ...card.dataset };
  const map = card.querySelector("[data-map-here]");
  const pin = card.querySelector("[data-pin]");
  const mini = card.querySelector("[data-mini]");
  const locate = card.querySelector("[data-locate]");
  const point = card.querySelector("[data-point]");

  function tell(name, detail) {
    said.textContent = name || words.place;
    precision.textContent = detail || words.precision;
  }

  function forgetPoint() {
    for (const name of ["lat", "lon", "accuracy_m"]) field(name).value = "";
  }

  // --- the phone's point
  async function found({ coords }) {
    locate.removeAttribute("aria-busy");
    const inexact = Math.round(coords.accuracy);
    field("lat").value = coords.latitude;
    field("lon").value = coords.longitude;
    field("accuracy_m").value = inexact;
    field("grid").value = "";
    tell(words.noted, `±${inexact} m`);
    changed();
    const body = new URLSearchParams({
      csrf: field("csrf").value,
      lat: coords.latitude,
      lon: coords.longitude,
      accuracy_m: inexact,
    });
    const answer = await fetch("/place", { method: "POST", body }).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) return; // without signal, or on an old page, the point alone is enough
    const { name, within, grid } = await answer.json();
    tell(name, answer.ok ? `${within} ±${inexact} m` : within);
    if (answer.ok) show(grid);
    else forgetPoint();
    changed();
  }

  function missed() {
    locate.removeAttribute("aria-busy");
    tell(words.place, words.missed);
    open();
  }

  function ask() {
    locate.setAttribute("aria-busy", "true");
    const exactly = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(found, missed, exactly);
  }

  // --- the map: a street first, then a grid in it
  let drawing;
  const picture = () =>
    (drawing ??= fetch(words.map)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((text) => new DOMParser().parseFromString(text, "image/svg+xml").documentElement)
      .catch(() => (drawing = null)));

  async function open() {
    if (map.firstElementChild?.tagName === "svg") return void (map.hidden = false);
    const svg = await picture();
    if (!svg) return void (precision.textContent = words.nomap);
    map.querySelector("svg")?.remove();
    map.prepend(svg.cloneNode(true));
    map.hidden = false;
    point.setAttribute("aria-expanded", "true");
    if (field("grid").value) mark(field("grid").value);
    map.scrollIntoView({ block: "nearest" });
  }

  function around(svg, shape, margin) {
    const { x, y, width, height } = shape.getBBox();
    const by = Math.max(width, height) * margin;
    svg.setAttribute("viewBox", `${x - by} ${y - by} ${width + 2 * by} ${height + 2 * by}`);
  }

  function whole() {
    const svg = map.querySelector("svg");
    svg.setAttribute("viewBox", svg.dataset.whole);
    map.querySelector("[data-back]").hidden = true;
    delete svg.dataset.street;
  }

  function press({ target }) {
    if (target.closest("[data-back]")) return whole();
    const grid = target.closest("[data-grid]");
    if (!grid) return;
    const svg = map.querySelector("svg");
    const group = grid.parentNode;
    svg.dataset.whole ??= svg.getAttribute("viewBox");
    if (svg.dataset.street !== group.dataset.street) {
      svg.dataset.street = group.dataset.street;
      around(svg, group, 0.03);
      map.querySelector("[data-back]").hidden = false;
      map.querySelector("[data-street-name]").textContent = group.dataset.street;
      return;
    }
    field("grid").value = grid.dataset.grid;
    pick();
  }

  function mark(code) {
    map.querySelector(".here")?.classList.remove("here");
    map.querySelector(`[data-grid="${code}"]`)?.classList.add("here");
  }

  // A small map of the grid and its surroundings, beside its name.
  async function show(code) {
    const svg = code && (await picture());
    mini.hidden = !svg;
    pin.hidden = Boolean(svg);
    if (!svg) return;
    const copy = svg.cloneNode(true);
    copy.querySelectorAll("text, .street").forEach((one) => one.remove());
    copy.setAttribute("preserveAspectRatio", "xMidYMid slice");
    mini.replaceChildren(copy);
    const here = copy.querySelector(`[data-grid="${code}"]`);
    if (!here) return void show(null);
    here.classList.add("here");
    around(copy, here, 0.45);
  }

  // --- a grid by name or by tap
  function pick() {
    const grid = field("grid");
    forgetPoint();
    mark(grid.value);
    tell(grid.value && grid.selectedOptions[0].text, grid.value && grid.selectedOptions[0].parentNode.label);
    show(grid.value);
    changed();
  }

  field("grid").addEventListener("change", pick);
  field("address").addEventListener("change", changed);
  map.addEventListener("click", press);
  point.hidden = false;
  point.addEventListener("click", () => {
    if (map.hidden) return open();
    map.hidden = true;
    point.setAttribute("aria-expanded", "false");
  });
  if (navigator.geolocation) {
    locate.hidden = false;
    locate.addEventListener("click", ask);
  }

  return {
    // Read without a tap only if the person allowed it before and nothing is chosen yet.
    begin() {
      const before = navigator.geolocation && navigator.permissions?.query({ name: "geolocation" });
      before?.then(({ state }) => state === "granted" && !field("grid").value && !field("lat").value && ask());
    },
    // Show the place in the fields, e.g. after a draft was restored.
    refresh() {
      map.hidden = true;
      point.setAttribute("aria-expanded", "false");
      if (map.querySelector("svg[data-whole]")) whole();
      mark(field("grid").value);
      if (field("grid").value) pick();
      else if (field("lat").value) tell(words.noted, `±${field("accuracy_m").value} m`);
      else tell();
      if (!field("grid").value) show(null);
    },
  };
}
