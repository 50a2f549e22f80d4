// Copies what the pages take from others out of node_modules into dist/, which the wheel contains.
import { copyFile, mkdir } from "node:fs/promises";

const FILES = {
  "node_modules/htmx.org/dist/htmx.min.js": "dist/htmx.min.js",
};

await mkdir("dist", { recursive: true });
for (const [from, to] of Object.entries(FILES)) await copyFile(from, to);
