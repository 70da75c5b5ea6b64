"""A rectified layer is found again from its answers."""

import torch

from embeddings.training.regression import Rows, fit_layer


def make_rows(count: int, *, bias: float) -> tuple[Rows, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(count, 12, generator=generator) @ torch.randn(12, 12, generator=generator)
    weight = torch.randn(6, 12, generator=generator)
    wanted = torch.nn.functional.relu(torch.nn.functional.linear(inputs, weight, torch.full((6,), bias)))
    return Rows(inputs.half(), wanted, count), weight


def test_a_layer_is_learned_where_its_units_speak() -> None:
    rows, weight = make_rows(4000, bias=0.5)
    fit = fit_layer(rows)
    assert float(fit.errors.max()) < 1e-4
    assert float((fit.weight - weight).abs().max()) < 0.05


def test_units_that_seldom_speak_are_silent_elsewhere() -> None:
    rows, _ = make_rows(4000, bias=-28.0)
    share = (rows.wanted > 0).float().mean(dim=0)
    assert float(share.min()) < 0.05
    fit = fit_layer(rows)
    answers = torch.nn.functional.relu(torch.nn.functional.linear(rows.inputs.float(), fit.weight, fit.bias))
    wrong = ((answers > 0.1) & (rows.wanted == 0)).float().mean(dim=0)
    assert float(wrong.max()) < 0.01


def test_what_one_input_lacks_those_that_go_with_it_make_up_for() -> None:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(4000, 6, generator=generator)
    hidden = inputs @ torch.randn(6, 1, generator=generator)
    wanted = torch.nn.functional.relu(hidden + 0.3)
    assert float(fit_layer(Rows(inputs.half(), wanted, 4000)).errors.max()) < 1e-4
    assert float(fit_layer(Rows(inputs[:, :2].half(), wanted, 4000)).errors.max()) > 0.05
