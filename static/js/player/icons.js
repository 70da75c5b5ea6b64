/** The picture of a button is a symbol of icons.svg. */
export function setIcon(button, name) {
  const use = button.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}
