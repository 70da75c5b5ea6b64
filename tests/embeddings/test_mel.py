"""The front end agrees with librosa, band by band."""

import os
import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch

from embeddings.encoders.cnn_spec import STYLE_FRONT_END, TIMBRE_FRONT_END
from embeddings.mel import Compression, MelScale, MelSpec, log_mel, mel_filter_bank

ROOT = Path(__file__).resolve().parents[2]
SPECS = [
    pytest.param(STYLE_FRONT_END, id="style"),
    pytest.param(TIMBRE_FRONT_END, id="timbre"),
    pytest.param(MelSpec(n_fft=1024, hop_length=512, n_mels=128, f_max=11_025, rate_hz=22_050), id="htk 22 kHz"),
    pytest.param(MelSpec(n_fft=400, hop_length=160, n_mels=64, f_min=125, f_max=7500, scale=MelScale.SLANEY), id="64"),
]


def reference(wave: np.ndarray, spec: MelSpec) -> np.ndarray:
    is_htk = spec.scale is MelScale.HTK
    is_decibel = spec.compression is Compression.DECIBEL
    bands = librosa.feature.melspectrogram(
        y=wave * spec.gain,
        sr=spec.rate_hz,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        fmin=spec.f_min,
        fmax=spec.f_max,
        htk=is_htk,
        norm=None if is_htk else "slaney",
        power=2.0 if is_decibel else 1.0,
        pad_mode="reflect",
    )
    if is_decibel:
        return librosa.power_to_db(bands, ref=1.0, amin=1e-10, top_db=None)
    return np.log10(1 + 10 * bands)


@pytest.mark.parametrize("spec", SPECS)
def test_agrees_with_librosa(spec: MelSpec) -> None:
    rng = np.random.default_rng(1)
    seconds = np.arange(2 * spec.rate_hz) / spec.rate_hz
    wave = (0.3 * np.sin(2 * np.pi * 440 * seconds) + 0.05 * rng.normal(size=seconds.size)).astype(np.float32)
    ours = log_mel(torch.from_numpy(wave[None]), spec)[0].numpy()
    theirs = reference(wave, spec)
    assert ours.shape == theirs.shape == (spec.n_mels, wave.size // spec.hop_length + 1)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())


def test_silence_is_the_floor() -> None:
    silence = log_mel(torch.zeros(1, 4096), STYLE_FRONT_END)
    assert torch.all(silence == -100.0)
    assert torch.all(log_mel(torch.zeros(1, 4096), TIMBRE_FRONT_END) == 0.0)


def test_timbre_bands_are_those_of_the_wider_bank() -> None:
    wide = librosa.filters.mel(sr=22_050, n_fft=22_050, n_mels=128, fmin=0, fmax=11_025)
    ours = librosa.filters.mel(sr=16_000, n_fft=16_000, n_mels=115, fmin=0, fmax=TIMBRE_FRONT_END.f_max)
    np.testing.assert_allclose(ours[:, :7800], wide[:115, :7800], atol=1e-6)


def test_filter_bank_is_made_once() -> None:
    assert mel_filter_bank(STYLE_FRONT_END) is mel_filter_bank(STYLE_FRONT_END)


def test_a_worker_that_compiles_nothing_has_its_bands(tmp_path):
    """Not even where nothing of librosa was ever compiled, as on a machine that has just been set up."""
    program = """
from embeddings.encoders.cnn_spec import STYLE_FRONT_END, TIMBRE_FRONT_END
from embeddings.mel import mel_filter_bank
print([mel_filter_bank(spec).shape[0] for spec in (STYLE_FRONT_END, TIMBRE_FRONT_END)])
"""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[96, 115]"
