/** A waveform as bars, painted in the colour of its canvas: what was played is stronger than what is to come. */
const BAR_PIXELS = 3;
const GAP_PIXELS = 2;

/**
 * `peaks`: a byte for each part of the track; none is a row of dots. `playedShare` and the ends of a chosen `passage` are
 * shares of the whole, 0 to 1.
 */
export function drawBars(canvas, peaks, playedShare, passage) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(canvas).color;
  if (passage) {
    context.globalAlpha = 0.2;
    context.fillRect(passage[0] * width, 0, (passage[1] - passage[0]) * width, height);
  }
  const count = Math.floor((width + GAP_PIXELS) / (BAR_PIXELS + GAP_PIXELS));
  for (let bar = 0; bar < count; bar += 1) {
    const tall = Math.max(BAR_PIXELS, (height * highest(peaks, bar / count, (bar + 1) / count)) / 255);
    context.globalAlpha = (bar + 0.5) / count < playedShare ? 1 : 0.3;
    context.beginPath();
    context.roundRect(bar * (BAR_PIXELS + GAP_PIXELS), (height - tall) / 2, BAR_PIXELS, tall, BAR_PIXELS / 2);
    context.fill();
  }
}

function highest(peaks, from, to) {
  const first = Math.floor(from * peaks.length);
  const part = peaks.subarray(first, Math.max(first + 1, Math.ceil(to * peaks.length)));
  return part.reduce((most, peak) => Math.max(most, peak), 0);
}
