/** Files and folders dropped anywhere, on any page. */
export function watchDrops(onDrop) {
  let depth = 0;
  const mark = () => document.documentElement.classList.toggle("is-dragging", depth > 0);
  const watch = (name, change) =>
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      change(event);
      mark();
    });

  watch("dragenter", () => (depth += 1));
  // Without a place to go to they leave the window, whatever was counted before.
  watch("dragleave", (event) => (depth = event.relatedTarget ? depth - 1 : 0));
  watch("dragover", (event) => event.preventDefault());
  watch("drop", (event) => {
    event.preventDefault();
    depth = 0;
    onDrop(event.dataTransfer);
  });
}
