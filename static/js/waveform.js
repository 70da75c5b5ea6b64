/** The waveform of a track as a slider: how far it has played, and where to go by pointer or keys. */
import { formatDuration } from "./format.js";
import { trackOf } from "./play-buttons.js";
import { currentTrack, duration, load, play, position, seek, sound } from "./sound.js";

const BAR_PIXELS = 3;
const GAP_PIXELS = 2;
const KEY_STEPS_SECONDS = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** Bring the canvas to life; returns how to let go of it. */
export function attachWaveform(canvas) {
  const peaks = Uint8Array.from(atob(canvas.dataset.peaks), (character) => character.charCodeAt(0));
  const isCurrent = () => currentTrack()?.id === canvas.dataset.waveform;
  const total = () => (isCurrent() && duration()) || Number(canvas.dataset.duration);
  const draw = () => drawBars(canvas, peaks, isCurrent() && total() ? position() / total() : 0);

  function show() {
    const seconds = isCurrent() ? position() : 0;
    canvas.setAttribute("aria-valuenow", Math.round(seconds));
    canvas.setAttribute("aria-valuetext", `${formatDuration(seconds)} of ${formatDuration(total())}`);
    draw();
  }

  function goTo(seconds) {
    if (isCurrent()) return seek(seconds);
    const button = document.querySelector(`[data-play="${canvas.dataset.waveform}"]`);
    load(trackOf(button), Math.max(0, seconds));
    return play();
  }

  const goToPointer = (event) => {
    const box = canvas.getBoundingClientRect();
    goTo(((event.clientX - box.left) / box.width) * total());
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    goToPointer(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId) && isCurrent()) goToPointer(event);
  });
  canvas.addEventListener("keydown", (event) => {
    const target = targetOfKey(event.key, isCurrent() ? position() : 0, total());
    if (target === null) return;
    event.preventDefault();
    goTo(target);
  });

  const resizing = new ResizeObserver(draw);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  resizing.observe(canvas);
  scheme.addEventListener("change", draw);
  sound.addEventListener("time", show);
  show();
  return () => {
    resizing.disconnect();
    scheme.removeEventListener("change", draw);
    sound.removeEventListener("time", show);
  };
}

function targetOfKey(key, seconds, total) {
  if (key === "Home") return 0;
  if (key === "End") return total;
  return key in KEY_STEPS_SECONDS ? seconds + KEY_STEPS_SECONDS[key] : null;
}

function drawBars(canvas, peaks, playedShare) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(canvas).color;
  const count = Math.floor((width + GAP_PIXELS) / (BAR_PIXELS + GAP_PIXELS));
  for (let bar = 0; bar < count; bar += 1) {
    const tall = Math.max(BAR_PIXELS, (height * highest(peaks, bar / count, (bar + 1) / count)) / 255);
    context.globalAlpha = (bar + 0.5) / count < playedShare ? 1 : 0.3;
    context.beginPath();
    context.roundRect(bar * (BAR_PIXELS + GAP_PIXELS), (height - tall) / 2, BAR_PIXELS, tall, BAR_PIXELS / 2);
    context.fill();
  }
}

function highest(peaks, from, to) {
  const first = Math.floor(from * peaks.length);
  const part = peaks.subarray(first, Math.max(first + 1, Math.ceil(to * peaks.length)));
  return part.reduce((most, peak) => Math.max(most, peak), 0);
}
