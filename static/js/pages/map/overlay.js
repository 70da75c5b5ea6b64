/** What is drawn over the points: names of regions, rings around tracks, and a line being drawn around some. */

const LABEL_PIXELS = 13;
const LABEL_HEIGHT = 20;
// Above the middle of the region, so that the name of one that has a single track does not hide it.
const LABEL_RISE = 16;
const RING_PIXELS = 7;
const CROSS_PIXELS = 10;

export class Overlay {
  #canvas;
  #context;
  #widths = new Map();

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** `shown` has `regions`, `seed` and `near` and `current` (places), `path` (pixels), and `hasCross`. */
  draw(view, shown) {
    const [context, style] = [this.#context, getComputedStyle(this.#canvas.parentElement)];
    context.setTransform(this.#canvas.width / view.width, 0, 0, this.#canvas.height / view.height, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.font = `600 ${LABEL_PIXELS}px ${style.fontFamily}`;
    Object.assign(context, { textAlign: "left", textBaseline: "middle", lineJoin: "round", strokeStyle: style.backgroundColor, fillStyle: style.color });
    this.#drawNames(view, shown.regions);
    context.strokeStyle = style.color;
    this.#drawSeed(view, shown, style);
    if (shown.current) this.#ring(view.toScreen(...shown.current), RING_PIXELS + 2, 3);
    if (shown.hasCross) this.#cross(view);
    if (shown.path.length) this.#drawPath(shown.path);
  }

  /** The largest regions first; a name that would lie over another is left out. */
  #drawNames(view, regions) {
    const taken = [];
    for (const region of regions) {
      const [left, place] = view.toScreen(region.x, region.y);
      const middle = place - LABEL_RISE;
      const width = this.#widthOf(region.name);
      const box = { left: left - width / 2, right: left + width / 2, middle };
      const isInSight = box.left >= 0 && box.right <= view.width && middle >= LABEL_HEIGHT / 2 && middle <= view.height - LABEL_HEIGHT / 2;
      const isFree = taken.every((other) => box.left > other.right || box.right < other.left || Math.abs(middle - other.middle) > LABEL_HEIGHT);
      if (!isInSight || !isFree) continue;
      taken.push(box);
      this.#context.lineWidth = 4;
      this.#context.strokeText(region.name, box.left, middle);
      this.#context.fillText(region.name, box.left, middle);
    }
  }

  #widthOf(name) {
    if (!this.#widths.has(name)) this.#widths.set(name, this.#context.measureText(name).width);
    return this.#widths.get(name);
  }

  #drawSeed(view, { seed, near }, { accentColor }) {
    if (!seed) return;
    const [context, middle] = [this.#context, view.toScreen(...seed)];
    context.strokeStyle = accentColor;
    context.globalAlpha = 0.5;
    context.lineWidth = 1.5;
    for (const place of near) this.#line([middle, view.toScreen(...place)]);
    context.globalAlpha = 1;
    for (const place of near) this.#ring(view.toScreen(...place), RING_PIXELS, 2);
    this.#ring(middle, RING_PIXELS + 4, 4);
  }

  #ring([left, top], radius, lineWidth) {
    this.#context.lineWidth = lineWidth;
    this.#context.beginPath();
    this.#context.arc(left, top, radius, 0, 2 * Math.PI);
    this.#context.stroke();
  }

  #line(places) {
    this.#context.beginPath();
    for (const place of places) this.#context.lineTo(...place);
    this.#context.stroke();
  }

  /** Where the keys point to. */
  #cross({ width, height }) {
    this.#context.lineWidth = 2;
    this.#line([[width / 2 - CROSS_PIXELS, height / 2], [width / 2 + CROSS_PIXELS, height / 2]]);
    this.#line([[width / 2, height / 2 - CROSS_PIXELS], [width / 2, height / 2 + CROSS_PIXELS]]);
  }

  #drawPath(path) {
    const context = this.#context;
    context.lineWidth = 2;
    context.setLineDash([6, 4]);
    this.#line([...path, path[0]]);
    context.setLineDash([]);
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
  }
}
