/**
 * Draws the points where there is no graphics card: small ones pixel by pixel, which is several times as fast as WebGL
 * on a processor, and large ones, of which there are few, as discs.
 */

const LARGEST_SQUARE = 3;

export class CanvasPoints {
  #context;
  #points;
  #colours = new Uint32Array(256);
  #isFaint = new Uint8Array(256);
  #names = [];
  #picture = null;

  constructor(context, points) {
    this.#context = context;
    this.#points = points;
  }

  end() {
    this.#picture = null;
  }

  /** `palette` has four bytes, red to alpha, for each of 256 groups of points. */
  paint(palette) {
    this.#isFaint = this.#isFaint.map((_, number) => palette[4 * number + 3] < 128);
    // What lies below a faint point does not shine through: nearly as good as blending, and far quicker.
    this.#colours = new Uint32Array(palette.slice().buffer);
    this.#names = Array.from({ length: 256 }, (_, number) => {
      const [red, green, blue, alpha] = palette.subarray(4 * number, 4 * number + 4);
      return `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
    });
  }

  /** `size` in pixels of the page. */
  draw(view, size) {
    const { width, height } = this.#context.canvas;
    const ratio = width / view.width;
    const [scale, side] = [view.scale * ratio, size * ratio];
    if (side > LARGEST_SQUARE) this.#drawDiscs(view, scale, side / 2);
    else this.#drawSquares(view, scale, Math.max(1, Math.round(side)), width, height);
  }

  #drawDiscs(view, scale, radius) {
    const [context, { x, y, groups, count }] = [this.#context, this.#points];
    const { width, height } = context.canvas;
    context.clearRect(0, 0, width, height);
    for (let row = 0; row < count; row += 1) {
      const left = (x[row] - view.x) * scale + width / 2;
      const top = (y[row] - view.y) * scale + height / 2;
      if (left < -radius || top < -radius || left > width + radius || top > height + radius) continue;
      context.fillStyle = this.#names[groups[row]];
      context.beginPath();
      context.arc(left, top, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }

  #drawSquares(view, scale, side, width, height) {
    const pixels = this.#clear(width, height);
    const { x, y, groups, count } = this.#points;
    for (let row = 0; row < count; row += 1) {
      const left = Math.round((x[row] - view.x) * scale + (width - side) / 2);
      const top = Math.round((y[row] - view.y) * scale + (height - side) / 2);
      if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
      const colour = this.#colours[groups[row]];
      const isFaint = this.#isFaint[groups[row]];
      for (let line = top; line < top + side; line += 1) {
        for (let at = line * width + left; at < line * width + left + side; at += 1) {
          // What is faint hides nothing that is meant.
          if (!isFaint || pixels[at] === 0) pixels[at] = colour;
        }
      }
    }
    this.#context.putImageData(this.#picture, 0, 0);
  }

  #clear(width, height) {
    if (this.#picture?.width !== width || this.#picture.height !== height) this.#picture = this.#context.createImageData(width, height);
    return new Uint32Array(this.#picture.data.buffer).fill(0);
  }
}
