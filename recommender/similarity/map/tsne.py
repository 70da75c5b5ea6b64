"""t-SNE as a program of its own, arrays in and out: scikit-learn takes 200 MB that no worker should keep.

python -m recommender.similarity.map.tsne < points, start and exaggeration as .npz > places as .npy
"""

import io
import sys
from typing import Final

import numpy as np
from sklearn.manifold import TSNE  # type: ignore[import-untyped]

PERPLEXITY: Final = 30.0
# More change nothing that one sees, and 300 leave the places less true: measured, as in `similarity.map.layout`.
ITERATIONS: Final = 500


def main() -> None:
    given = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    points, start = given["points"].astype(np.float32), given["start"].astype(np.float32)
    tsne = TSNE(
        perplexity=min(PERPLEXITY, (len(points) - 1) / 3),
        early_exaggeration=float(given["exaggeration"]),
        max_iter=ITERATIONS,
        init=start,
        random_state=0,
        n_jobs=1,
    )
    found = io.BytesIO()
    # By way of memory: numpy wants to know where it is in a file, which a pipe cannot tell.
    np.save(found, tsne.fit_transform(points))
    sys.stdout.buffer.write(found.getvalue())


if __name__ == "__main__":
    main()
