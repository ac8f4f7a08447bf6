"""No response says where the folders of the run and the data set lie."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sample_run import BOXED, CORRUPT, LINKED, MALFORMED, MISSING, Sample, write_run
from web_pages import client_of

from voc_model.store.thumbnails import data_key

URLS = (
    *("/", "/classes/dog", "/average-precision", "/tail-accuracy", "/nothing", "/api/v1/"),
    *("/api/v1/run", "/api/v1/classes", "/api/v1/ranking?class=nothing", "/average-precision.csv"),
    *(f"/images/{name}" for name in (BOXED, MISSING, CORRUPT, LINKED, MALFORMED, "nothing")),
    *(f"/api/v1/image?image={name}" for name in (MISSING, CORRUPT, LINKED, MALFORMED, "nothing")),
)


@pytest.fixture
def moved(sample: Sample, tmp_path: Path) -> tuple[FlaskClient, Sample]:
    """A run whose manifest names files by their whole paths, as scoring does."""
    voc_dir = tmp_path / "secret folder" / "VOC"
    shutil.copytree(sample.voc_dir, voc_dir, symlinks=True)
    scores = sample.scores.copy()
    images = voc_dir / "JPEGImages"
    run = write_run(
        tmp_path / "secret folder" / "runs" / "sample",
        voc_dir,
        sample.image_ids,
        sample.classes,
        scores,
        sample.labels,
        unreadable=[f"{MISSING}: {images / MISSING}.jpg: image not found"],
        warnings=[f"{voc_dir / 'Annotations' / MALFORMED}.xml:2: malformed XML"],
        settings={"weights": str(tmp_path / "secret folder" / "weights.pth")},
    )
    return client_of(run, tmp_path / "secret folder" / "cache"), run


def everything(client: FlaskClient, sample: Sample) -> dict[str, str]:
    """Returns the texts of all responses with their headers, by URL."""
    files = f"/files/{data_key(sample.voc_dir)}"
    urls = [*URLS, *(f"{files}/{kind}/{name}" for kind in ("originals", 240) for name in BROKEN)]
    found = {}
    for url in urls:
        response = client.get(url)
        found[url] = f"{response.headers}{response.data.decode(errors='replace')}"
    return found


BROKEN = (MISSING, CORRUPT, LINKED, "nothing")


def test_sound_run(moved: tuple[FlaskClient, Sample]) -> None:
    texts = everything(*moved)
    for url, text in texts.items():
        assert "secret folder" not in text, url
    assert f"VOC/JPEGImages/{MISSING}.jpg" in texts[f"/images/{MISSING}"], "but what is missing"
    assert f"VOC/Annotations/{MALFORMED}.xml:2: malformed XML" in texts["/"]
    assert f"VOC/JPEGImages/{MISSING}.jpg" in texts["/"]
    body = json.loads(texts["/api/v1/run"].partition("\r\n\r\n")[2])
    assert body["manifest"]["settings"] == {"weights": "weights.pth"}


def remove_images(sample: Sample) -> None:
    shutil.rmtree(sample.voc_dir)


def remove_scores(sample: Sample) -> None:
    sample.run.scores_path.unlink()


def damage_scores(sample: Sample) -> None:
    sample.run.scores_path.unlink()
    sample.run.scores_path.write_bytes(b"damaged")


def damage_values(sample: Sample) -> None:
    data = bytearray(sample.run.scores_path.read_bytes())
    at = data.find(np.array(sample.scores[0], np.float32).tobytes())
    data[at : at + 4] = np.float32(7.5).tobytes()
    sample.run.scores_path.unlink()
    sample.run.scores_path.write_bytes(data)
    sample.run.metrics_path.unlink()


@pytest.mark.parametrize("damage", [remove_images, remove_scores, damage_scores, damage_values])
def test_damaged_run(moved: tuple[FlaskClient, Sample], damage: Callable[[Sample], None]) -> None:
    client, sample = moved
    damage(sample)
    texts = everything(client, sample)
    for url, text in texts.items():
        assert "secret folder" not in text, url
    if damage is not remove_images:
        assert "sample/scores.npz" in texts["/"]


def test_the_log_has_whole_paths(
    moved: tuple[FlaskClient, Sample], caplog: pytest.LogCaptureFixture
) -> None:
    client, sample = moved
    remove_scores(sample)
    assert client.get("/").status_code == 503
    assert str(sample.run.scores_path) in caplog.text
