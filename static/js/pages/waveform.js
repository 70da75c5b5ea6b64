/**
 * The waveform of a track as a slider: how far it has played, and where to go by pointer or keys. Dragging over it, or
 * Shift and the arrow keys, choose a passage.
 */
import { say } from "../announcer.js";
import { formatDuration } from "../format.js";
import { PassageForm } from "./passage-form.js";
import { playButton } from "../player/buttons.js";
import { targetOfKey } from "../player/seek-keys.js";
import { currentTrack, duration, position, seek, sound } from "../player/sound.js";
import { onThemeChange } from "../theme.js";
import { drawBars } from "../waveform-bars.js";
import { gettext as _, interpolate } from "../words.js";

// A hand that clicks is not quite still.
const DRAG_PIXELS = 6;
const STEP_SECONDS = { ArrowLeft: -1, ArrowRight: 1 };

export class Waveform {
  #canvas;
  #peaks;
  #form;
  #pressedAt = null;
  #isDragging = false;
  #release = new AbortController();

  constructor(canvas) {
    this.#canvas = canvas;
    this.#peaks = Uint8Array.from(atob(canvas.dataset.peaks), (character) => character.charCodeAt(0));
    const form = document.querySelector(`[data-passage-of="${canvas.dataset.waveform}"]`);
    this.#form = form && new PassageForm(form);
    const until = { signal: this.#release.signal };
    const resizing = new ResizeObserver(() => this.#draw());
    resizing.observe(canvas);
    until.signal.addEventListener("abort", () => resizing.disconnect());
    until.signal.addEventListener("abort", onThemeChange(() => this.#draw()));
    sound.addEventListener("time", () => this.#show(), until);
    canvas.addEventListener("pointerdown", (event) => this.#press(event), until);
    canvas.addEventListener("pointermove", (event) => this.#drag(event), until);
    canvas.addEventListener("pointerup", (event) => this.#lift(event), until);
    canvas.addEventListener("pointercancel", () => (this.#pressedAt = null), until);
    canvas.addEventListener("keydown", (event) => this.#key(event), until);
    this.#form?.onInput(() => this.#draw(), until);
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
    return this.#isCurrent ? position() : Number(this.#canvas.dataset.start);
  }

  get #total() {
    return (this.#isCurrent && duration()) || Number(this.#canvas.dataset.duration);
  }

  #show() {
    this.#canvas.setAttribute("aria-valuenow", Math.round(this.#position));
    this.#canvas.setAttribute("aria-valuetext", this.#tell());
    this.#draw();
  }

  #tell() {
    const told = { time: formatDuration(this.#position), total: formatDuration(this.#total) };
    return interpolate(_("%(time)s of %(total)s"), told);
  }

  #draw() {
    const share = (seconds) => (this.#total ? seconds / this.#total : 0);
    drawBars(this.#canvas, this.#peaks, share(this.#position), this.#form?.passage?.map(share));
  }

  #goTo(seconds) {
    if (this.#isCurrent) {
      seek(seconds);
      return;
    }
    playButton(document.querySelector(`[data-play="${this.#canvas.dataset.waveform}"]`), Math.max(0, seconds));
  }

  #secondsAt(x) {
    const box = this.#canvas.getBoundingClientRect();
    return ((x - box.left) / box.width) * this.#total;
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pressedAt = event.clientX;
    this.#isDragging = false;
  }

  #drag(event) {
    if (this.#pressedAt === null || !this.#form) return;
    this.#isDragging ||= Math.abs(event.clientX - this.#pressedAt) > DRAG_PIXELS;
    if (this.#isDragging) this.#choose(this.#secondsAt(this.#pressedAt), this.#secondsAt(event.clientX));
  }

  #lift(event) {
    if (this.#pressedAt === null) return;
    this.#pressedAt = null;
    // What opens moves the page: not under a hand that is still dragging.
    if (this.#isDragging) this.#form.open();
    else this.#goTo(this.#secondsAt(event.clientX));
  }

  #choose(one, other) {
    this.#form.choose(one, other, this.#total);
    this.#draw();
  }

  #extend(step) {
    const [from, to] = this.#form.passage ?? [this.#position, this.#position];
    this.#choose(from, Math.max(from, to + step));
    this.#form.open();
    const [start, end] = this.#form.passage.map(formatDuration);
    say(interpolate(_("Passage from %(start)s to %(end)s"), { start, end }));
  }

  /** Whether the key was about a passage. */
  #choosesByKey({ key, shiftKey }) {
    if (!this.#form) return false;
    if (shiftKey && key in STEP_SECONDS) this.#extend(STEP_SECONDS[key]);
    else if (key === "Enter" && this.#form.passage) this.#form.submit();
    else if (key === "Escape" && this.#form.passage) this.#form.clear();
    else return false;
    this.#draw();
    return true;
  }

  #key(event) {
    if (this.#choosesByKey(event)) {
      event.preventDefault();
      return;
    }
    const target = targetOfKey(event.key, this.#position, this.#total);
    if (target === null) return;
    event.preventDefault();
    this.#goTo(target);
  }
}
