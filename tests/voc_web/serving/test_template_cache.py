"""Templates are compiled once per version of their text, where that can be kept."""

from pathlib import Path
from typing import Any

import jinja2
import pytest
from sample_run import Sample
from web_pages import client_of

import voc_web
from voc_web.serving.template_cache import TemplateCache

PAGES = ("/", "/classes/dog", "/tail-accuracy")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the templates that are compiled."""
    names: list[str] = []
    compile_template = jinja2.Environment.compile

    def watched(environment: Any, source: Any, name: Any, *rest: Any) -> Any:
        names.append(name)
        return compile_template(environment, source, name, *rest)

    monkeypatch.setattr(jinja2.Environment, "compile", watched)
    monkeypatch.setattr(voc_web, "TemplateCache", TemplateCache)
    return names


def bodies(sample: Sample, cache_dir: Path) -> list[bytes]:
    """Returns the pages of a server that has just started."""
    client = client_of(sample, cache_dir)
    responses = [client.get(page) for page in PAGES]
    assert {response.status_code for response in responses} == {200}
    return [response.data for response in responses]


def test_a_second_start_compiles_nothing(
    sample: Sample, tmp_path: Path, compiled: list[str]
) -> None:
    first = bodies(sample, tmp_path)
    assert {"overview.html", "class.html", "base.html"} <= set(compiled)
    compiled.clear()
    assert bodies(sample, tmp_path) == first
    assert compiled == []


@pytest.mark.parametrize("content", [b"", b"garbage", None], ids=["empty", "garbage", "cut short"])
def test_damaged_files_are_replaced(
    sample: Sample, tmp_path: Path, compiled: list[str], content: bytes | None
) -> None:
    first = bodies(sample, tmp_path)
    for path in (tmp_path / "templates").iterdir():
        path.write_bytes(path.read_bytes()[:-9] if content is None else content)
    for expected_count in (len(compiled), 0):
        compiled.clear()
        assert bodies(sample, tmp_path) == first
        assert len(compiled) == expected_count


def test_pages_need_no_cache(sample: Sample, tmp_path: Path, compiled: list[str]) -> None:
    (tmp_path / "templates").write_text("a file where the folder would be")
    assert bodies(sample, tmp_path) == bodies(sample, tmp_path / "empty")
    assert compiled.count("class.html") == 2
