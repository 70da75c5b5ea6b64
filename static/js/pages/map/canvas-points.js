/** Draws the points without WebGL 2: as small squares, pixel by pixel. */

export class CanvasPoints {
  #context;
  #points;
  #colours = new Uint32Array(256);

  constructor(context, points) {
    this.#context = context;
    this.#points = points;
  }

  paint(palette) {
    // What lies below a point that is nearly clear does not shine through: as good as blending, and far quicker.
    this.#colours = new Uint32Array(palette.slice().buffer);
  }

  draw(view, size) {
    const { width, height } = this.#context.canvas;
    const picture = this.#context.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const ratio = width / view.width;
    const side = Math.max(1, Math.round(size * ratio));
    const [scale, { x, y, regions, count }] = [view.scale * ratio, this.#points];
    for (let row = 0; row < count; row += 1) {
      const left = Math.round((x[row] - view.x) * scale + width / 2 - side / 2);
      const top = Math.round((y[row] - view.y) * scale + height / 2 - side / 2);
      if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
      for (let line = top; line < top + side; line += 1) pixels.fill(this.#colours[regions[row]], line * width + left, line * width + left + side);
    }
    this.#context.putImageData(picture, 0, 0);
  }
}
