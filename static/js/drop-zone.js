/** Files from the chooser, or dropped anywhere on the page. */
export function watchFiles(chooser, onFiles) {
  chooser.addEventListener("change", () => {
    onFiles([...chooser.files]);
    chooser.value = "";
  });
  let depth = 0;
  const mark = () => document.documentElement.classList.toggle("is-dragging", depth > 0);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  addEventListener("dragenter", (event) => {
    if (hasFiles(event)) depth += 1;
    mark();
  });
  addEventListener("dragleave", (event) => {
    if (hasFiles(event)) depth -= 1;
    mark();
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark();
    onFiles(filesOf(event.dataTransfer));
  });
}

function filesOf(transfer) {
  return [...transfer.items]
    .filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory)
    .map((item) => item.getAsFile());
}
