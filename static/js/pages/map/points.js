/** The points of the map and their colours, as `recommender/web/map_pages.py` packs them, and its regions. */

const HEADER_BYTES = 16;
const POINT_BYTES = 9;
const [MAGIC, MAGIC_OF_COLOURS] = [0x50414d53, 0x4c4f4353];

/** From side to side. */
export const GRID = 65_535;

/** With `groups` besides, the colour of each: those at the address of `colours`, or the regions where there is none. */
export async function fetchPoints(map, colours, signal) {
  const [points, coloured] = await Promise.all([fetchBytes(map, signal).then(readPoints), colours && fetchBytes(colours, signal).then(readColours)]);
  if (!coloured) return { ...points, groups: points.regions };
  if (coloured.stamp !== points.stamp) throw new Error("These are not the colours of these points.");
  return { ...points, groups: coloured.groups };
}

/** The largest first. */
export async function fetchRegions(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).regions.sort((one, other) => other.tracks - one.tracks);
}

/** Arrays that lie in the answer itself: `ids`, `x`, `y`, `regions`, each of `count`. */
function readPoints(bytes) {
  const { count, stamp } = readHeader(bytes, MAGIC, POINT_BYTES);
  return {
    count,
    stamp,
    ids: new Uint32Array(bytes, HEADER_BYTES, count),
    x: new Uint16Array(bytes, HEADER_BYTES + 4 * count, count),
    y: new Uint16Array(bytes, HEADER_BYTES + 6 * count, count),
    regions: new Uint8Array(bytes, HEADER_BYTES + 8 * count, count),
  };
}

function readColours(bytes) {
  const { count, stamp } = readHeader(bytes, MAGIC_OF_COLOURS, 1);
  return { stamp, groups: new Uint8Array(bytes, HEADER_BYTES, count) };
}

async function fetchBytes(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.arrayBuffer();
}

function readHeader(bytes, magic, size) {
  const header = new DataView(bytes);
  const count = bytes.byteLength < HEADER_BYTES ? -1 : header.getUint32(8, true);
  if (count < 0 || header.getUint32(0, true) !== magic || bytes.byteLength < HEADER_BYTES + size * count) {
    throw new Error("These are not the points of a map.");
  }
  return { count, stamp: header.getUint32(12, true) };
}

/** [left, top, right, bottom] of all points. */
export function boxOf({ count, x, y }) {
  const box = [GRID, GRID, 0, 0];
  for (let row = 0; row < count; row += 1) {
    if (x[row] < box[0]) box[0] = x[row];
    if (y[row] < box[1]) box[1] = y[row];
    if (x[row] > box[2]) box[2] = x[row];
    if (y[row] > box[3]) box[3] = y[row];
  }
  return box;
}

/** So many of these rows, those first that are nearest to the middle of them all. A million are not sorted for a few. */
export function fromTheMiddle({ x, y }, rows, most) {
  const [across, down] = [x, y].map((places) => rows.reduce((sum, row) => sum + places[row], 0) / rows.length);
  const gap = (row) => (x[row] - across) ** 2 + (y[row] - down) ** 2;
  const furthest = Float64Array.from(rows, gap).sort()[Math.min(most, rows.length) - 1];
  return rows.filter((row) => gap(row) <= furthest).sort((one, other) => gap(one) - gap(other)).slice(0, most);
}

/** The row of a track, or -1. `ids` ascend. */
export function rowOf(ids, id) {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return ids[low] === id ? low : -1;
}
