/** One Audio element, in no document, so that nothing a page does can stop it; what is in it, and how loud it plays. */
const FADE_STEP_MS = 50;
const TOLD = ["play", "pause", "ended", "timeupdate", "durationchange", "error"];

export class Deck extends EventTarget {
  #audio = new Audio();
  #wanted = null;
  #level = 1;
  #share = 1;
  #fading = null;
  track = null;
  /** How often this track could not be loaded since it last could be. */
  failures = 0;

  constructor() {
    super();
    this.#audio.preload = "none";
    this.#audio.addEventListener("error", () => (this.failures += 1));
    this.#audio.addEventListener("loadedmetadata", () => {
      this.failures = 0;
      if (this.#wanted !== null) this.#audio.currentTime = this.#wanted;
      this.#wanted = null;
    });
    for (const name of TOLD) this.#audio.addEventListener(name, () => this.dispatchEvent(new Event(name)));
  }

  get isPlaying() {
    return this.track !== null && !this.#audio.paused && !this.#audio.error;
  }

  get error() {
    return this.#audio.error;
  }

  get position() {
    return this.#wanted ?? this.#audio.currentTime;
  }

  get duration() {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : this.track?.duration || 0;
  }

  /** `isAhead`: fetch it already, although nobody has asked to hear it. */
  load(track, startSeconds = 0, { isAhead = false } = {}) {
    this.track = track;
    this.failures = 0;
    this.#endFade(1);
    this.#audio.preload = isAhead ? "auto" : "none";
    this.#audio.src = track.src;
    this.#wanted = startSeconds || null;
  }

  /** Rejects with a NotAllowedError where the browser wants a click first. */
  play() {
    // A source that failed stays failed until it is loaded anew.
    if (this.#audio.error) {
      this.#wanted = this.position || null;
      this.#audio.load();
    }
    return this.#audio.play();
  }

  pause() {
    this.#audio.pause();
  }

  seek(seconds) {
    if (this.#audio.readyState >= HTMLMediaElement.HAVE_METADATA) this.#audio.currentTime = seconds;
    else this.#wanted = seconds;
  }

  unload() {
    if (this.track === null) return;
    this.track = null;
    this.#endFade(1);
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  /** 0 to 1; a browser that leaves loudness to its own buttons plays on as before. */
  setLevel(level) {
    this.#level = level;
    this.#audio.volume = this.#level * this.#share;
  }

  /** From silence to full, or the other way, in so many seconds. */
  fade(isIn, seconds, then = () => {}) {
    const startedAt = performance.now();
    const step = () => {
      const done = Math.min(1, (performance.now() - startedAt) / (1000 * seconds));
      // Equal power: two tracks together are as loud as one.
      this.#share = Math.sin((Math.PI / 2) * (isIn ? done : 1 - done));
      this.setLevel(this.#level);
      if (done < 1) return;
      this.#endFade(this.#share);
      then();
    };
    clearInterval(this.#fading);
    this.#fading = setInterval(step, FADE_STEP_MS);
    step();
  }

  #endFade(share) {
    clearInterval(this.#fading);
    this.#fading = null;
    this.#share = share;
    this.setLevel(this.#level);
  }
}
