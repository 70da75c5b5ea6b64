/**
 * The colours of regions. Eight, chosen to be told apart by people with any kind of colour vision, on either ground; so
 * regions share them, and of two with the same colour neither lies beside the other.
 */
const COLOURS = {
  light: ["#0e1bff", "#9f0008", "#119daf", "#8a02a9", "#957200", "#434e5c", "#ff3d7b", "#a670ff"],
  dark: ["#5aecdc", "#f80086", "#e8da02", "#b31aff", "#f29067", "#0d8db5", "#707b01", "#c39cf9"],
};
const NOWHERE = { light: "#77716b", dark: "#8f8a94" };
const FAINT = 0.1;
const OPAQUE = 0.85;

/** The colour of each region by number, as an index. `regions` are the largest first, which choose first. */
export function shareOut(regions) {
  const chosen = new Map();
  const placed = [];
  for (const { number, x, y } of regions) {
    const nearness = new Float64Array(COLOURS.light.length);
    for (const other of placed) nearness[other.colour] += 1 / ((other.x - x) ** 2 + (other.y - y) ** 2 + 1);
    const colour = nearness.indexOf(Math.min(...nearness));
    placed.push({ x, y, colour });
    chosen.set(number, colour);
  }
  return chosen;
}

/** "#rrggbb" of an index, or of none, on a ground that is "light" or "dark". */
export function colourOf(index, ground) {
  return index === undefined ? NOWHERE[ground] : COLOURS[ground][index];
}

/** Four bytes for each of 256 regions. Those that are not `meant` are faint; an empty set means all. */
export function paletteOf(chosen, ground, meant) {
  const palette = new Uint8Array(4 * 256);
  for (let number = 0; number < 256; number += 1) {
    const colour = Number.parseInt(colourOf(chosen.get(number), ground).slice(1), 16);
    const opacity = meant.size && !meant.has(number) ? FAINT : OPAQUE;
    palette.set([colour >> 16, (colour >> 8) & 255, colour & 255, Math.round(255 * opacity)], 4 * number);
  }
  return palette;
}
