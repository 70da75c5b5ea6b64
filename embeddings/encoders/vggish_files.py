"""Files with weights of VGGish, read once when the encoder is installed."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from embeddings.encoders.conversion import Converted, encode, read_safetensors_file, read_torch_file
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.spec import Option
from embeddings.encoders.vggish import VggishNetwork
from embeddings.encoders.vggish_spec import DIMENSION, HIDDEN, WEIGHTS, WHITENED
from embeddings.errors import EncoderError

VECTORS: Final = ("pca_eigen_vectors", "pproc.pca_eigen_vectors")
FIRST_FULL: Final = "embeddings.0.weight"
MEANS: Final = ("pca_means", "pproc.pca_means")
# The matrix in double precision, and room for what it is called.
LARGEST_ARRAY_BYTES: Final = 8 * DIMENSION**2 + 4096

State = dict[str, torch.Tensor]


def convert(sources: Sequence[Path], options: Mapping[str, Option]) -> Converted:
    """The network (``.pth`` or ``.safetensors`` with the layers ``features.*`` and ``embeddings.*``) and, to whiten,
    the principal components (``pca_eigen_vectors`` and ``pca_means`` in a ``.npz`` or ``.pth``, or in the same file).

    The option ``whitened`` is by default whether the principal components were given. Raises EncoderError.
    """
    found: State = {}
    for path in sources:
        found |= _read(path)
    state = {key: value for key, value in found.items() if key.startswith(("features.", "embeddings."))}
    components = _read_components(found)
    is_whitened = bool(options.get(WHITENED, bool(components)))
    if is_whitened and not components:
        raise EncoderError("Whitening needs the principal components: a file with pca_eigen_vectors and pca_means")
    if FIRST_FULL not in state or state[FIRST_FULL].dim() != 2:
        raise EncoderError(f"These weights do not fit: there is no layer {FIRST_FULL}")
    hidden = len(state[FIRST_FULL])
    with torch.device("meta"):
        network = VggishNetwork(hidden, is_whitened=is_whitened)
    content, parameters = encode(network, state | (components if is_whitened else {}))
    return Converted({WEIGHTS: content}, DIMENSION, parameters, {WHITENED: is_whitened, HIDDEN: hidden})


def _read(path: Path) -> State:
    if path.suffix == ".safetensors":
        return read_safetensors_file(path)
    if path.suffix != ".npz":
        return read_torch_file(path)
    with as_encoder_error(f"{path} cannot be read as arrays"):
        return _read_arrays(path)


def _read_arrays(path: Path) -> State:
    with zipfile.ZipFile(path) as archive:
        if any(member.file_size > LARGEST_ARRAY_BYTES for member in archive.infolist()):
            raise EncoderError(f"{path} holds more than principal components")
    with np.load(path, allow_pickle=False) as arrays:
        names = [name for name in (*VECTORS, *MEANS) if name in arrays]
        return {name: torch.from_numpy(arrays[name].astype(np.float32, casting="same_kind")) for name in names}


def _read_components(found: State) -> State:
    """As one layer: rows of the matrix times (embedding - means)."""
    if "whitening.weight" in found:
        return {name: found[name] for name in ("whitening.weight", "whitening.bias") if name in found}
    vectors = next((found[name] for name in VECTORS if name in found), None)
    means = next((found[name] for name in MEANS if name in found), None)
    if vectors is None or means is None:
        return {}
    if vectors.shape != (DIMENSION, DIMENSION) or means.numel() != DIMENSION:
        raise EncoderError(f"Principal components of shape {tuple(vectors.shape)} do not fit: 128 x 128 are needed")
    matrix = vectors.double()
    return {"whitening.weight": vectors.float(), "whitening.bias": -(matrix @ means.double().flatten()).float()}
