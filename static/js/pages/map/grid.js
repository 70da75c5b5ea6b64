/** Finds points by their place: all of them sorted into the cells of a grid, once. */
import { GRID } from "./points.js";

const POINTS_IN_A_CELL = 4;
const MOST_CELLS = 1024;

export class Grid {
  #points;
  #side;
  #starts;
  #rows;

  constructor(points) {
    this.#points = points;
    this.#side = Math.min(MOST_CELLS, Math.max(1, Math.ceil(Math.sqrt(points.count / POINTS_IN_A_CELL))));
    this.#starts = new Uint32Array(this.#side ** 2 + 1);
    this.#rows = new Uint32Array(points.count);
    this.#sort();
  }

  /** The row of the nearest point within `reach` of a place, or -1; only of those whose row `isMeant`. */
  nearest(x, y, reach, isMeant) {
    let [found, best] = [-1, reach ** 2];
    this.#visit([x - reach, y - reach, x + reach, y + reach], (row) => {
      const gap = (this.#points.x[row] - x) ** 2 + (this.#points.y[row] - y) ** 2;
      if (gap <= best && isMeant(row)) [found, best] = [row, gap];
    });
    return found;
  }

  /** The rows inside a polygon of places, which may cross itself; only those that are meant. */
  inside(polygon, isMeant) {
    const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
    const found = [];
    this.#visit([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], (row) => {
      if (isMeant(row) && isInside(polygon, this.#points.x[row], this.#points.y[row])) found.push(row);
    });
    return found;
  }

  /** A counting sort: where each cell starts, then the rows of each. */
  #sort() {
    const { count, x, y } = this.#points;
    for (let row = 0; row < count; row += 1) this.#starts[this.#cell(x[row], y[row]) + 1] += 1;
    for (let cell = 1; cell < this.#starts.length; cell += 1) this.#starts[cell] += this.#starts[cell - 1];
    const next = this.#starts.slice();
    for (let row = 0; row < count; row += 1) this.#rows[next[this.#cell(x[row], y[row])]++] = row;
  }

  #line(place) {
    return Math.min(this.#side - 1, Math.max(0, Math.floor((place / (GRID + 1)) * this.#side)));
  }

  #cell(x, y) {
    return this.#line(y) * this.#side + this.#line(x);
  }

  #visit([left, top, right, bottom], visit) {
    const [first, last] = [this.#line(left), this.#line(right)];
    for (let line = this.#line(top); line <= this.#line(bottom); line += 1) {
      const end = this.#starts[line * this.#side + last + 1];
      for (let at = this.#starts[line * this.#side + first]; at < end; at += 1) visit(this.#rows[at]);
    }
  }
}

/** Whether a line from there to the right crosses the border an odd number of times. */
export function isInside(polygon, x, y) {
  let isIn = false;
  for (let at = 0, before = polygon.length - 1; at < polygon.length; before = at++) {
    const [[x1, y1], [x2, y2]] = [polygon[at], polygon[before]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isIn = !isIn;
  }
  return isIn;
}
