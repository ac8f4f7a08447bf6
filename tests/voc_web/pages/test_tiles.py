"""The shape of tiles follows the images of the data set."""

from pathlib import Path

import pytest
from sample_run import Sample, draw_image, write_run
from web_pages import client_of, parse


@pytest.mark.parametrize(
    ("sizes", "shape", "height"),
    [
        ([(500, 375), (500, 375), (375, 500)], "4-3", "180"),
        ([(500, 333)], "4-3", "180"),
        ([(375, 500), (333, 500), (500, 375)], "3-4", "320"),
        ([(224, 224), (220, 230)], "1-1", "240"),
        ([(640, 360), (1280, 500)], "16-9", "135"),
        ([], "4-3", "180"),
    ],
)
def test_the_usual_shape(
    sample: Sample, tmp_path: Path, sizes: list[tuple[int, int]], shape: str, height: str
) -> None:
    ids = [f"{number}" for number in range(max(len(sizes), 1))]
    for image_id, size in zip(ids, sizes, strict=False):
        draw_image(tmp_path / "VOC" / "JPEGImages" / f"{image_id}.jpg", size)
    (tmp_path / "VOC" / "JPEGImages").mkdir(parents=True, exist_ok=True)
    scores, labels = sample.scores[: len(ids)], sample.labels[: len(ids)]
    run = write_run(tmp_path / "run", tmp_path / "VOC", ids, sample.classes, scores, labels)
    page = parse(client_of(run, tmp_path / "cache"), "/classes/dog")
    assert page.xpath("//ol/@data-tiles") == [shape]
    assert page.xpath("//li//img/@height") == [height] * len(sizes)
