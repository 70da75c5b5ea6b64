/** Follows tracks, or what else has a number and states, until nothing is unfinished. Slower while nothing changes; goes on when the server cannot be reached. */
const FASTEST_MS = 1500;
const SLOWEST_MS = 5000;
const LARGEST_REQUEST = 100;

/**
 * `pendingIds()` names the tracks to ask for, `onStates(states, missingIds)` is told each answer and returns whether
 * anything changed, `onConnection(isThere)` whether there was one; `key` is where
 * the answer has the states. `wake()` starts asking (again) now, `stop()` ends it.
 */
export function followStates({ address, pendingIds, onStates, onConnection = () => {}, key = "tracks" }) {
  let pause = FASTEST_MS;
  let timer = null;
  let isStopped = false;

  async function ask() {
    const ids = pendingIds();
    timer = null;
    if (ids.length === 0) return;
    let hasChanged = false;
    for (let from = 0; from < ids.length && !isStopped; from += LARGEST_REQUEST) {
      const asked = ids.slice(from, from + LARGEST_REQUEST);
      const states = await fetchStates(address, asked, key);
      if (isStopped) return;
      onConnection(states !== null);
      if (states === null) break;
      hasChanged = onStates(states, missing(asked, states)) || hasChanged;
    }
    pause = hasChanged ? FASTEST_MS : Math.min(pause * 1.3, SLOWEST_MS);
    if (!isStopped) timer ??= setTimeout(ask, pause);
  }

  return {
    wake() {
      // Whoever is woken again and again asks nevertheless.
      if (pause === FASTEST_MS && timer !== null) return;
      clearTimeout(timer);
      pause = FASTEST_MS;
      timer = setTimeout(ask, FASTEST_MS / 3);
    },
    stop() {
      clearTimeout(timer);
      isStopped = true;
    },
  };
}

async function fetchStates(address, ids, key) {
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(`${address}?ids=${ids.join(",")}`, { headers, cache: "no-store" });
    return answer.ok ? (await answer.json())[key] : null;
  } catch {
    return null;
  }
}

function missing(ids, states) {
  const told = new Set(states.map((state) => String(state.id)));
  return ids.filter((id) => !told.has(String(id)));
}
