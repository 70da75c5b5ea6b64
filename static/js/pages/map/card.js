/** The card of the track that is pointed to. What is on it comes from the server, once for each track. */
import { fetchTracks } from "../../player/tracks.js";

const PATIENCE_MS = 90;
const KEPT = 300;
const GAP_PIXELS = 14;

export class Card {
  #element;
  #tracks = new Map();
  #timer = null;
  #id = null;

  constructor(element) {
    this.#element = element;
  }

  /** Show the track beside a pixel of the map, once it was pointed to for a moment; its data, or null when it is another by then. */
  async show(id, [left, top], view) {
    if (id !== this.#id) {
      this.hide();
      this.#id = id;
      if (!this.#tracks.has(id)) await new Promise((resolve) => (this.#timer = setTimeout(resolve, PATIENCE_MS)));
      const track = await this.find(id);
      if (id !== this.#id || !track) return null;
      this.#fill(track);
    }
    this.#place(left, top, view);
    return this.find(id);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#id = null;
    this.#element.hidden = true;
  }

  /** As `player/tracks.js` gives it; nothing for a track that is no longer to be seen. */
  find(id) {
    const found = this.#tracks.get(id) ?? fetchTracks([id]).then(([track]) => track, () => this.#tracks.delete(id) && undefined);
    this.#tracks.delete(id);
    this.#tracks.set(id, found);
    if (this.#tracks.size > KEPT) this.#tracks.delete(this.#tracks.keys().next().value);
    return found;
  }

  #fill({ title, artist, cover, page }) {
    const [image, link, by] = ["img", "a", "span"].map((name) => this.#element.querySelector(name));
    image.src = cover;
    Object.assign(link, { href: page, textContent: title });
    by.textContent = artist;
  }

  /** To the right of the point and below, or wherever there is room. */
  #place(left, top, { width, height }) {
    this.#element.hidden = false;
    const { offsetWidth, offsetHeight } = this.#element;
    const right = left + GAP_PIXELS + offsetWidth <= width ? left + GAP_PIXELS : left - GAP_PIXELS - offsetWidth;
    const down = top + GAP_PIXELS + offsetHeight <= height ? top + GAP_PIXELS : top - GAP_PIXELS - offsetHeight;
    const within = (place, most) => Math.max(0, Math.min(place, most));
    this.#element.style.transform = `translate(${within(right, width - offsetWidth)}px, ${within(down, height - offsetHeight)}px)`;
  }
}
