// A QR code holds /p#CODE. What follows # never leaves the phone by itself: it is put into the form,
// taken out of the address, and sent as the form sends it.
import { start } from "./outbox.js";
import { lists } from "./waiting.js";

lists();
start().catch(() => {});
const code = decodeURIComponent(location.hash.slice(1));
if (/^[0-9a-z\s-]{16,40}$/i.test(code)) {
  const form = document.getElementById("ask");
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.requestSubmit();
}
