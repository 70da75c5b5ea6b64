/** The waveform of a track as a slider: how far it has played, and where to go by pointer or keys. */
import { formatDuration } from "./format.js";
import { trackOf } from "./play-buttons.js";
import { targetOfKey } from "./seek-keys.js";
import { currentTrack, duration, load, play, position, seek, sound } from "./sound.js";

const BAR_PIXELS = 3;
const GAP_PIXELS = 2;

export class Waveform {
  #canvas;
  #peaks;
  #release = new AbortController();

  constructor(canvas) {
    this.#canvas = canvas;
    this.#peaks = Uint8Array.from(atob(canvas.dataset.peaks), (character) => character.charCodeAt(0));
    const until = { signal: this.#release.signal };
    const resizing = new ResizeObserver(() => this.#draw());
    resizing.observe(canvas);
    until.signal.addEventListener("abort", () => resizing.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw(), until);
    sound.addEventListener("time", () => this.#show(), until);
    canvas.addEventListener("pointerdown", (event) => this.#press(event), until);
    canvas.addEventListener("pointermove", (event) => this.#drag(event), until);
    canvas.addEventListener("keydown", (event) => this.#key(event), until);
    this.#show();
  }

  /** Let go of the canvas, which is about to leave the page. */
  detach() {
    this.#release.abort();
  }

  get #isCurrent() {
    return currentTrack()?.id === this.#canvas.dataset.waveform;
  }

  get #position() {
    return this.#isCurrent ? position() : 0;
  }

  get #total() {
    return (this.#isCurrent && duration()) || Number(this.#canvas.dataset.duration);
  }

  #show() {
    this.#canvas.setAttribute("aria-valuenow", Math.round(this.#position));
    this.#canvas.setAttribute("aria-valuetext", `${formatDuration(this.#position)} of ${formatDuration(this.#total)}`);
    this.#draw();
  }

  #draw() {
    drawBars(this.#canvas, this.#peaks, this.#total ? this.#position / this.#total : 0);
  }

  #goTo(seconds) {
    if (this.#isCurrent) {
      seek(seconds);
      return;
    }
    load(trackOf(document.querySelector(`[data-play="${this.#canvas.dataset.waveform}"]`)), Math.max(0, seconds));
    play();
  }

  #goToPointer(event) {
    const box = this.#canvas.getBoundingClientRect();
    this.#goTo(((event.clientX - box.left) / box.width) * this.#total);
  }

  #press(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#goToPointer(event);
  }

  #drag(event) {
    if (this.#canvas.hasPointerCapture(event.pointerId) && this.#isCurrent) this.#goToPointer(event);
  }

  #key(event) {
    const target = targetOfKey(event.key, this.#position, this.#total);
    if (target === null) return;
    event.preventDefault();
    this.#goTo(target);
  }
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
