/** The map by keys: arrows move it, and what is then in its middle is told and can be played. */

const STEP_PIXELS = 40;
const LEAP_PIXELS = 160;
const STEPS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function watchKeys(element, map, signal) {
  const acts = {
    "+": () => map.step(true),
    "=": () => map.step(true),
    "-": () => map.step(false),
    Home: () => map.showAll(),
    Enter: () => map.playMiddle(),
    Escape: () => map.letGo(),
  };
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (!step && !acts[event.key]) return;
    event.preventDefault();
    const pixels = event.shiftKey ? LEAP_PIXELS : STEP_PIXELS;
    if (step) map.pan(step[0] * pixels, step[1] * pixels);
    else acts[event.key]();
    if (event.key !== "Enter" && event.key !== "Escape") map.look();
  }, { signal });
  element.addEventListener("focus", () => element.matches(":focus-visible") && map.setCross(true), { signal });
  element.addEventListener("blur", () => map.setCross(false), { signal });
}
