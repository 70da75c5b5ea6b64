/** One file on its way to the server by tus 1.0: it goes on after every outage, and after a reload where it was. */
import { fingerprintOf, forget, keepUntil, resumeStorage } from "./resume-storage.js";
import { csrfToken, detailOf } from "../server.js";
import { gettext as _ } from "../words.js";

// A chunk is what one request brings: large enough that requests cost nothing, small enough for every proxy's limit and
// for a checksum in memory.
const CHUNK_BYTES = 8 * 1024 * 1024;
// The first goes along with the creation and shows whether this is music at all: a refusal comes before much is sent.
const FIRST_CHUNK_BYTES = 256 * 1024;
const RETRY_SECONDS = [1, 2, 4, 8, 15];
const STALLED_MS = 60_000;
const MOST_REFUSALS = 6;
const MOST_RESTARTS = 2;
const UNREACHABLE = new Set([0, 502, 503, 504]);
const GONE = new Set([404, 410]);
const LOCKED = 423;
const CHUNK_TYPE = "application/offset+octet-stream";
const PASSING = new Set([404, 409, 410, LOCKED, 429, 460, 500]);

export class Transfer {
  #item;
  #endpoint;
  #onProgress;
  #onOutage;
  #upload = null;
  #settle = null;
  #timer = null;
  #stall = null;
  #attempts = 0;
  #refusals = 0;
  #restarts = 0;
  #furthest = 0;
  #isHashTold = false;
  #wake = () => this.#timer && this.#attempt();

  /** `onProgress(bytes)`; `onOutage(isOut)` when the server cannot be reached, and when it can be again. */
  constructor(item, { endpoint, onProgress, onOutage }) {
    this.#item = item;
    this.#endpoint = new URL(endpoint, location.href).href;
    this.#onProgress = onProgress;
    this.#onOutage = onOutage;
  }

  /** Resolves to {trackId, isDuplicate}. Rejects with an Error for people: `isLasting` tells that trying again is of no
   * use, `isSignedOut` that no file would fare better. Neither happens after `stop()`. */
  send() {
    addEventListener("online", this.#wake);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#attempt();
    });
  }

  /** Stop sending; a new transfer of the same item goes on here. */
  stop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#stall);
    this.#timer = null;
    this.#settle = null;
    this.#upload?.abort();
    removeEventListener("online", this.#wake);
  }

  async #attempt() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#upload?.abort();
    try {
      await import("../../vendor/tus-js-client-4.3.1.min.js");
    } catch {
      return this.#retry(true);
    }
    const [previous] = await resumeStorage.findUploadsByFingerprint(fingerprintOf(this.#item));
    if (this.#settle === null) return;
    this.#upload = this.#createUpload(previous ? CHUNK_BYTES : FIRST_CHUNK_BYTES);
    if (previous) this.#upload.resumeFromPreviousUpload(previous);
    this.#isHashTold = previous ? previous.isHashTold : this.#tellsHash();
    this.#watchForStall(0);
    return this.#upload.start();
  }

  #createUpload(chunkSize) {
    const { file, path, sha256 } = this.#item;
    const upload = new window.tus.Upload(file, {
      endpoint: this.#endpoint,
      chunkSize,
      uploadDataDuringCreation: true,
      // Ours go on for ever, and a new attempt asks first how much has arrived.
      retryDelays: null,
      // Folders may tell artist and release where the tags of a file do not.
      metadata: sha256 ? { filename: path, sha256 } : { filename: path },
      fingerprint: async () => fingerprintOf(this.#item),
      urlStorage: resumeStorage,
      onBeforeRequest: (request) => this.#prepare(request, upload),
      onAfterResponse: (request, response) => this.#hear(request, response),
      onChunkComplete: () => (upload.options.chunkSize = CHUNK_BYTES),
      onProgress: (bytes) => this.#progress(bytes),
      onSuccess: ({ lastResponse }) => this.#finish(lastResponse),
      onError: (error) => upload === this.#upload && this.#fail(error),
    });
    return upload;
  }

  async #prepare(request, upload) {
    const stopIfUnwanted = () => {
      if (upload !== this.#upload || this.#settle === null) throw new Error("stopped meanwhile");
    };
    stopIfUnwanted();
    request.setHeader("Accept", "application/json");
    request.setHeader("X-CSRFToken", csrfToken());
    // A hash of the whole file that was told at the beginning is checked at the end. Only without one do chunks need
    // checksums, and those have their price: of a chunk that breaks off nothing can be kept.
    if (this.#isHashTold || !crypto.subtle || request.getHeader("Content-Type") !== CHUNK_TYPE) return;
    const from = Number(request.getHeader("Upload-Offset") ?? 0);
    request.setHeader("Upload-Checksum", await checksumOf(this.#item.file.slice(from, from + upload.options.chunkSize)));
    stopIfUnwanted();
  }

  #hear(request, response) {
    if (response.getStatus() < 500) this.#onOutage(false);
    if (request.getMethod() === "HEAD" && GONE.has(response.getStatus())) this.#restart();
    const expires = response.getHeader("Upload-Expires");
    if (expires) keepUntil(fingerprintOf(this.#item), expires);
  }

  #tellsHash() {
    return "sha256" in this.#upload.options.metadata;
  }

  /** The library begins anew by itself. */
  #restart() {
    forget(fingerprintOf(this.#item));
    this.#isHashTold = this.#tellsHash();
    this.#furthest = 0;
    this.#restarts += 1;
    if (this.#restarts > MOST_RESTARTS) this.#refuse(_("The server did not take this file, several times."), {});
  }

  #progress(bytes) {
    if (bytes > this.#furthest) [this.#furthest, this.#attempts, this.#refusals] = [bytes, 0, 0];
    this.#watchForStall(bytes);
    this.#onProgress(bytes);
  }

  /** A line can be dead without saying so. What has all been sent waits for the server to look at it. */
  #watchForStall(bytes) {
    clearTimeout(this.#stall);
    if (bytes < this.#item.size) this.#stall = setTimeout(() => this.#retry(true), STALLED_MS);
  }

  #finish(response) {
    forget(fingerprintOf(this.#item));
    // An answer that is let go of tells nothing any more.
    const trackId = Number(response.getHeader("Soundalike-Track"));
    const isDuplicate = response.getHeader("Soundalike-Duplicate") === "true";
    this.#end().resolve({ trackId, isDuplicate });
  }

  async #fail(error) {
    clearTimeout(this.#stall);
    const status = error.originalResponse?.getStatus() ?? 0;
    if (GONE.has(status)) forget(fingerprintOf(this.#item));
    if (status === 0 && !(await isReadable(this.#item.file))) {
      this.#refuse(_("This file was moved or changed since it was chosen. Choose it again."), { isLasting: true });
    } else if (UNREACHABLE.has(status)) {
      this.#retry(true);
    } else if (PASSING.has(status) && this.#refusals < MOST_REFUSALS) {
      this.#refusals += 1;
      this.#retry(false);
    } else {
      const isSignedOut = status === 401 || status === 403;
      const isLasting = status >= 400 && status < 500 && !isSignedOut && !PASSING.has(status);
      if (isLasting) forget(fingerprintOf(this.#item));
      this.#refuse(detailOf(error.originalResponse?.getBody() ?? "", status), { isLasting, isSignedOut });
    }
  }

  #retry(isOutage) {
    if (this.#settle === null) return;
    if (isOutage) this.#onOutage(true);
    const seconds = RETRY_SECONDS[Math.min(this.#attempts, RETRY_SECONDS.length - 1)];
    this.#attempts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attempt(), seconds * 1000);
  }

  #refuse(sentence, facts) {
    this.#end().reject(Object.assign(new Error(sentence), facts));
  }

  #end() {
    const settle = this.#settle ?? { resolve() {}, reject() {} };
    this.stop();
    return settle;
  }
}

/** Tell the server that it need not wait for the rest. What it does not hear of goes after some time by itself. */
export async function discardUpload(address) {
  const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrfToken(), Accept: "application/json" };
  for (const seconds of RETRY_SECONDS) {
    const answer = await fetch(address, { method: "DELETE", headers }).catch(() => null);
    // It may still hold on to the request that was broken off just now.
    if (answer !== null && answer.status !== LOCKED) return;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

async function checksumOf(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

function isReadable(file) {
  return file.slice(0, 1).arrayBuffer().then(
    () => true,
    () => false,
  );
}
