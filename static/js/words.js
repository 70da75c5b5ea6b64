/**
 * The words of scripts in the language of this page. What the code says is English; for every other language the page has
 * loaded a script before this one that knows them (`web.languages`). Where that did not come, English is what people read.
 */
const words = globalThis.django;

export function gettext(sentence) {
  return words?.gettext(sentence) ?? sentence;
}

/** `one` or `many`, as the language counts. */
export function ngettext(one, many, count) {
  return words?.ngettext(one, many, count) ?? (count === 1 ? one : many);
}

/** The same English word may mean two things; `context` says which. */
export function pgettext(context, sentence) {
  return words?.pgettext(context, sentence) ?? sentence;
}

/** Puts `values` in the place of their names, written %(name)s. */
export function interpolate(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name]));
}
