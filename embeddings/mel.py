"""The one log-mel front end: training and serving both go through :func:`log_mel`."""

from functools import lru_cache

import numpy as np
import torch
from librosa.core.convert import mel_frequencies
from librosa.filters import mel as triangular_bands

from embeddings.mel_spec import Compression, MelScale, MelSpec

__all__ = ["Compression", "MelScale", "MelSpec", "log_mel", "mel_filter_bank"]

POWER_FLOOR = 1e-10


@lru_cache(maxsize=16)
def mel_filter_bank(spec: MelSpec) -> torch.Tensor:
    """The triangular bands as a matrix (n_mels, n_fft // 2 + 1), float32; those of HTK have a height of 1.

    Asked for bands of that height, librosa loads what numba compiles for it, and workers compile nothing. So they are
    made of equal area, which it does in plain numpy, and brought back to their height here.
    """
    is_htk = spec.scale is MelScale.HTK
    ends = {"fmin": spec.f_min, "fmax": spec.f_max, "htk": is_htk}
    bank = triangular_bands(sr=spec.rate_hz, n_fft=spec.n_fft, n_mels=spec.n_mels, norm="slaney", **ends)
    if is_htk:
        edges = mel_frequencies(spec.n_mels + 2, **ends)
        bank = bank * ((edges[2:] - edges[:-2]) / 2)[:, None]
    return torch.from_numpy(bank.astype(np.float32))


@lru_cache(maxsize=16)
def _hann(length: int) -> torch.Tensor:
    return torch.hann_window(length)


def log_mel(waveforms: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Waveforms (n, samples), float32 at ``spec.rate_hz``, to log-mel spectrograms (n, n_mels, frames).

    The short-time Fourier transform is centred with reflected edges and a periodic Hann window, so that it agrees with
    ``librosa.stft(..., pad_mode="reflect")``. Raises RuntimeError when a waveform is shorter than half a window.
    """
    spectrum = torch.stft(
        waveforms,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        window=_hann(spec.n_fft),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    power = spectrum.real.square() + spectrum.imag.square()
    if spec.compression is Compression.DECIBEL:
        bands = mel_filter_bank(spec) @ (power * spec.gain**2)
        return 10.0 * torch.log10(bands.clamp_min(POWER_FLOOR))
    if spec.compression is Compression.LOG_POWER:
        return torch.log10(1.0 + 10_000.0 * (mel_filter_bank(spec) @ (power * spec.gain**2)))
    bands = mel_filter_bank(spec) @ (power.sqrt() * spec.gain)
    return torch.log10(1.0 + 10.0 * bands)
