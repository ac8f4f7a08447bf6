"""The sample run, served to a test client."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sample_run import BOXED, TINY, Sample, draw_image, make_sample
from web_pages import client_of

import voc_web
from voc_model.metrics.precision_recall import DifficultConvention, apply_difficult
from voc_model.store.runs import RunFolder
from voc_web.serving.template_cache import TemplateCache


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Templates are compiled once, not for every app, which would take minutes."""
    folder = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voc_web, "TemplateCache", lambda _: TemplateCache(folder))
        yield


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A server whose files tests must not change."""
    return client_of(sample, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", params=["ignore", "positive", "negative"])
def convention(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FlaskClient, Sample]:
    """The sample with each difficult convention; labels are as counted by it."""
    how: DifficultConvention = request.param
    folder = tmp_path_factory.mktemp(how)
    made = make_sample(folder, how)
    counted = replace(made, labels=apply_difficult(made.labels, how))
    return client_of(made, folder / "cache"), counted


@pytest.fixture
def own_run(sample: Sample, tmp_path: Path) -> Sample:
    """A copy of the run folder, for a test that changes its files."""
    folder = tmp_path / "runs" / "sample"
    shutil.copytree(sample.run.path, folder)
    return replace(sample, run=RunFolder(folder))


@pytest.fixture
def own_client(own_run: Sample, tmp_path: Path) -> FlaskClient:
    return client_of(own_run, tmp_path / "cache")


@pytest.fixture
def own_images(sample: Sample, tmp_path: Path) -> Sample:
    """A small copy of the sample, for tests that change its images."""
    voc_dir = tmp_path / "VOC"
    for image_id in (BOXED, TINY):
        draw_image(voc_dir / "JPEGImages" / f"{image_id}.jpg", (400, 300))
    return replace(sample, voc_dir=voc_dir)
