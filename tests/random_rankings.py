"""Random rankings of one class for property-based tests: ties, missing scores, all labels."""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Labels = NDArray[np.int8]
Ranking = tuple[Scores, Labels]


@st.composite
def rankings(draw: st.DrawFn) -> Ranking:
    """Generates scores with many ties and some NaN; labels 1, 0, -1 and -2."""
    count = draw(st.integers(0, 40))
    coarse = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, float("nan")])
    fine = st.floats(0, 1, width=32)
    scores = draw(arrays(np.float32, count, elements=draw(st.sampled_from([coarse, fine]))))
    return scores, draw(arrays(np.int8, count, elements=st.sampled_from([-2, -1, 0, 1])))


@st.composite
def rankings_with_a_present_image(draw: st.DrawFn) -> Ranking:
    scores, labels = draw(rankings())
    return np.append(scores, np.float32(draw(st.floats(0, 1, width=32)))), np.append(
        labels, np.int8(1)
    )


def counted(scores: Scores, labels: Labels) -> list[tuple[float, int]]:
    """Returns the rows that metrics count: with a score, present or absent."""
    rows = zip(scores.tolist(), labels.tolist(), strict=True)
    return [(score, label) for score, label in rows if label >= 0 and not math.isnan(score)]
