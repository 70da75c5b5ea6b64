"""Names of files that every system takes: Windows forbids the most, and tells no upper case from lower case."""

import unicodedata
from typing import Final

# Three of them, and the folder they are in, are to be shorter than the 260 that Windows allows of old.
_LONGEST: Final = 80
_MOST_BYTES: Final = 200
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³")}
)


def make_safe(name: str) -> str:
    """`name` as one part of a path: never empty, hidden, or a device; without dots and spaces at its end."""
    composed = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    shown = "".join("_" if unicodedata.category(letter).startswith("C") else letter for letter in composed)
    cut = shown.translate(_FORBIDDEN)[:_LONGEST].encode()[:_MOST_BYTES].decode(errors="ignore").strip().rstrip(". ")
    if cut.startswith(".") or cut.partition(".")[0].rstrip().lower() in _RESERVED or not cut:
        return f"_{cut}"
    return cut
