/** The tracks that were drawn around: how many, and what can be done with them. */
import { say } from "../../announcer.js";
import { formatCount } from "../../format.js";
import { playTracks } from "../../player/queue.js";
import { fetchTracks } from "../../player/tracks.js";
import { showProblem } from "../../problem-line.js";

export class Selection {
  #form;
  #most;
  #ids = [];

  /** `onClear` is called when the tracks are let go. */
  constructor(form, signal, onClear) {
    this.#form = form;
    this.#most = Number(form.dataset.most);
    form.querySelector("[data-play-selection]").addEventListener("click", () => this.#play(), { signal });
    form.querySelector("[data-clear]").addEventListener("click", () => (this.choose([]), onClear()), { signal });
  }

  /** Track ids, those first that are to be played first. */
  choose(ids) {
    this.#ids = ids.slice(0, this.#most);
    this.#form.hidden = ids.length === 0;
    const [count, most] = [formatCount(ids.length, "track"), this.#most];
    this.#form.querySelector("output").textContent = ids.length > most ? `${count}, the middle ${most} of them taken` : count;
    const tracks = this.#form.querySelector("[name=track]");
    if (tracks) tracks.value = this.#ids.join();
    if (ids.length) say(`${count} selected`);
  }

  async #play() {
    try {
      playTracks(await fetchTracks(this.#ids));
    } catch (error) {
      showProblem(error.message);
    }
  }
}
