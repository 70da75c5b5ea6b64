/** What hands do on the map: drag, pinch, wheel, click, point, and draw around something. */

// A hand that clicks is not quite still.
const STILL_PIXELS = 6;
const WHEEL_PIXELS = 300;
const LINE_PIXELS = 20;

/**
 * `told` is asked to `pan(right, down)`, `zoom(factor, left, top)`, `point(left, top)`, `leave()`, `choose(left, top)`,
 * and, where `isDrawing()`, `draw(path)` and `enclose(path)`; `canZoomOut()` says whether a wheel is ours.
 */
export class Gestures {
  #element;
  #told;
  #pointers = new Map();
  #path = [];
  #hasMoved = false;

  constructor(element, told, signal) {
    this.#element = element;
    this.#told = told;
    const listen = (name, heard, options) => element.addEventListener(name, heard, { signal, ...options });
    listen("pointerdown", (event) => this.#press(event));
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", (event) => this.#lift(event));
    listen("pointercancel", (event) => this.#forget(event));
    listen("pointerleave", (event) => event.pointerType === "mouse" && told.leave());
    listen("wheel", (event) => this.#turn(event), { passive: false });
  }

  #place(event) {
    const box = this.#element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
    this.#hasMoved = this.#pointers.size > 1;
    // A second finger comes to pinch: what the first has drawn was not meant.
    if (this.#path.length) this.#told.draw([]);
    this.#path = this.#told.isDrawing() && this.#pointers.size === 1 ? [this.#place(event)] : [];
  }

  #move(event) {
    const place = this.#place(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.#told.point(...place);
      return;
    }
    const [right, down] = [place[0] - before[0], place[1] - before[1]];
    if (!this.#hasMoved && Math.hypot(right, down) < STILL_PIXELS) return;
    this.#hasMoved = true;
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, place);
    else if (this.#path.length) this.#extend(place);
    else this.#told.pan(right, down);
    this.#pointers.set(event.pointerId, place);
  }

  #extend(place) {
    this.#path.push(place);
    this.#told.draw(this.#path);
  }

  #pinch(moving, place) {
    const before = this.#pointers.get(moving);
    const [, other] = [...this.#pointers].find(([id]) => id !== moving);
    const middle = (one) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const apart = (one) => Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    const [from, to] = [middle(before), middle(place)];
    this.#told.pan(to[0] - from[0], to[1] - from[1]);
    this.#told.zoom(apart(place) / apart(before), ...to);
  }

  #lift(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (!this.#hasMoved) this.#told.choose(...this.#place(event));
    else if (this.#path.length) this.#told.enclose(this.#path);
    this.#path = [];
  }

  #forget(event) {
    this.#pointers.delete(event.pointerId);
    if (this.#path.length) this.#told.draw([]);
    this.#path = [];
  }

  #turn(event) {
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1);
    // Whoever scrolls down past the whole map wants the rest of the page.
    if (pixels > 0 && !this.#told.canZoomOut()) return;
    event.preventDefault();
    this.#told.zoom(2 ** (-pixels / WHEEL_PIXELS), ...this.#place(event));
  }
}
