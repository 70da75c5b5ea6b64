/** Runs jobs, a few at a time and the rest in the order they came. */
export function createQueue(limit) {
  const waiting = [];
  let running = 0;

  function startNext() {
    if (running >= limit || waiting.length === 0) return;
    running += 1;
    waiting.shift()().finally(() => {
      running -= 1;
      startNext();
    });
    startNext();
  }

  return {
    add(job) {
      waiting.push(job);
      startNext();
    },
    isBusy: () => running > 0,
  };
}
