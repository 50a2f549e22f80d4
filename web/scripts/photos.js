// Photos before sending: show them, make them smaller, remove them. The list is kept in the file input
// itself, so that a plain submit sends the same files. A picture that this browser cannot open is refused
// when it is chosen: the city could not open it either, and the words must not wait for it.
const LONGEST = 1600; // pixels of the longer side
const LARGEST = 300 * 1024; // bytes, for a weak signal
const QUALITIES = [0.75, 0.6, 0.45];
const TAKEN = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]); // others become JPEG

// The picture as JPEG, or as it is where that is smaller; null: nobody can open it.
export async function smaller(file) {
  if (!self.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    let blob;
    for (const quality of QUALITIES) {
      blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (!blob || blob.size <= LARGEST) break;
    }
    if (!blob || (blob.size >= file.size && TAKEN.has(file.type))) return file;
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  } catch {
    return null;
  }
}

// Says under the slots of `place` that a chosen file is no picture, or takes that back.
export function unreadable(place, is) {
  place.parentNode.querySelector("[data-unreadable-said]")?.remove();
  if (!is) return;
  const said = document.createElement("p");
  said.className = "oops";
  said.dataset.unreadableSaid = "";
  said.setAttribute("role", "alert");
  said.textContent = place.dataset.unreadable;
  place.after(said);
}

// The slots of one [data-photos]; calls `changed` after the person added or removed a photo.
export function slots(shoot, changed = () => {}) {
  const input = shoot.querySelector("input[type=file]");
  const most = Number(shoot.dataset.photos);
  const words = shoot.querySelector(".cap-words").textContent;
  let photos = [];
  shoot.dataset.live = "";

  function draw() {
    const transfer = new DataTransfer();
    photos.forEach((photo) => transfer.items.add(photo));
    input.files = transfer.files;
    shoot.querySelectorAll(".shot").forEach((slot) => {
      const picture = slot.querySelector("img");
      if (picture) URL.revokeObjectURL(picture.src);
      slot.remove();
    });
    for (let n = 0; n < Math.max(2, photos.length); n++) shoot.append(photos[n] ? taken(n) : empty(n));
    shoot.classList.toggle("three", photos.length > 2);
    shoot.querySelector(".cap-words").textContent = photos.length ? shoot.dataset.more : words;
  }

  function empty(n) {
    const slot = document.createElement("div");
    slot.className = "shot add";
    slot.setAttribute("aria-hidden", "true");
    slot.append(`${n + 1} / ${most}`);
    return slot;
  }

  function taken(n) {
    const slot = document.createElement("div");
    slot.className = "shot";
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
      draw();
      changed();
      input.focus();
    });
    slot.append(picture, size, drop);
    return slot;
  }

  async function add() {
    const chosen = await Promise.all([...input.files].map(smaller));
    photos = [...photos, ...chosen.filter(Boolean)].slice(0, most);
    unreadable(shoot, chosen.includes(null));
    draw();
    changed();
  }

  input.addEventListener("change", add);
  if (input.files.length) add(); // chosen before this script ran

  return {
    get list() {
      return photos;
    },
    set list(blobs) {
      photos = blobs.map((blob) => (blob instanceof File ? blob : new File([blob], "photo.jpg", { type: blob.type })));
      draw();
    },
  };
}
