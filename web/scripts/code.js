// A QR code holds /p#CODE. Browsers never send what follows #, so this script puts it into the form,
// removes it from the address, and submits the form.
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
