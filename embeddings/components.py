"""Connected components: what hangs together over links."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def connect(links: Iterable[tuple[int, int]], total: int) -> NDArray[np.int64]:
    """For each of ``total`` nodes the name of its component, (total,): the first of its own nodes.

    Union-find with path halving (Tarjan and van Leeuwen, 1984).
    """
    parents = list(range(total))

    def find(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for one, other in links:
        first, second = sorted((find(one), find(other)))
        parents[second] = first
    return np.array([find(node) for node in range(total)], np.int64)
