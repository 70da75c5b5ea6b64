"""How well names answer what somebody typed: word by word, in the order of the words, whole names above parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

Floats = npt.NDArray[np.float32]

# What a word is worth in the first part of a document (the title), in the second and in the third.
_PART_WEIGHTS = (1.0, 0.97, 0.93)
_BEGINNING = 0.96
_WHOLE_NAME = 0.15
_LOWEST = 0.62
_LOWEST_WORD = 0.45
# How far behind the best answer another may lie.
_WIDEST = 0.2
_SEPARATORS = re.compile(r"[^\w]+")


def rank(query: str, documents: Sequence[tuple[int, list[str]]]) -> list[int]:
    """Ids of those documents that answer `query`, best first; equals stay in their order.

    A document is (id, parts), most telling part first; query and parts are folded (`catalog.names.fold`).
    """
    words = split_words(query)
    if not words or not documents:
        return []
    count = max(len(parts) for _, parts in documents)
    split = [[split_words(parts[part]) for _, parts in documents] for part in range(count)]
    known = sorted({word for part in split for name in part for word in name})
    if not known:
        return []
    likeness = _compare(words, known)
    columns = {word: column for column, word in enumerate(known)}
    weighted = zip(split, _PART_WEIGHTS, strict=False)
    best = np.max([_best_of(part, columns, likeness) * weight for part, weight in weighted], axis=0)
    lengths = np.array([len(word) for word in words], np.float32)
    answered = lengths @ best / lengths.sum()
    answered[best.min(axis=0) < _LOWEST_WORD] = 0
    lowest = max(_LOWEST, float(answered.max()) - _WIDEST)
    scores = answered + _WHOLE_NAME * _compare_whole(query, [parts for _, parts in documents])
    order = np.argsort(-scores, kind="stable")
    return [documents[place][0] for place in order if answered[place] >= lowest]


def split_words(text: str) -> list[str]:
    """Words without the signs in them, so that "don't" is "dont"; a word of signs alone stays."""
    return [_SEPARATORS.sub("", word) or word for word in text.split()]


def _compare(words: list[str], known: list[str]) -> Floats:
    """Likeness of every word to every known one, 0-1, by slips of letters. A beginning nearly counts as the whole."""
    likeness = _distances(words, known)
    for row, word in enumerate(words):
        if len(word) > 2:
            for length in (len(word), len(word) + 1):
                started = _distances([word], [other[:length] for other in known])[0]
                likeness[row] = np.maximum(likeness[row], _BEGINNING * started)
        starts = np.array([other.startswith(word) for other in known])
        likeness[row][starts] = np.maximum(likeness[row][starts], _BEGINNING)
    return likeness


def _distances(words: list[str], known: list[str]) -> Floats:
    compared: Floats = process.cdist(words, known, scorer=OSA.normalized_similarity, dtype=np.float32)
    return compared


def _best_of(names: list[list[str]], columns: dict[str, int], likeness: Floats) -> Floats:
    """For every word of the query (rows) and every name (columns) the likeness of the best word in it."""
    # A column of nothing at the end of each name, so that none is empty.
    padded = np.concatenate([likeness, np.zeros((len(likeness), 1), np.float32)], axis=1)
    flat = [place for name in names for place in (*(columns[word] for word in name), len(columns))]
    starts = np.cumsum([0, *(len(name) + 1 for name in names[:-1])])
    best: Floats = np.maximum.reduceat(padded[:, flat], starts, axis=1)
    return best


def _compare_whole(query: str, documents: list[list[str]]) -> Floats:
    """How much of the query and a name, or of title and artist together, is one text: order and length count here."""
    texts = [parts[0].strip() for parts in documents] + [" ".join(" ".join(parts[:2]).split()) for parts in documents]
    alike: Floats = process.cdist([query], texts, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    return np.maximum(alike[: len(documents)], alike[len(documents) :])
