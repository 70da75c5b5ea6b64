/** Which part of the map is looked at. Places are 0-65535 on the map, pixels from the corner of the picture on screen. */
import { GRID } from "./points.js";

const MARGIN = 0.88;
const FURTHEST = 1;
const NEAREST = 200;
const LARGEST_START = 40;
// A map of one point has no size.
const LEAST = GRID / 50;

export class View {
  width = 1;
  height = 1;
  zoom = FURTHEST;
  #box;

  /** `box` [left, top, right, bottom] is what the whole map is: all that there are points in. */
  constructor(box) {
    this.#box = box;
    this.showAll();
  }

  /** Pixels of one step on the map. */
  get scale() {
    const [left, top, right, bottom] = this.#box;
    return Math.min(this.width / Math.max(LEAST, right - left), this.height / Math.max(LEAST, bottom - top)) * MARGIN * this.zoom;
  }

  /** What is looked at, for `goTo`. */
  get place() {
    return [this.x, this.y, this.zoom];
  }

  get isWhole() {
    return this.zoom <= FURTHEST;
  }

  /** Its border, in pixels. */
  get frame() {
    const [right, bottom] = [this.width - 1, this.height - 1];
    return [[1, 1], [right, 1], [right, bottom], [1, bottom]];
  }

  resize(width, height) {
    [this.width, this.height] = [Math.max(1, width), Math.max(1, height)];
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  toMap(left, top) {
    return [(left - this.width / 2) / this.scale + this.x, (top - this.height / 2) / this.scale + this.y];
  }

  pan(right, down) {
    this.#look(this.x - right / this.scale, this.y - down / this.scale);
  }

  /** Nearer by `factor`; what is at this pixel stays there. */
  zoomAt(factor, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toMap(left, top);
    this.zoom = within(FURTHEST, this.zoom * factor, NEAREST);
    const [movedX, movedY] = this.toMap(left, top);
    this.#look(this.x + x - movedX, this.y + y - movedY);
  }

  showAll() {
    const [left, top, right, bottom] = this.#box;
    this.zoom = FURTHEST;
    this.#look((left + right) / 2, (top + bottom) / 2);
  }

  goTo([x, y, zoom]) {
    this.zoom = within(FURTHEST, zoom, NEAREST);
    this.#look(x, y);
  }

  /** The first of these places in the middle, and the others in sight. */
  centre([[x, y], ...others]) {
    const away = others.map((other) => Math.max(Math.abs(other[0] - x) / this.width, Math.abs(other[1] - y) / this.height));
    this.zoom = FURTHEST;
    this.zoom = within(FURTHEST, 0.42 / (Math.max(...away, 0) * this.scale || 1), LARGEST_START);
    this.#look(x, y);
  }

  /** The middle of the picture never leaves the map. */
  #look(x, y) {
    const [left, top, right, bottom] = this.#box;
    this.x = within(left, x, right);
    this.y = within(top, y, bottom);
  }
}

function within(least, value, most) {
  return Math.min(most, Math.max(least, value));
}
