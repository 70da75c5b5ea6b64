"""Transformers over waveforms (wav2vec 2.0, HuBERT, WavLM, MERT and the like), by the ``transformers`` library.

A window becomes the mean over time of one hidden layer: middle layers of such networks say more about music than the
last, which serves the task they were trained for (Li et al., "MERT", ICLR 2024). Everything is read from the folder of
the encoder, nothing from a network, and no code from the folder unless its card says that an administrator trusts it.
"""

import json
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn
from transformers import AutoModel, PreTrainedModel
from transformers.utils import logging as library_logging

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.segment_encoder import SegmentEncoder
from embeddings.encoders.store import hash_file
from embeddings.encoders.transformer_spec import CONFIGURATION, IS_STANDARDISED, LAYER, TRUSTS_CODE, describe
from embeddings.encoders.weights import flush_denormals
from embeddings.errors import EncoderError

BATCH: Final = 2
SMALLEST_VARIANCE: Final = 1e-7

library_logging.disable_progress_bar()


class HiddenLayer(nn.Module):
    """One hidden layer of a transformer, averaged over time; layer 0 is what enters the first of them."""

    def __init__(self, network: PreTrainedModel, layer: int, *, is_standardised: bool) -> None:
        super().__init__()
        self.network = network
        self._layer = layer
        self._is_standardised = is_standardised

    def views(self, waveforms: torch.Tensor) -> tuple[torch.Tensor]:
        """(n, samples), brought to zero mean and unit deviation where the network was trained so."""
        if not self._is_standardised:
            return (waveforms,)
        centred = waveforms - waveforms.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (centred / torch.sqrt(variance + SMALLEST_VARIANCE),)

    def forward(self, waveforms: torch.Tensor) -> torch.Tensor:
        """(n, samples) to (n, hidden size)."""
        answer = self.network(waveforms, output_hidden_states=True)
        found: torch.Tensor = answer.hidden_states[self._layer].mean(dim=1)
        return found


def load_network(folder: Path, *, trusts_code: bool) -> PreTrainedModel:
    """The network in ``folder``, from ``config.json`` and ``model.safetensors``, values below 1e-20 as zeros.

    Attention is computed as it is written down: which of the library's faster ways is taken depends on the machine.
    Raises EncoderError when the library does not know the network, the weights do not fit, or they are quantised.
    """
    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True, "trust_remote_code": trusts_code}
    options |= {"dtype": torch.float32, "attn_implementation": "eager", "output_loading_info": True}
    with as_encoder_error(f"The network in {folder} cannot be loaded"):
        if "quantization_config" in json.loads((folder / CONFIGURATION).read_text()):
            raise EncoderError(f"The weights in {folder} are quantised: whole ones are needed")
        network, found = AutoModel.from_pretrained(folder, **options)
    if missing := sorted(found["missing_keys"]):
        raise EncoderError(f"The weights in {folder} lack: {', '.join(missing[:5])}")
    if network.main_input_name != "input_values" or not hasattr(network.config, "conv_stride"):
        raise EncoderError(f"The network in {folder} ({network.config.model_type}) does not read waveforms")
    for parameter in network.parameters():
        parameter.data = flush_denormals(parameter.data)
    ready: PreTrainedModel = network.eval().requires_grad_(requires_grad=False)
    return ready


def create(card: InstalledCard) -> SegmentEncoder:
    """Raises EncoderError when a file is missing or altered, or when the weights do not fit."""
    spec = describe(card)
    for name, digest in card.files.items():
        try:
            found = hash_file(card.folder / name)
        except OSError as error:
            raise EncoderError(f"The weights of encoder {card.name} cannot be read: {error}") from error
        if found != digest:
            raise EncoderError(f"{card.folder / name} was altered: SHA-256 {found}, expected {digest}")
    network = load_network(card.folder, trusts_code=bool(card.options.get(TRUSTS_CODE)))
    is_standardised = card.option(IS_STANDARDISED, bool)
    layer = HiddenLayer(network, card.option(LAYER, int), is_standardised=is_standardised)
    return SegmentEncoder(spec, layer.eval(), batch=BATCH)
