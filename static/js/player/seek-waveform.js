/** The waveform of the current track behind the sliders of the bar and of the sheet; a row of dots until it is there. */
import { onThemeChange } from "../theme.js";
import { drawBars } from "../waveform-bars.js";
import { currentTrack, sound } from "./sound.js";

const canvases = document.querySelectorAll("[data-wave]");
const NONE = new Uint8Array();

let peaks = NONE;
let shownId = null;
let playedShare = 0;

export function watchWaveform() {
  sound.addEventListener("change", takePeaks);
  onThemeChange(draw);
  const resizing = new ResizeObserver(draw);
  for (const canvas of canvases) resizing.observe(canvas);
}

/** 0 to 1. */
export function showPlayedShare(share) {
  playedShare = share;
  draw();
}

function draw() {
  for (const canvas of canvases) if (canvas.clientWidth) drawBars(canvas, peaks, playedShare);
}

async function takePeaks() {
  const track = currentTrack();
  if (!track || track.id === shownId) return;
  shownId = track.id;
  peaks = NONE;
  const found = await fetchPeaks(track);
  if (track.id !== shownId) return;
  peaks = found;
  draw();
}

async function fetchPeaks({ src }) {
  // The address of the sound ends in /audio.
  const address = new URL("waveform", new URL(src, location.href));
  const answer = await fetch(address, { priority: "low" }).catch(() => null);
  return answer?.ok ? new Uint8Array(await answer.arrayBuffer()) : NONE;
}
