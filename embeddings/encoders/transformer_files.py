"""A folder as the ``transformers`` library saves networks, read once when the encoder is installed."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from huggingface_hub import HfApi, hf_hub_download
from safetensors.torch import save

from embeddings.encoders.card import FILE_NAME
from embeddings.encoders.conversion import Converted, read_safetensors_file, read_torch_file
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.spec import Option
from embeddings.encoders.transformer import load_network
from embeddings.encoders.transformer_spec import (
    CONFIGURATION,
    IS_STANDARDISED,
    LAYER,
    RATE_HZ,
    TRUSTS_CODE,
    WEIGHTS,
)
from embeddings.errors import EncoderError

PREPROCESSING: Final = "preprocessor_config.json"
PICKLED: Final = "pytorch_model.bin"
PARTS: Final = "model-*.safetensors"
DEFAULT_RATE_HZ: Final = 16_000


def convert(sources: Sequence[Path], options: Mapping[str, Option]) -> Converted:
    """One folder with ``config.json`` and the weights as safetensors.

    ``layer`` is the hidden layer to take: 0 is what enters the first, negative ones count from the last, which is the
    default. ``trusts_code`` takes code in the folder along and runs it. Raises EncoderError.
    """
    if len(sources) != 1 or not (sources[0] / CONFIGURATION).is_file():
        raise EncoderError(f"One folder that holds {CONFIGURATION} is needed")
    folder, trusts_code = sources[0], bool(options.get(TRUSTS_CODE))
    files: dict[str, bytes | Path] = {CONFIGURATION: folder / CONFIGURATION, WEIGHTS: _gather_weights(folder)}
    if trusts_code:
        files |= {path.name: path for path in sorted(folder.glob("*.py"))}
    dimension, parameters, layers = _try(files, trusts_code=trusts_code)
    return Converted(
        files,
        dimension,
        parameters,
        {
            LAYER: _choose_layer(options.get(LAYER, -1), layers),
            TRUSTS_CODE: trusts_code,
            **_read_preprocessing(folder / PREPROCESSING),
        },
    )


def fetch_from_hub(name: str, revision: str | None, folder: Path, *, trusts_code: bool, max_bytes: int) -> str:
    """Download a network into ``folder``; gives where it came from, with the commit.

    Raises EncoderError, before anything is fetched when the files are larger than ``max_bytes`` together.
    """
    with as_encoder_error(f"{name} cannot be fetched from the hub"):
        found = HfApi().model_info(name, revision=revision, files_metadata=True)
        sizes = {sibling.rfilename: sibling.size or 0 for sibling in found.siblings or ()}
        wanted = choose_files(sizes, trusts_code=trusts_code)
        if (total := sum(sizes[file] for file in wanted)) > max_bytes:
            raise EncoderError(f"{name} has {total:,} bytes, and {max_bytes:,} are taken")
        for file in wanted:
            hf_hub_download(name, file, revision=found.sha, local_dir=folder)
    return f"{name} at {found.sha}"


def choose_files(names: Iterable[str], *, trusts_code: bool) -> list[str]:
    """What is needed of a network, all of it at the top of its folder.

    A torch file is taken only where there are no safetensors, code only where it is trusted.
    """
    plain = sorted(name for name in names if FILE_NAME.fullmatch(name))
    weights = [WEIGHTS] if WEIGHTS in plain else [name for name in plain if fnmatchcase(name, PARTS)]
    wanted = {CONFIGURATION, PREPROCESSING, *(weights or [PICKLED])}
    return [name for name in plain if name in wanted or (trusts_code and name.endswith(".py"))]


def _gather_weights(folder: Path) -> bytes | Path:
    """One safetensors file: as it is, of all its parts, or from a torch file read without running code of it."""
    if (folder / WEIGHTS).is_file():
        return folder / WEIGHTS
    state: dict[str, Any] = {}
    for part in sorted(folder.glob(PARTS)):
        state |= read_safetensors_file(part)
    if not state and (folder / PICKLED).is_file():
        state = read_torch_file(folder / PICKLED)
    if not state:
        raise EncoderError(f"{folder} holds no weights as safetensors ({WEIGHTS})")
    separate = {key: tensor.clone().contiguous() for key, tensor in state.items()}
    content: bytes = save(separate, metadata={"format": "pt"})
    return content


def _try(files: Mapping[str, bytes | Path], *, trusts_code: bool) -> tuple[int, int, int]:
    """Dimension, parameters and number of layers, from the network as it will be loaded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            if isinstance(content, Path):
                (folder / file).symlink_to(content.resolve())
            else:
                (folder / file).write_bytes(content)
        network = load_network(folder, trusts_code=trusts_code)
    config = network.config
    return int(config.hidden_size), sum(p.numel() for p in network.parameters()), int(config.num_hidden_layers)


def _choose_layer(wanted: Option, layers: int) -> int:
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not -layers - 1 <= wanted <= layers:
        raise EncoderError(f"There are the hidden layers 0 to {layers}, not {wanted}")
    return wanted % (layers + 1)


def _read_preprocessing(path: Path) -> dict[str, Option]:
    """Sample rate, and whether waveforms are standardised; 16 kHz and no where the folder does not say."""
    with as_encoder_error(f"{path} cannot be read"):
        found = json.loads(path.read_text()) if path.is_file() else {}
        rate_hz = int(found.get("sampling_rate", DEFAULT_RATE_HZ))
        return {RATE_HZ: rate_hz, IS_STANDARDISED: bool(found.get("do_normalize", False))}
