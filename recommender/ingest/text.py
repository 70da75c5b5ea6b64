"""Text from files and strangers, made fit to be shown and stored."""

import unicodedata

# Line and paragraph separators, controls, surrogates, what has no meaning but a private one; of the invisible format
# characters only the joiners stay, which some scripts and emoji are written with. The others reorder or blank out what
# people read.
_DROPPED = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")


def make_readable(text: str, longest: int) -> str:
    """`text` on one line, without what cannot be seen, at most `longest` characters. It may end up empty."""
    whole = text[: 4 * longest].encode("utf-8", "replace").decode("utf-8")
    visible = "".join(letter if _is_shown(letter) else " " if letter in "\r\n\t" else "" for letter in whole)
    return " ".join(visible.split())[:longest].rstrip() if visible.strip("".join(_JOINERS) + " ") else ""


def _is_shown(letter: str) -> bool:
    category = unicodedata.category(letter)
    return letter in _JOINERS or (category not in _DROPPED and category != "Cf")
