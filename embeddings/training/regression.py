"""Fits one rectified layer to another from examples: relu(weight x + bias) that gives wanted answers."""

from dataclasses import dataclass
from typing import Final

import torch
from torch.nn import functional

WHITENING_ROWS: Final = 40_000
WHITENING_FLOOR: Final = 1e-6
SMALLEST_DEVIATION: Final = 1e-3
RIDGE: Final = 0.1
JUDGED_SHARE: Final = 1 / 8
ROWS_A_UNIT: Final = 4000
CORRECTIONS: Final = 2
DEAD: Final = 1e-2

Affine = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Rows:
    """Inputs float16 (n, inputs) and wanted answers (n, units), none negative.

    The first ``natural`` rows are as they occur in music, the last eighth of these is for judging; the others were
    sought out or made up because rare units speak there.
    """

    inputs: torch.Tensor
    wanted: torch.Tensor
    natural: int


@dataclass
class LayerFit:
    """``weight`` (units, inputs), ``bias`` (units,); ``errors`` (units,) on the rows for judging: mean squares relative
    to the power of the unit, or to a hundredth of the loudest unit's amplitude where it is quieter than that."""

    weight: torch.Tensor
    bias: torch.Tensor
    errors: torch.Tensor


def fit_layer(rows: Rows) -> LayerFit:
    """Where the answer of a unit is positive it is linear in the input: ridge regression there, and again with the
    places that the fit wrongly calls positive (Gauss-Newton steps on the rectified error)."""
    rms = rows.wanted[: rows.natural].square().mean(dim=0).sqrt()
    scale = rms.clamp_min(float(rms.max()) * DEAD)
    judged = slice(rows.natural - int(rows.natural * JUDGED_SHARE), rows.natural)
    is_seen = torch.ones(len(rows.wanted), dtype=torch.bool)
    is_seen[judged] = False
    weight, bias = _solve(rows.inputs[is_seen], (rows.wanted / scale)[is_seen], judged.start)
    answers = functional.relu(functional.linear(rows.inputs[judged].float(), weight, bias))
    errors = (answers - rows.wanted[judged] / scale).square().mean(dim=0)
    return LayerFit(weight * scale[:, None], bias * scale, errors)


def _solve(inputs: torch.Tensor, wanted: torch.Tensor, natural: int) -> Affine:
    some = inputs[: min(natural, WHITENING_ROWS)].float()
    mean, spread = some.mean(dim=0), some.std(dim=0)
    deviation = spread.clamp_min(SMALLEST_DEVIATION * float(spread.max()))
    whitener = (_whitener(torch.cov(((some - mean) / deviation).T)) / deviation.double()[:, None]).float()
    ones = torch.cat([(inputs.float() - mean) @ whitener, torch.ones(len(inputs), 1)], dim=1)
    answers = torch.zeros(wanted.shape[1], ones.shape[1])
    for unit, answer in enumerate(wanted.T):
        is_row = answer > 0
        for _ in range(CORRECTIONS):
            chosen = is_row.nonzero().squeeze(1)
            chosen = chosen[:: max(1, -(-len(chosen) // ROWS_A_UNIT))]
            answers[unit] = _ridge(ones[chosen], answer[chosen])
            is_row = (answer > 0) | (ones @ answers[unit] > 0)
    full = answers[:, :-1] @ whitener.T
    return full, answers[:, -1] - full @ mean


def _whitener(moments: torch.Tensor) -> torch.Tensor:
    """The matrix that gives inputs with these second moments unit variance, quiet directions less."""
    values, vectors = torch.linalg.eigh(moments.double())
    whitener: torch.Tensor = vectors / (values.clamp_min(0) + WHITENING_FLOOR * values[-1]).sqrt()
    return whitener


def _ridge(inputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    moments = (inputs.T @ inputs).double() + RIDGE * torch.eye(inputs.shape[1], dtype=torch.float64)
    factor = torch.linalg.cholesky(moments)
    return torch.cholesky_solve((inputs.T @ wanted).double()[:, None], factor).squeeze(1).float()
