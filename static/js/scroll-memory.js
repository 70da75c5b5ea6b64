/** Where each page of the history was scrolled to. Browsers keep that for documents, not for pages that share one. */
const SETTLE_MS = 250;

let timer = null;

export function rememberScroll() {
  history.scrollRestoration = "manual";
  if (history.state?.scrolledTo) restoreScroll();
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(keepScroll, SETTLE_MS);
  });
  // From here on the address is that of another page.
  addEventListener("popstate", () => clearTimeout(timer));
}

export function restoreScroll() {
  scrollTo(0, history.state?.scrolledTo ?? 0);
}

export function keepScroll() {
  clearTimeout(timer);
  history.replaceState({ ...history.state, htmx: true, scrolledTo: scrollY }, "");
}
