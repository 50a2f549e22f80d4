// Suggests categories by the typed words: with signal, the two likeliest appear beside “not sure” for the
// person to tap. None is ever selected automatically.
const MOST = 2;
const PAUSE = 600;

export function kinds(form) {
  const chips = form.querySelector("[data-kinds]");
  const maybe = form.querySelector("[data-maybe]");
  const text = form.elements.text;
  const homes = new Map(); // suggested chip → its place in the whole list
  let waiting;
  let asked = "";

  function lift(code) {
    const chip = form.querySelector(`.group input[value="${CSS.escape(code)}"]`)?.closest(".chip");
    if (!chip) return;
    const home = document.createComment("");
    chip.before(home);
    homes.set(chip, home);
    chips.append(chip);
  }

  function sink() {
    for (const [chip, home] of homes) home.replaceWith(chip);
    homes.clear();
    maybe.hidden = true;
  }

  async function ask() {
    const said = text.value.trim();
    if (said.length < 2 || said === asked || form.elements.category.value || !navigator.onLine) return;
    asked = said;
    const body = JSON.stringify({ text: said });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/suggestions", { method: "POST", headers, body, credentials: "omit" }).catch(() => null);
    if (!answer?.ok || said !== text.value.trim() || form.elements.category.value) return;
    sink();
    for (const { code } of (await answer.json()).categories.slice(0, MOST)) lift(code);
    maybe.hidden = !homes.size;
  }

  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  text.addEventListener("change", ask);
  form.addEventListener("reset", () => {
    asked = "";
    sink();
  });
}
