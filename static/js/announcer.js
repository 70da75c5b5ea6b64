/** What listeners who do not look at the page are told, politely. */
const SETTLE_MS = 100;

let timer = null;

export function say(sentence) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  clearTimeout(timer);
  // The same words twice are read twice only when they were gone in between.
  timer = setTimeout(() => (announcer.textContent = sentence), SETTLE_MS);
}
