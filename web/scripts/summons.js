// Checking in: the phone's point goes along when the person asks for it; without it a photo does.
const button = document.querySelector("[data-locate]");
if (button && navigator.geolocation) {
  const say = (text) => (document.querySelector("[data-located]").textContent = text);
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.form.elements.lat.value = coords.latitude;
        button.form.elements.lon.value = coords.longitude;
        say(button.dataset.found);
      },
      () => say(button.dataset.lost),
      { enableHighAccuracy: true, timeout: 10000 },
    ),
  );
}
