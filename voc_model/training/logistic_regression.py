"""Logistic regression on a frozen backbone's features, fitted to its optimum instead of by epochs.

One L2-regularised regression per class on standardised features, as scikit-learn's
LogisticRegression fits it; the penalty is chosen by cross-validation on the training images. The
standardisation becomes part of the head, which is an ordinary linear layer.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from voc_model.metrics.precision_recall import average_precision, mean_average_precision
from voc_model.progress import SILENT, Reporter
from voc_model.training.losses import masked_loss

# Inverse penalties C, as in scikit-learn: larger ones fit the training images more closely.
PENALTIES = tuple(10.0 ** (exponent / 2) for exponent in range(-8, 1))  # 1e-4 to 1
_FOLDS = 5
_MAX_ITERATIONS = 500
_TOLERANCE = 1e-7  # of the gradient of the mean loss in the coordinates of `_Problem`


@dataclass(frozen=True, eq=False)
class LinearHead:
    """Weights (C, D) and biases (C,) float64 of logits x W' + b."""

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Returns the logits (N, C) of features (N, D) float64."""
        return features @ self.weight.T + self.bias


@dataclass(frozen=True)
class CrossValidation:
    """How well each penalty does on images that were left out of the fit.

    Attributes:
        penalties: the values of C, ascending.
        maps: mean average precision of the left-out images' scores, all folds together.
        losses: their mean cross-entropy.
    """

    penalties: tuple[float, ...]
    maps: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def best(self) -> float:
        """The C with the highest mAP, the smallest of equals; that of the lowest loss without."""
        if any(map(math.isnan, self.maps)):
            return self.penalties[self.losses.index(min(self.losses))]
        return self.penalties[self.maps.index(max(self.maps))]


def cross_validate(
    features: Tensor,
    labels: Tensor,
    seed: int,
    penalties: Sequence[float] = PENALTIES,
    report: Reporter = SILENT,
) -> CrossValidation:
    """Compares penalties by five-fold cross-validation; one serves all classes.

    Rare classes have too few images to choose a penalty of their own.

    Args:
        features: (N, D) float64.
        labels: (N, C) int8.
        seed: of the folds.
    """
    generator = torch.Generator().manual_seed(seed)
    fold_of = torch.randperm(len(features), generator=generator).to(features.device) % _FOLDS
    logits = features.new_zeros(len(penalties), *labels.shape)  # of the images left out
    folds = range(min(_FOLDS, len(features)))
    for fold in report.track(folds, "cross-validation", unit="folds"):
        out = fold_of == fold
        heads = fit_heads(features[~out], labels[~out], penalties)
        for index, head in enumerate(heads):
            logits[index, out] = head(features[out])
    return CrossValidation(
        tuple(penalties),
        tuple(_mean_ap(scores, labels) for scores in logits),
        tuple(mean_loss(scores, labels) for scores in logits),
    )


def fit_heads(features: Tensor, labels: Tensor, penalties: Sequence[float]) -> Iterator[LinearHead]:
    """Yields the optimum for each penalty, in their order; ascending ones are quickest.

    It minimises |w|^2 / 2 + C sum_i loss_i per class, over the labelled images, for features of
    mean 0 and variance 1; the bias has no penalty. A class that is always present or always absent
    has no optimum: it gets the weights 0 and the log odds of its counts, half an image added to
    each.

    Args:
        features: (N, D) float64; a constant one gets the weight 0.
        labels: (N, C) int8 of 1, 0, -1 (ignored) and -2 (unknown); the last two count nowhere.
        penalties: the values of C.
    """
    std, mean = torch.std_mean(features, dim=0, correction=0)
    std = torch.where(std > 1e-12 * mean.abs(), std, torch.inf)
    problem = _Problem((features - mean) / std, labels)
    for penalty in penalties:
        weight, bias = problem.solve(penalty)
        weight = weight / std
        yield LinearHead(weight, bias - weight @ mean)


class _Problem:
    """All classes' regressions on the same standardised features, solved together by L-BFGS.

    In the principal axes of the features, each scaled by its curvature, all directions are about
    equally steep: some twenty iterations do where the plain problem takes hundreds.
    """

    def __init__(self, features: Tensor, labels: Tensor) -> None:
        self._variances, self._axes = torch.linalg.eigh(features.T @ features)
        self._rotated = features @ self._axes  # (N, D)
        self._targets = (labels == 1).to(features.dtype)
        present, absent = (labels == 1).sum(0), (labels == 0).sum(0)
        self._fitted = (present > 0) & (absent > 0)
        self._counted = ((labels >= 0) & self._fitted).to(features.dtype)
        self._log_odds = ((present + 0.5) / (absent + 0.5)).log().to(features.dtype)
        self._bias = self._log_odds.clone()
        self._coefficients = features.new_zeros(labels.shape[1], features.shape[1])  # (C, D)

    def solve(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Returns weights (C, D) and biases (C,); the next call starts from these."""
        p = (self._rotated @ self._coefficients.T + self._bias).sigmoid()
        slopes = (p * (1 - p) * self._counted).mean(0).clamp(min=1e-6)[:, None]  # (C, 1)
        scale = (slopes * self._variances.clamp(min=0) + 1 / penalty).rsqrt()  # (C, D)
        scaled = (self._coefficients / scale).requires_grad_()
        bias = self._bias.requires_grad_()
        optimizer = torch.optim.LBFGS(
            [scaled, bias],
            max_iter=_MAX_ITERATIONS,
            max_eval=2 * _MAX_ITERATIONS,
            tolerance_grad=_TOLERANCE,
            tolerance_change=0,
            history_size=20,
            line_search_fn="strong_wolfe",
        )

        def mean_objective() -> Tensor:
            optimizer.zero_grad()
            coefficients = scaled * scale
            logits = self._rotated @ coefficients.T + bias
            losses = functional.binary_cross_entropy_with_logits(
                logits, self._targets, self._counted, reduction="sum"
            )
            penalty_term = coefficients.square().sum() / (2 * penalty)
            objective: Tensor = (losses + penalty_term) / len(self._rotated)
            objective.backward()  # type: ignore[no-untyped-call]
            return objective

        optimizer.step(mean_objective)  # type: ignore[no-untyped-call]
        self._coefficients = scaled.detach() * scale
        self._bias = bias.detach()
        bias = torch.where(self._fitted, self._bias, self._log_odds)
        return self._coefficients @ self._axes.T, bias


def mean_loss(logits: Tensor, labels: Tensor) -> float:
    """Returns the mean cross-entropy of the labelled entries."""
    loss, count = masked_loss(logits, labels)
    return float(loss / count)


def _mean_ap(logits: Tensor, labels: Tensor) -> float:
    scores, truth = logits.cpu().numpy(), labels.cpu().numpy()
    columns = range(truth.shape[1])
    return mean_average_precision(
        average_precision(scores[:, column], truth[:, column]) for column in columns
    )[0]
