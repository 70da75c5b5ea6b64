/** SHA-256 of files, a slice at a time: crypto.subtle wants a whole file in memory, and is missing without HTTPS. */
import { sha256 } from "../../vendor/noble-hashes-2.4.0/sha2.js";

const SLICE_BYTES = 2 * 1024 * 1024;

let previous = Promise.resolve();

addEventListener("message", ({ data: file }) => {
  previous = previous.then(async () => postMessage(await hashOf(file).catch(() => null)));
});

async function hashOf(file) {
  const hash = sha256.create();
  for (let from = 0; from < file.size; from += SLICE_BYTES) {
    hash.update(new Uint8Array(await file.slice(from, from + SLICE_BYTES).arrayBuffer()));
  }
  return [...hash.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
