/** The two canvases of the map: points below, what is drawn over them above. Draws when there is something new to see. */
import { isDark, onThemeChange } from "../../theme.js";
import { paletteOf } from "./colours.js";
import { CanvasPoints } from "./canvas-points.js";
import { Overlay } from "./overlay.js";
import { WebglPoints } from "./webgl-points.js";

const LARGEST = 14;
const SMALLEST = 1.5;
const GROWTH = 0.45;
const PRETENDERS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export class Screen {
  #canvas;
  #top;
  #view;
  #shown;
  #points;
  #overlay;
  #size;
  #isWaiting = false;
  #isLost = false;

  /** `shown()` tells what `Overlay.draw` wants to know. */
  constructor(element, view, points, shown) {
    [this.#canvas, this.#top] = element.querySelectorAll("canvas");
    this.#view = view;
    this.#shown = shown;
    this.#points = choosePainter(this.#canvas, points);
    this.#overlay = new Overlay(this.#top);
    this.#size = (zoom) => Math.min(LARGEST, Math.max(SMALLEST, (0.3 * Math.min(view.width, view.height) * zoom ** GROWTH) / Math.sqrt(points.count)));
  }

  /** `repaint` is called when the colours have to be others, or were lost. */
  watch(signal, repaint) {
    const resizing = new ResizeObserver(() => this.#resize());
    resizing.observe(this.#top);
    signal.addEventListener("abort", () => (resizing.disconnect(), this.#points.end()));
    this.#resize();
    this.#canvas.addEventListener("webglcontextlost", (event) => this.#lose(event), { signal });
    this.#canvas.addEventListener("webglcontextrestored", () => this.#regain(repaint), { signal });
    signal.addEventListener("abort", onThemeChange(repaint));
  }

  setCursor(name) {
    this.#top.style.cursor = name;
  }

  get ground() {
    return isDark() ? "dark" : "light";
  }

  paint(chosen, meant) {
    if (!this.#isLost) this.#points.paint(paletteOf(chosen, this.ground, meant));
    this.draw();
  }

  /** Before the next picture of the browser, however often it is asked for until then. */
  draw() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.drawNow();
    });
  }

  drawNow() {
    if (!this.#isLost) this.#points.draw(this.#view, this.#size(this.#view.zoom));
    this.#overlay.draw(this.#view, this.#shown());
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#top;
    this.#view.resize(clientWidth, clientHeight);
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.#canvas, this.#top]) {
      canvas.width = Math.max(1, Math.round(clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(clientHeight * ratio));
    }
    // A canvas of another size is empty until it is drawn.
    this.drawNow();
  }

  /** Without this the browser never gives the graphics memory back. */
  #lose(event) {
    event.preventDefault();
    this.#isLost = true;
  }

  #regain(repaint) {
    this.#isLost = false;
    this.#points.prepare();
    repaint();
  }
}

/** WebGL where a graphics card does the work: what only pretends to be one is slower than a plain canvas. */
function choosePainter(canvas, points) {
  const context = hasGraphicsCard() && canvas.getContext("webgl2", { antialias: false, depth: false, stencil: false });
  return context ? new WebglPoints(context, points) : new CanvasPoints(canvas.getContext("2d"), points);
}

/** Asked of a canvas that is thrown away: one that was asked for WebGL can draw in no other way. */
function hasGraphicsCard() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !PRETENDERS.test(name);
}
