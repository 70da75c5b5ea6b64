/** How fast something goes and how long it will take, smoothed so that the figures can be read. */
const SMOOTHING = 0.25;

export class Pace {
  #done = 0;
  #at = null;
  #rate = null;

  /** `done` bytes in all at `now` (milliseconds). Call it about once a second. */
  tick(done, now) {
    const seconds = this.#at === null ? 0 : (now - this.#at) / 1000;
    if (seconds > 0) {
      const rate = Math.max(0, done - this.#done) / seconds;
      this.#rate = this.#rate === null ? rate : SMOOTHING * rate + (1 - SMOOTHING) * this.#rate;
    }
    [this.#done, this.#at] = [done, now];
  }

  /** Forget how fast it was, after a pause. */
  reset() {
    [this.#at, this.#rate] = [null, null];
  }

  get bytesPerSecond() {
    return this.#rate ?? 0;
  }

  /** Null while it cannot be told. */
  secondsFor(bytes) {
    return this.#rate > 0 ? bytes / this.#rate : null;
  }
}
