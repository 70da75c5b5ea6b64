/** The SHA-256 of files, by a worker, so that the page stays quick. */
const waiting = [];

let worker = null;
let address = "";

export function useHashWorker(workerAddress) {
  address = workerAddress;
}

/** Lower-case hex, or null where the file cannot be read or workers cannot be had. Files are hashed in the order asked. */
export function hashFile(file) {
  worker ??= startWorker();
  return new Promise((resolve) => {
    waiting.push(resolve);
    worker.postMessage(file);
  });
}

function startWorker() {
  const started = new Worker(address, { type: "module" });
  started.addEventListener("message", ({ data }) => waiting.shift()(data));
  // Without it a file is sent, and the server finds those that are here already. The next file gets another worker.
  started.addEventListener("error", () => {
    started.terminate();
    worker = null;
    for (const resolve of waiting.splice(0)) resolve(null);
  });
  return started;
}
