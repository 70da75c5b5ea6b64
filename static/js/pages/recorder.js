/** Sound from the microphone, for as long as somebody wants and no longer than LONGEST_SECONDS. */
import { gettext as _ } from "../words.js";

export const LONGEST_SECONDS = 30;

// What browsers do to speech spoils music.
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const REFUSALS = {
  NotAllowedError: _("The browser was not allowed to use the microphone. Its settings for this page can change that."),
  NotFoundError: _("There is no microphone here."),
  NotReadableError: _("The microphone is in use by another program, or does not answer."),
};

/** Why nothing can be recorded here, as a sentence; empty where it can. */
export function whyNoRecording() {
  if (!isSecureContext) return _("Browsers lend the microphone only to pages that come over HTTPS, or from this very machine.");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return _("This browser cannot record.");
  return "";
}

/**
 * `stop()` gives the recording to `onEnd(blob)`, as the end of its time does; `cancel()` gives it to nobody. `onTime` is
 * told the seconds about four times each. Throws an Error whose message is a sentence for people.
 */
export async function startRecording({ onTime, onEnd }) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: AS_IT_IS }).catch((error) => {
    throw new Error(REFUSALS[error.name] ?? _("The microphone cannot be used."));
  });
  const release = () => stream.getTracks().forEach((track) => track.stop());
  const parts = [];
  const recorder = openRecorder(stream, release);
  const startedAt = performance.now();
  let isWanted = true;

  const timer = setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1000;
    if (seconds >= LONGEST_SECONDS) end();
    else onTime(seconds);
  }, 250);

  function end() {
    clearInterval(timer);
    if (recorder.state !== "inactive") recorder.stop();
  }

  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => {
    clearInterval(timer);
    release();
    if (isWanted) onEnd(new Blob(parts, { type: recorder.mimeType }));
  });
  return {
    stop: end,
    cancel() {
      isWanted = false;
      end();
    },
  };
}

/** A recorder at work; where the browser cannot, the microphone is let go. */
function openRecorder(stream, release) {
  try {
    const recorder = new MediaRecorder(stream);
    recorder.start();
    return recorder;
  } catch {
    release();
    throw new Error(_("This browser cannot record what the microphone gives."));
  }
}
