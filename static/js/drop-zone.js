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
  watch("dragleave", () => (depth -= 1));
  watch("dragover", (event) => event.preventDefault());
  watch("drop", (event) => {
    event.preventDefault();
    depth = 0;
    onDrop(event.dataTransfer);
  });
}
