/** Looks at the page anew every few seconds, and puts in what has changed, part by part; nothing while nobody looks. */
import { enlivenEach, look } from "../../enliven.js";
import { adopt } from "../../navigation.js";

const PAUSE_MS = 5000;

export function enlivenHealth() {
  enlivenEach("[data-refresh]", (page) => {
    const timer = setInterval(() => refresh(page), PAUSE_MS);
    return () => clearInterval(timer);
  });
}

async function refresh(page) {
  if (document.hidden) return;
  const fresh = await fetchPage(page.dataset.refresh);
  if (!fresh || !page.isConnected) return;
  for (const part of page.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!other || isInUse(part) || withoutTokens(part) === withoutTokens(other)) continue;
    part.replaceChildren(...other.childNodes);
    adopt(part);
  }
  look();
}

async function fetchPage(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-refresh]");
  } catch {
    return null;
  }
}

/** Nothing goes from under somebody's fingers. */
function isInUse(part) {
  return part.contains(document.activeElement) || part.matches(":hover:has(form)");
}

/** Every page has tokens of its own, and scripts leave their traces. */
function withoutTokens(part) {
  return part.textContent.replace(/\s+/g, " ");
}
