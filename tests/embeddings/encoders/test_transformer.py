"""Networks of the ``transformers`` library, tiny ones with random weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from embeddings import decoding
from embeddings.encoders import create_encoder
from embeddings.encoders.front_end import WaveformSpec
from embeddings.encoders.transformer_files import choose_files
from embeddings.encoders.transformer_spec import RATES_HZ
from embeddings.errors import EncoderError
from tests.embeddings.encoders.conftest import Install, sound
from tests.embeddings.encoders.published import transformer_network, write_transformer

WINDOW = 160_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_transformer(tmp_path / "tiny")


@pytest.mark.parametrize(("layer", "taken"), [(2, 2), (0, 0), (-1, 3)])
def test_the_mean_of_a_hidden_layer(folder: Path, install_files: Install, layer: int, taken: int) -> None:
    spec = install_files("transformers", folder, layer=layer)
    assert (spec.dimension, spec.front_ends) == (16, (WaveformSpec(16_000, is_standardised=True),))
    assert dict(spec.options)["layer"] == taken
    waves = np.stack([sound(WINDOW, 16_000, seed) for seed in range(3)])
    found = create_encoder("transformers").embed_segments(waves)
    standard = torch.from_numpy((waves - waves.mean(axis=1, keepdims=True)) / waves.std(axis=1, keepdims=True))
    with torch.inference_mode():
        hidden = transformer_network()(standard, output_hidden_states=True).hidden_states[taken].mean(dim=1)
    expected = torch.nn.functional.normalize(hidden, dim=-1).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_the_folder_does_not_say(folder: Path, install_files: Install) -> None:
    (folder / "preprocessor_config.json").unlink()
    assert install_files("transformers", folder).front_ends == (WaveformSpec(16_000, is_standardised=False),)


def test_another_sample_rate(folder: Path, install_files: Install) -> None:
    (folder / "preprocessor_config.json").write_text(json.dumps({"sampling_rate": 24_000, "do_normalize": True}))
    spec = install_files("transformers", folder)
    assert (spec.segments.rate_hz, spec.segments.window_samples) == (24_000, 240_000)


def test_another_layer_is_another_space(folder: Path, install_files: Install) -> None:
    first = install_files("transformers", folder, layer=1)
    with pytest.raises(EncoderError, match="holds another encoder"):
        install_files("transformers", folder, layer=2)
    assert create_encoder("transformers").spec == first


def test_a_torch_file_is_read_without_running_code(folder: Path, install_files: Install) -> None:
    (folder / "model.safetensors").unlink()
    torch.save(transformer_network().state_dict(), folder / "pytorch_model.bin")
    assert install_files("transformers", folder).has_weights
    torch.save({"weight": pytest.raises}, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"pytorch_model\.bin"):
        install_files("transformers", folder, layer=1)


def test_weights_in_parts_become_one_file(tmp_path: Path, install_files: Install, home: Path) -> None:
    transformer_network().save_pretrained(tmp_path / "parts", max_shard_size="8KB")
    assert len(list((tmp_path / "parts").glob("model-*.safetensors"))) > 1
    install_files("transformers", tmp_path / "parts")
    assert sorted(path.name for path in (home / "transformers").iterdir()) == [
        "card.json",
        "config.json",
        "model.safetensors",
    ]


@pytest.mark.parametrize("layer", [4, -5, 1.5])
def test_a_layer_that_is_not_there(folder: Path, install_files: Install, layer: float) -> None:
    with pytest.raises(EncoderError, match="0 to 3"):
        install_files("transformers", folder, layer=layer)


def test_weights_that_lack_a_layer(folder: Path, install_files: Install) -> None:
    configuration = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(configuration | {"num_hidden_layers": 5}))
    with pytest.raises(EncoderError, match="lack"):
        install_files("transformers", folder)


@pytest.mark.parametrize("rate", ["Infinity", "NaN", "0", "1", "-16000", "1e11", "[]", '"fast"'])
def test_a_rate_that_cannot_be(folder: Path, install_files: Install, home: Path, rate: str) -> None:
    (folder / "preprocessor_config.json").write_text(f'{{"sampling_rate": {rate}}}')
    with pytest.raises(EncoderError):
        install_files("transformers", folder)
    assert not home.exists() or list(home.iterdir()) == []


def test_rates_are_those_that_can_be_decoded() -> None:
    assert RATES_HZ == decoding.RATES_HZ


@pytest.mark.parametrize(
    "change",
    [{"hidden_size": "16"}, {"num_hidden_layers": None}, {"conv_stride": 8}, {"num_attention_heads": 0}],
    ids=str,
)
def test_a_configuration_that_cannot_be(folder: Path, install_files: Install, change: dict[str, object]) -> None:
    configuration = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(configuration | change))
    with pytest.raises(EncoderError):
        install_files("transformers", folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000])
def test_a_configuration_that_is_none(folder: Path, install_files: Install, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(EncoderError, match="cannot be loaded"):
        install_files("transformers", folder)


def test_quantised_weights_are_refused(folder: Path, install_files: Install) -> None:
    configuration = json.loads((folder / "config.json").read_text())
    quantised = {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}
    (folder / "config.json").write_text(json.dumps(configuration | quantised))
    with pytest.raises(EncoderError, match="are quantised"):
        install_files("transformers", folder)


def test_what_is_fetched_from_a_hub() -> None:
    names = ["config.json", "preprocessor_config.json", "model.safetensors", "pytorch_model.bin", "own.py"]
    others = [
        "__init__.py",
        "adapter.safetensors",
        "onnx/config.json",
        "onnx/model.safetensors",
        "a/own.py",
        "README.md",
    ]
    assert choose_files(names + others, trusts_code=False) == sorted(names[:3])
    assert choose_files(names + others, trusts_code=True) == sorted([*names[:3], "own.py", "__init__.py"])
    parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    assert choose_files([*parts, "pytorch_model.bin"], trusts_code=False) == parts
    assert choose_files(["pytorch_model.bin", "tf_model.h5"], trusts_code=False) == ["pytorch_model.bin"]


def test_weights_of_another_shape(folder: Path, install_files: Install) -> None:
    configuration = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(configuration | {"intermediate_size": 32}))
    with pytest.raises(EncoderError, match="cannot be loaded"):
        install_files("transformers", folder)


def test_a_network_that_reads_text(tmp_path: Path, install_files: Install) -> None:
    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    transformers.BertModel(transformers.BertConfig(vocab_size=20, **size)).save_pretrained(tmp_path / "text")
    with pytest.raises(EncoderError, match="does not read waveforms"):
        install_files("transformers", tmp_path / "text")


def test_no_folder_and_no_weights(tmp_path: Path, folder: Path, install_files: Install) -> None:
    with pytest.raises(EncoderError, match=r"config\.json is needed"):
        install_files("transformers", tmp_path / "absent")
    (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="no weights as safetensors"):
        install_files("transformers", folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_file_altered_afterwards(folder: Path, install_files: Install, home: Path, name: str) -> None:
    install_files("transformers", folder)
    path = home / "transformers" / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(EncoderError, match="altered"):
        create_encoder("transformers")
    path.unlink()
    with pytest.raises(EncoderError, match="cannot be read"):
        create_encoder("transformers")


CODE = """
import pathlib
from transformers import Wav2Vec2Config, Wav2Vec2Model
pathlib.Path({mark!r}).touch()
class OwnConfig(Wav2Vec2Config):
    model_type = "own_network"
class OwnModel(Wav2Vec2Model):
    config_class = OwnConfig
"""


def test_code_in_the_folder_runs_only_when_it_is_trusted(
    folder: Path, tmp_path: Path, install_files: Install, home: Path
) -> None:
    mark = tmp_path / "ran"
    (folder / "own.py").write_text(CODE.format(mark=str(mark)))
    configuration = json.loads((folder / "config.json").read_text())
    places = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps(configuration | {"model_type": "own_network", "auto_map": places}))
    with pytest.raises(EncoderError, match="cannot be loaded"):
        install_files("transformers", folder)
    assert not mark.exists()
    spec = install_files("transformers", folder, trusts_code=True)
    assert mark.exists()
    assert "own.py" in dict(spec.more_files)
    assert (home / "transformers" / "own.py").is_file()
