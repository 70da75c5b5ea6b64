/** The tracks that were drawn around: how many, and what can be done with them. */
import { say } from "../../announcer.js";
import { formatNumber } from "../../format.js";
import { playTracks } from "../../player/queue.js";
import { fetchTracks } from "../../player/tracks.js";
import { showProblem } from "../../problem-line.js";
import { gettext as _, interpolate, ngettext } from "../../words.js";

export class Selection {
  #form;
  #ids = [];

  /** `onClear` is called when the tracks are let go. */
  constructor(form, signal, onClear) {
    this.#form = form;
    form.querySelector("[data-play-selection]").addEventListener("click", () => this.#play(), { signal });
    form.querySelector("[data-clear]").addEventListener("click", () => (this.choose([]), onClear()), { signal });
  }

  /** How many tracks are taken at once. */
  get most() {
    return Number(this.#form.dataset.most);
  }

  /** The ids of the tracks that are taken, those first that are to be played first, of `total` that were drawn around. */
  choose(ids, total = ids.length) {
    this.#ids = ids;
    this.#form.hidden = total === 0;
    const told = { count: formatNumber(total), taken: formatNumber(ids.length) };
    const sentence = total > ids.length ? _("%(count)s tracks, the middle %(taken)s of them taken") : ngettext("%(count)s track", "%(count)s tracks", total);
    this.#form.querySelector("output").textContent = interpolate(sentence, told);
    const tracks = this.#form.querySelector("[name=track]");
    if (tracks) tracks.value = this.#ids.join();
    if (!total) return;
    this.#form.scrollIntoView({ block: "nearest" });
    say(interpolate(ngettext("%(count)s track selected", "%(count)s tracks selected", total), told));
  }

  async #play() {
    try {
      playTracks(await fetchTracks(this.#ids));
    } catch (error) {
      showProblem(error.message);
    }
  }
}
