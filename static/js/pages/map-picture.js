/** The map as a picture: a point for each track, in the colour of its region. A click opens the nearest track. */
import { visit } from "../navigation.js";
import { enlivenEach } from "../enliven.js";

const HEADER_BYTES = 16;
const GRID = 65_535;
const REACH_PIXELS = 14;
const GOLDEN_ANGLE = 137.508;
const dark = matchMedia("(prefers-color-scheme: dark)");

export function enlivenMaps() {
  enlivenEach("canvas[data-map]", (canvas) => {
    const release = new AbortController();
    showMap(canvas, release.signal);
    return () => release.abort();
  });
}

async function showMap(canvas, signal) {
  const [points, regions] = await Promise.all([fetchPoints(canvas.dataset.map, signal), fetchRegions(canvas.dataset.regions, signal)]).catch(() => []);
  if (!points || signal.aborted) return;
  canvas.hidden = false;
  const draw = () => drawMap(canvas, points, regions);
  const resizing = new ResizeObserver(draw);
  resizing.observe(canvas);
  signal.addEventListener("abort", () => resizing.disconnect());
  dark.addEventListener("change", draw, { signal });
  canvas.addEventListener("pointermove", (event) => canvas.style.setProperty("cursor", find(canvas, points, event) < 0 ? "" : "pointer"), { signal });
  canvas.addEventListener("click", (event) => open(canvas, points, event), { signal });
}

async function fetchPoints(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return readPoints(await answer.arrayBuffer());
}

async function fetchRegions(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).regions.sort((one, other) => other.tracks - one.tracks) : [];
}

/** The arrays of `recommender/web/map_pages.py`, as they lie in the answer. */
function readPoints(bytes) {
  const count = new DataView(bytes).getUint32(8, true);
  return {
    count,
    ids: new Uint32Array(bytes, HEADER_BYTES, count),
    x: new Uint16Array(bytes, HEADER_BYTES + 4 * count, count),
    y: new Uint16Array(bytes, HEADER_BYTES + 6 * count, count),
    regions: new Uint8Array(bytes, HEADER_BYTES + 8 * count, count),
  };
}

/** From the map to pixels of the canvas: as large as it can be, in the middle. */
function placing({ clientWidth: width, clientHeight: height }) {
  const side = Math.min(width, height);
  const left = (width - side) / 2;
  const top = (height - side) / 2;
  return { x: (x) => left + (x / GRID) * side, y: (y) => top + (y / GRID) * side };
}

function drawMap(canvas, points, regions) {
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(canvas.clientHeight * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const place = placing(canvas);
  const size = Math.min(7, Math.max(1.5, (canvas.clientHeight * 0.3) / Math.sqrt(points.count)));
  let latest = -1;
  for (let row = 0; row < points.count; row += 1) {
    if (points.regions[row] !== latest) context.fillStyle = colourOf((latest = points.regions[row]));
    context.fillRect(place.x(points.x[row]) - size / 2, place.y(points.y[row]) - size / 2, size, size);
  }
  drawNames(context, canvas, regions, place);
}

function colourOf(region) {
  return `hsl(${(region * GOLDEN_ANGLE) % 360} 60% ${dark.matches ? 68 : 42}%)`;
}

/** The largest regions first; a name that would lie over another is left out. */
function drawNames(context, canvas, regions, place) {
  const style = getComputedStyle(canvas);
  context.font = `600 13px ${style.fontFamily}`;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  const taken = [];
  for (const region of regions) {
    const width = context.measureText(region.name).width;
    const left = Math.max(0, Math.min(canvas.clientWidth - width, place.x(region.x) - width / 2));
    const middle = place.y(region.y);
    const isFree = taken.every((other) => left > other.right || left + width < other.left || Math.abs(middle - other.middle) > 18);
    if (!isFree) continue;
    taken.push({ left, right: left + width, middle });
    context.strokeStyle = style.backgroundColor;
    context.strokeText(region.name, left, middle);
    context.fillStyle = style.color;
    context.fillText(region.name, left, middle);
  }
}

/** The row of the nearest point under the pointer, or -1. */
function find(canvas, points, event) {
  const place = placing(canvas);
  const box = canvas.getBoundingClientRect();
  const [left, top] = [event.clientX - box.left, event.clientY - box.top];
  let [nearest, best] = [-1, REACH_PIXELS ** 2];
  for (let row = 0; row < points.count; row += 1) {
    const gap = (place.x(points.x[row]) - left) ** 2 + (place.y(points.y[row]) - top) ** 2;
    if (gap < best) [nearest, best] = [row, gap];
  }
  return nearest;
}

function open(canvas, points, event) {
  const row = find(canvas, points, event);
  if (row >= 0) visit(canvas.dataset.track.replace("0", points.ids[row]));
}
