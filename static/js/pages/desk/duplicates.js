/** Tracks of one recording, heard in turn at the same moment; and all groups of a page ticked at once. */
import { enlivenEach } from "../../enliven.js";
import { formatDuration } from "../../format.js";
import { isElsewhere } from "../../keys-elsewhere.js";
import { setting } from "../../player/settings.js";
import { isPlaying, pause, sound } from "../../player/sound.js";
import { showProblem } from "../../problem-line.js";
import { gettext as _ } from "../../words.js";

const STEPS = 1000;

export function enlivenDuplicates() {
  enlivenEach("[data-compare]", (part) => {
    const comparison = new Comparison(part);
    return () => comparison.end();
  });
  enlivenEach("[data-tick-all]", (button) => {
    button.addEventListener("click", () => {
      const boxes = [...button.form.elements].filter(({ type }) => type === "checkbox");
      const isAll = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !isAll;
    });
  });
}

class Comparison {
  #part;
  #takes;
  #now = 0;
  #until = new AbortController();

  constructor(part) {
    this.#part = part;
    this.#takes = [...part.querySelectorAll("[data-take]")].map((button) => makeTake(button));
    this.#level();
    this.#listen();
    this.#show();
  }

  end() {
    this.#until.abort();
    for (const { audio } of this.#takes) {
      audio.pause();
      audio.removeAttribute("src");
      audio.load();
    }
  }

  get #take() {
    return this.#takes[this.#now];
  }

  get #isPlaying() {
    return !this.#take.audio.paused;
  }

  /** Seconds of the recording, whichever of its tracks plays. */
  get #moment() {
    return this.#take.starts + (this.#take.wanted ?? this.#take.audio.currentTime);
  }

  get #span() {
    const from = Math.min(...this.#takes.map(({ starts }) => starts));
    return { from, to: Math.max(...this.#takes.map(({ starts, seconds }) => starts + seconds)) };
  }

  #find(name) {
    return this.#part.querySelector(`[data-compare-${name}]`);
  }

  #listen() {
    const { signal } = this.#until;
    this.#takes.forEach(({ button, audio }, index) => {
      button.addEventListener("click", () => this.#choose(index));
      for (const name of ["play", "pause", "timeupdate", "ended"]) audio.addEventListener(name, () => this.#show(), { signal });
      audio.addEventListener("error", () => showProblem(_("This file cannot be played.")), { signal });
    });
    this.#find("play").addEventListener("click", () => this.#toggle());
    this.#find("level").addEventListener("change", () => this.#level());
    this.#find("position").addEventListener("input", ({ target }) => {
      const { from, to } = this.#span;
      seek(this.#take, from + (target.value / STEPS) * (to - from));
      this.#show();
    });
    // Before the keys of the player, which would start what is in its queue.
    document.addEventListener("keydown", (event) => this.#press(event), { capture: true, signal });
    sound.addEventListener("change", () => isPlaying() && this.#take.audio.pause(), { signal });
  }

  #press(event) {
    if (event.defaultPrevented || event.shiftKey || !setting("hasShortcuts") || isElsewhere(event)) return;
    const index = Number(event.key) - 1;
    if (event.key !== " " && !this.#takes[index]) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    if (event.key === " ") this.#toggle();
    else this.#choose(index);
  }

  #choose(index) {
    const moment = this.#moment;
    const wasPlaying = this.#isPlaying;
    this.#take.audio.pause();
    this.#now = index;
    seek(this.#take, moment);
    if (wasPlaying) this.#play();
    this.#show();
  }

  #toggle() {
    if (this.#isPlaying) this.#take.audio.pause();
    else this.#play();
  }

  #play() {
    pause();
    // The one that was left before it had started says so; nobody waits for it.
    this.#take.audio.play().catch(() => {});
  }

  /** As loud as the quietest of them: what is louder always seems better. */
  #level() {
    const known = this.#takes.map(({ loudness }) => loudness).filter(Number.isFinite);
    const isLevelled = this.#find("level").checked && known.length > 0;
    const quietest = Math.min(...known);
    for (const { audio, loudness } of this.#takes) {
      audio.volume = isLevelled && Number.isFinite(loudness) ? 10 ** ((quietest - loudness) / 20) : 1;
    }
  }

  #show() {
    const { from, to } = this.#span;
    this.#takes.forEach(({ button }, index) => button.setAttribute("aria-pressed", String(index === this.#now)));
    this.#find("play").textContent = this.#isPlaying ? _("Pause") : _("Play");
    this.#find("time").textContent = formatDuration(Math.max(0, this.#moment - from));
    this.#find("position").value = to > from ? Math.round((STEPS * (this.#moment - from)) / (to - from)) : 0;
  }
}

function makeTake(button) {
  const { src, starts, seconds, loudness } = button.dataset;
  const audio = new Audio();
  audio.preload = "auto";
  audio.src = src;
  const take = { button, audio, starts: Number(starts), seconds: Number(seconds), loudness: loudness ? Number(loudness) : NaN, wanted: null };
  audio.addEventListener("loadedmetadata", () => {
    if (take.wanted !== null) audio.currentTime = take.wanted;
    take.wanted = null;
  });
  return take;
}

/** To this moment of the recording; to the first or the last that this track has. */
function seek(take, moment) {
  const seconds = Math.min(Math.max(0, moment - take.starts), Math.max(0, take.seconds - 0.05));
  if (take.audio.readyState >= HTMLMediaElement.HAVE_METADATA) take.audio.currentTime = seconds;
  else take.wanted = seconds;
}
