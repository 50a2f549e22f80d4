// Checking in: adds the phone's point if the person asks for it; otherwise a photo is the evidence.
export function ready() {
  const button = document.querySelector("[data-locate]");
  if (button && navigator.geolocation) button.hidden = false;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-locate]");
  if (!button) return;
  const say = (text) => (document.querySelector("[data-located]").textContent = text);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.form.elements.lat.value = coords.latitude;
      button.form.elements.lon.value = coords.longitude;
      say(button.dataset.found);
    },
    () => say(button.dataset.lost),
    { enableHighAccuracy: true, timeout: 10000 },
  );
});
