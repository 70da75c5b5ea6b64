/** Follows tracks until nothing is unfinished. Slower while nothing changes; goes on when the server cannot be reached. */
const FASTEST_MS = 1500;
const SLOWEST_MS = 5000;
const LARGEST_REQUEST = 100;

/**
 * `pendingIds()` names the tracks to ask for, `onStates(states, missingIds)` is told the answer and returns whether
 * anything changed, `onConnection(isThere)` whether there was one. Returns a function that starts asking (again) now.
 */
export function followStates({ address, pendingIds, onStates, onConnection }) {
  let pause = FASTEST_MS;
  let timer = null;

  async function ask() {
    const ids = pendingIds().slice(-LARGEST_REQUEST);
    timer = null;
    if (ids.length === 0) return;
    const states = await fetchStates(address, ids);
    onConnection(states !== null);
    const hasChanged = states !== null && onStates(states, missing(ids, states));
    pause = hasChanged ? FASTEST_MS : Math.min(pause * 1.3, SLOWEST_MS);
    timer ??= setTimeout(ask, pause);
  }

  return function wake() {
    clearTimeout(timer);
    pause = FASTEST_MS;
    timer = setTimeout(ask, FASTEST_MS / 3);
  };
}

async function fetchStates(address, ids) {
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(`${address}?ids=${ids.join(",")}`, { headers, cache: "no-store" });
    return answer.ok ? (await answer.json()).tracks : null;
  } catch {
    return null;
  }
}

function missing(ids, states) {
  const told = new Set(states.map((state) => String(state.id)));
  return ids.filter((id) => !told.has(String(id)));
}
