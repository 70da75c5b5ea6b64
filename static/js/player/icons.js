/** The picture of a button is a symbol of icons.svg. Returns the name of the one it had. */
export function setIcon(button, name) {
  const use = button.querySelector("use");
  const [file, before] = use?.getAttribute("href").split("#") ?? [];
  use?.setAttribute("href", `${file}#${name}`);
  return before;
}
