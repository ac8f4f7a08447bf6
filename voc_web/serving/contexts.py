"""The contexts of the templates of every page, and of those that a refused request gets."""

from dataclasses import dataclass
from typing import NamedTuple

from voc_model.metrics.precision_recall import DifficultConvention


@dataclass(frozen=True)
class SiteContext:
    """base.html: the run that every page shows."""

    run_name: str
    scores_digest: str  # identifies the scores
    dataset: str
    split: str
    images: int
    difficult: DifficultConvention
    data_key: str
    caveats: tuple[str, ...]  # what to know before relying on the metrics


class BackLink(NamedTuple):
    """A link to the requested page without its parameters."""

    url: str
    name: str


@dataclass(frozen=True)
class SignInContext:
    """sign_in.html"""

    asks_user: bool  # for a name beside the password, rather than for a token
    problem: str  # with what was given before, empty if nothing was


@dataclass(frozen=True)
class FailureContext:
    """failure.html"""

    status: int
    title: str
    message: str
    back: BackLink | None
