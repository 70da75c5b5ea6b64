/** Keys that work anywhere on a page leave alone what is for something on it. */
const TYPED_INTO = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
// What has a use of its own for these keys.
const PRESSED = "a, button, summary, input, label, [role=button], [role=option]";
const MOVED = "input, audio, [role=slider], [role=application], [role=listbox], [role=radiogroup], canvas";

/** Whether the key is for something else that is on the page. */
export function isElsewhere({ target, key, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || target.closest(TYPED_INTO)) return true;
  if (document.querySelector("dialog[open]:not(#sheet)")) return true;
  if (key === " ") return Boolean(target.closest(PRESSED));
  return key.startsWith("Arrow") && Boolean(target.closest(MOVED));
}
