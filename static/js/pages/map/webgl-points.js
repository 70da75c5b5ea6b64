/** Draws the points with WebGL 2: their places go to the graphics memory once, and every picture is a call or two. */
import { layersOf } from "./colours.js";

const VERTICES = `#version 300 es
in float x;
in float y;
in uint group;
uniform vec2 middle;
uniform vec2 scale;
uniform mediump float size;
uniform sampler2D palette;
flat out vec4 colour;
void main() {
  gl_Position = vec4((vec2(x, y) - middle) * scale, 0.0, 1.0);
  gl_PointSize = size;
  colour = texelFetch(palette, ivec2(int(group), 0), 0);
}`;

const FRAGMENTS = `#version 300 es
precision mediump float;
flat in vec4 colour;
uniform mediump float size;
out vec4 painted;
void main() {
  float seen = colour.a * clamp((0.5 - length(gl_PointCoord - 0.5)) * size + 0.5, 0.0, 1.0);
  painted = vec4(colour.rgb * seen, seen);
}`;

export class WebglPoints {
  #context;
  #points;
  #uniforms = {};
  #layers = [];

  /** `context` is that of a canvas, of the kind "webgl2". */
  constructor(context, points) {
    this.#context = context;
    this.#points = points;
    this.prepare();
  }

  /** All that the graphics memory holds; again after it was lost. */
  prepare() {
    const gl = this.#context;
    const program = link(gl);
    gl.useProgram(program);
    for (const name of ["middle", "scale", "size"]) this.#uniforms[name] = gl.getUniformLocation(program, name);
    fill(gl, gl.getAttribLocation(program, "x"), this.#points.x, gl.UNSIGNED_SHORT);
    fill(gl, gl.getAttribLocation(program, "y"), this.#points.y, gl.UNSIGNED_SHORT);
    fill(gl, gl.getAttribLocation(program, "group"), this.#points.groups, gl.UNSIGNED_BYTE);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Browsers keep few contexts, and each holds its memory until somebody cleans up: not only then. */
  end() {
    this.#context.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** `palette` has four bytes, red to alpha, for each of 256 groups of points. */
  paint(palette) {
    this.#layers = layersOf(palette);
    this.#load(this.#layers[0]);
  }

  /** `size` in pixels of the page. */
  draw(view, size) {
    const gl = this.#context;
    const ratio = gl.canvas.width / view.width;
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.#uniforms.middle, view.x, view.y);
    gl.uniform2f(this.#uniforms.scale, (2 * view.scale) / view.width, (-2 * view.scale) / view.height);
    gl.uniform1f(this.#uniforms.size, size * ratio);
    for (const layer of this.#layers) {
      if (this.#layers.length > 1) this.#load(layer);
      gl.drawArrays(gl.POINTS, 0, this.#points.count);
    }
  }

  #load(palette) {
    const gl = this.#context;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
  }
}

function link(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTICES], [gl.FRAGMENT_SHADER, FRAGMENTS]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return program;
}

function fill(gl, attribute, values, kind) {
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(attribute);
  if (kind === gl.UNSIGNED_BYTE) gl.vertexAttribIPointer(attribute, 1, kind, 0, 0);
  else gl.vertexAttribPointer(attribute, 1, kind, false, 0, 0);
}
