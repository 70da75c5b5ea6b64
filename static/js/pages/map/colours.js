/**
 * The colours of regions. Eight, chosen to be told apart by people with any kind of colour vision, on either ground; so
 * regions share them, and of two with the same colour neither lies beside the other.
 */
const OF_REGIONS = {
  light: ["#0e1bff", "#9f0008", "#119daf", "#8a02a9", "#957200", "#434e5c", "#ff3d7b", "#a670ff"],
  dark: ["#5aecdc", "#f80086", "#e8da02", "#b31aff", "#f29067", "#0d8db5", "#707b01", "#c39cf9"],
};
/** Those of genres or decades, which lie among each other: twelve, none of them shared. */
const OF_KINDS = {
  light: ["#2e00f7", "#ba7e1a", "#840053", "#1ca1b3", "#ae79f7", "#7d5000", "#0b4980", "#a04f9d", "#7700bf", "#ff4fa1", "#5367e2", "#d60d51"],
  dark: ["#f50029", "#92ffee", "#026dff", "#cbb40d", "#d32dbb", "#9a5372", "#ff85bf", "#a38aff", "#08cfff", "#e0f559", "#188300", "#39b37e"],
};
const NOWHERE = { light: "#77716b", dark: "#8f8a94" };
const FAINT = 0.1;
const OPAQUE = 0.85;

/** The colour of each region by number, on either ground. `regions` are the largest first, which choose first. */
export function shareOut(regions) {
  const chosen = new Map();
  const placed = [];
  for (const { number, x, y } of regions) {
    const nearness = new Float64Array(OF_REGIONS.light.length);
    for (const other of placed) nearness[other.colour] += 1 / ((other.x - x) ** 2 + (other.y - y) ** 2 + 1);
    const colour = nearness.indexOf(Math.min(...nearness));
    placed.push({ x, y, colour });
    chosen.set(number, { light: OF_REGIONS.light[colour], dark: OF_REGIONS.dark[colour] });
  }
  return chosen;
}

/** The colour of each genre or decade by number, which counts from 1, on either ground. */
export function inOrder() {
  return new Map(OF_KINDS.light.map((light, place) => [place + 1, { light, dark: OF_KINDS.dark[place] }]));
}

/** "#rrggbb" of one that was chosen, or of none, on a ground that is "light" or "dark". */
export function colourOf(colour, ground) {
  return (colour ?? NOWHERE)[ground];
}

/** Four bytes for each of 256 groups of points. Those that are not `meant` are faint; an empty set means all. */
export function paletteOf(chosen, ground, meant) {
  const palette = new Uint8Array(4 * 256);
  for (let number = 0; number < 256; number += 1) {
    const colour = Number.parseInt(colourOf(chosen.get(number), ground).slice(1), 16);
    const opacity = meant.size && !meant.has(number) ? FAINT : OPAQUE;
    palette.set([colour >> 16, (colour >> 8) & 255, colour & 255, Math.round(255 * opacity)], 4 * number);
  }
  return palette;
}

/** Palettes to be drawn one after the other: what is faint comes first, so that it hides nothing that is meant. */
export function layersOf(palette) {
  const isFaint = (number) => palette[4 * number + 3] < 128;
  const numbers = [...Array(256).keys()];
  if (!numbers.some(isFaint)) return [palette];
  return [true, false].map((faint) => palette.map((value, at) => (isFaint(at >> 2) === faint ? value : 0)));
}
