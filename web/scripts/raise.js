// What the raise page gains with scripts: pictures seen before sending and made small, the place
// from the phone, 110/119/120 as soon as the words ask for it, and no second whistle by a second tap.
import { start } from "./outbox.js";
import "./shell.js";

const form = document.getElementById("raise");

// Photos: one list, kept in the file input itself, so that sending stays the form's business.
const shoot = form.querySelector("[data-photos]");
const input = shoot.querySelector("input[type=file]");
const most = Number(shoot.dataset.photos);
let photos = [];

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.75));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // not a picture that this browser can open: the server says what is wrong with it
  }
}

function drawPhotos() {
  const transfer = new DataTransfer();
  photos.forEach((photo) => transfer.items.add(photo));
  input.files = transfer.files;
  shoot.querySelectorAll(".shot").forEach((slot) => {
    const picture = slot.querySelector("img");
    if (picture) URL.revokeObjectURL(picture.src);
    slot.remove();
  });
  for (let n = 0; n < Math.max(2, photos.length); n++) shoot.append(slotOf(n));
  shoot.classList.toggle("three", photos.length > 2);
  shoot.querySelector(".cap-words").textContent = photos.length ? shoot.dataset.more : words;
}

function slotOf(n) {
  const slot = document.createElement("div");
  slot.className = photos[n] ? "shot" : "shot add";
  if (!photos[n]) {
    slot.setAttribute("aria-hidden", "true");
    slot.append(`${n + 1} / ${most}`);
    return slot;
  }
  const picture = document.createElement("img");
  picture.src = URL.createObjectURL(photos[n]);
  picture.alt = `${n + 1} / ${most}`;
  const size = document.createElement("span");
  size.className = "cap";
  size.textContent = `${Math.ceil(photos[n].size / 1024)} KB`;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = "×";
  drop.setAttribute("aria-label", `${shoot.dataset.drop} ${n + 1}`);
  drop.addEventListener("click", () => {
    photos.splice(n, 1);
    drawPhotos();
    input.focus();
  });
  slot.append(picture, size, drop);
  return slot;
}

const words = shoot.querySelector(".cap-words").textContent;
shoot.dataset.live = "";
input.addEventListener("change", async () => {
  const chosen = await Promise.all([...input.files].map(smaller));
  photos = [...photos, ...chosen].slice(0, most);
  drawPhotos();
});

// Place: only when the person asks for it, or has allowed it before.
const locate = form.querySelector("[data-locate]");
const fill = (name, value) => (form.querySelector(`[data-fills=${name}]`).value = value);

function found({ coords }) {
  fill("lat", coords.latitude);
  fill("lon", coords.longitude);
  fill("accuracy", Math.round(coords.accuracy));
  nameOf(coords).catch(() => {});
}

async function nameOf({ latitude, longitude, accuracy }) {
  const asked = new URLSearchParams({ lat: latitude, lon: longitude, crs: "WGS84" });
  const answer = await fetch(`/place?${asked}`);
  const place = await answer.json();
  form.querySelector("[data-place]").textContent = place.name;
  form.querySelector("[data-precision]").textContent = `${place.within} ±${Math.round(accuracy)} m`;
  if (!answer.ok) return ["lat", "lon", "accuracy"].forEach((name) => fill(name, ""));
}

if (navigator.geolocation) {
  locate.hidden = false;
  const ask = () => navigator.geolocation.getCurrentPosition(found, () => {}, { enableHighAccuracy: true, timeout: 10000 });
  locate.addEventListener("click", ask);
  navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => state === "granted" && ask());
}

// Words of danger come with the page, from the city's own list.
const danger = form.querySelector(".danger");
const alarming = form.dataset.emergency.split("|").filter(Boolean);
form.elements.text.addEventListener("input", () => {
  const on = alarming.some((word) => form.elements.text.value.includes(word));
  danger.toggleAttribute("data-on", on);
});

// A second tap sends nothing; coming back to the page makes the button work again.
const button = document.querySelector("button[form=raise]");
form.addEventListener("submit", () => setTimeout(() => (button.disabled = true)));
addEventListener("pageshow", () => (button.disabled = false));

start();
