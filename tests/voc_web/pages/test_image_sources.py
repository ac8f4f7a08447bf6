"""Images wherever they lie: links are followed, and only regular files that are images are sent."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from sample_run import BOXED, IMAGES, Sample, draw_image, write_run
from web_pages import client_of, opened, parse, thumbnail_of

from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_web.run.opened_run import RunReader

TWO_KINDS = ("originals", "240")


def link_of(sample: Sample, target: Path) -> Path:
    """Replaces an image by a link."""
    path = sample.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return path


def assert_not_sent(client: FlaskClient, data_key: str, reason: str) -> None:
    """Checks that nothing is sent of an image, and that its pages say why."""
    for kind in TWO_KINDS:
        response = client.get(f"/files/{data_key}/{kind}/{BOXED}")
        assert (response.status_code, response.mimetype) == (404, "text/html")
        assert reason in response.text
    page = parse(client, f"/images/{BOXED}")
    assert page.xpath("//figure//img") == []
    assert reason in page.xpath("string(//figure)")
    assert reason in client.get("/api/v1/image", query_string={"image": BOXED}).json["problem"]
    parse(client, f"/classes/dog?from=1&size={IMAGES}")


def make_special(kind: str, folder: Path) -> Path:
    """Makes something that is no image of the data set; links to it are followed."""
    path = folder / "special"
    if kind == "text":
        path.write_text("not to be served")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        with path.open("wb") as file:
            file.write(b"\xff\xd8\xff\xe0")
            file.truncate(20 * 2**30)
    else:
        return {"device": Path("/dev/zero"), "itself": folder / "VOC/JPEGImages" / f"{BOXED}.jpg"}[
            kind
        ]
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("text", "expected JPEG"),
        ("pipe", "not a regular file"),
        ("device", "not a regular file"),
        ("folder", "a folder, not a file"),
        ("sparse", "found 21,474,836,480 bytes, expected at most 536,870,912"),
        ("itself", "image not found"),
    ],
)
def test_links_to_anything_but_an_image_are_not_sent(
    own_images: Sample, tmp_path: Path, kind: str, reason: str
) -> None:
    link_of(own_images, make_special(kind, tmp_path))
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    assert_not_sent(
        client, RunReader(own_images.run, own_images.voc_dir).current().data_key, reason
    )


def test_links_to_links_are_followed(own_images: Sample, tmp_path: Path) -> None:
    draw_image(tmp_path / "store" / "a4f0", (300, 200))  # As git-annex and DVC name them.
    (tmp_path / "store" / "link").symlink_to("a4f0")
    link_of(own_images, tmp_path / "store" / "link")
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    assert opened(client.get(thumbnail_of(client, BOXED)).data).size == (240, 160)
    (src,) = parse(client, f"/images/{BOXED}").xpath("//figure//img/@src")
    response = client.get(src)
    assert response.data == (tmp_path / "store" / "a4f0").read_bytes()
    assert response.mimetype == "image/jpeg"


def test_the_media_type_is_that_of_the_contents(own_images: Sample, tmp_path: Path) -> None:
    path = own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    Image.new("RGB", (40, 30)).save(path, "PNG")
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    (src,) = parse(client, f"/images/{BOXED}").xpath("//figure//img/@src")
    assert client.get(src).mimetype == "image/png"


def test_a_format_that_browsers_do_not_show(own_images: Sample, tmp_path: Path) -> None:
    path = own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    Image.new("RGB", (900, 600)).save(path.with_suffix(".tif"))
    path.unlink()
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    page = parse(client, f"/images/{BOXED}")
    (image,) = page.xpath("//figure//img")
    assert (image.get("width"), image.get("height")) == ("900", "600")
    shown = client.get(image.get("src"))
    assert (shown.mimetype, opened(shown.data).size) == ("image/webp", (480, 320))
    (link,) = page.xpath("//figcaption/a/@href")
    assert client.get(link).mimetype == "image/tiff"


def test_parts_of_an_original(own_images: Sample, tmp_path: Path) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    whole = (own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg").read_bytes()
    (src,) = parse(client, f"/images/{BOXED}").xpath("//figure//img/@src")
    part = client.get(src, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole[10:20])
    assert client.get(src, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    assert client.head(src).content_length == len(whole)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.EMFILE])
def test_errors_of_the_system_are_no_internal_errors(
    own_images: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    key = RunReader(own_images.run, own_images.voc_dir).current().data_key
    system_open = os.open

    def fail(path: Path, *arguments: int, **more: int) -> int:
        if BOXED in str(path):
            raise OSError(number, os.strerror(number), str(path))
        return system_open(path, *arguments, **more)

    monkeypatch.setattr(os, "open", fail)
    assert_not_sent(client, key, os.strerror(number))


def test_ids_that_no_file_can_have(sample: Sample, tmp_path: Path) -> None:
    """Longer than a name may be, also when a suffix or the name of a temporary file is added."""
    ids = ["a" * length for length in (240, 251, 252, 300, 5000)]
    voc_dir = tmp_path / "VOC"
    for image_id in ids[:2]:
        draw_image(voc_dir / "JPEGImages" / f"{image_id}.jpg", (400, 300))
    scores = np.linspace(0.9, 0.1, len(ids), dtype=np.float32)[:, np.newaxis]
    run = write_run(
        tmp_path / "long", voc_dir, ids, ("dog",), scores, np.ones(scores.shape, np.int8)
    )
    client = client_of(run, tmp_path / "cache")
    assert parse(client, "/classes/dog").xpath("//li//img/@alt") == ids[:2]
    key = RunReader(run.run).current().data_key
    for image_id in ids:
        wanted = 200 if image_id in ids[:2] else 404
        for kind in TWO_KINDS:
            assert client.get(f"/files/{key}/{kind}/{image_id}").status_code == wanted
        assert client.get(f"/images/{image_id}").status_code == 200


@pytest.mark.parametrize("name", ["x" * 10_000, "loop/loop"])
def test_folders_that_cannot_exist(sample: Sample, tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    voc_dir = tmp_path / name
    run = write_run(
        tmp_path / "run", voc_dir, sample.image_ids, sample.classes, sample.scores, sample.labels
    )
    client = client_of(run, tmp_path / "cache")
    key = RunReader(run.run).current().data_key
    for kind in TWO_KINDS:
        response = client.get(f"/files/{key}/{kind}/{BOXED}")
        assert response.status_code == 404
        assert "image not found" in response.text
    assert "image not found" in client.get(f"/images/{BOXED}").text
    assert client.get("/api/v1/run").status_code == 200


@pytest.mark.parametrize("image_id", ["../secret", "../Annotations/../secret", "/{voc_dir}/secret"])
def test_no_id_leads_out_of_its_folder(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image_id: str
) -> None:
    """Large tables are served while they are checked, so that an id may be any text."""
    monkeypatch.setattr(ScoreTable, "verify", lambda self: None)
    voc_dir = tmp_path / "VOC"
    (voc_dir / "JPEGImages").mkdir(parents=True)
    (voc_dir / "Annotations").mkdir()
    draw_image(voc_dir / "secret.jpg", (400, 300))
    (voc_dir / "secret.xml").write_text(
        "<annotation><object><name>secret</name></object></annotation>"
    )
    image_id = image_id.format(voc_dir=voc_dir).replace("//", "/")
    members = read_npz(sample.run.scores_path)
    width = max(len(image_id), members["image_ids"].itemsize)
    forged = members["image_ids"].astype(f"S{width}")
    forged[0] = image_id.encode()
    manifest = json.loads(members["manifest"].item()) | {"voc_dir": str(voc_dir)}
    run = RunFolder(tmp_path / "forged")
    write_npz(
        run.scores_path,
        members | {"image_ids": forged, "manifest": np.array(json.dumps(manifest).encode())},
    )
    client = client_of(replace(sample, run=run), tmp_path / "cache")
    key = RunReader(run).current().data_key
    for kind in TWO_KINDS:
        url = f"/files/{key}/{kind}/{quote(image_id, safe='')}"
        assert client.get(url, follow_redirects=True).status_code == 404
    facts = client.get("/api/v1/image", query_string={"image": image_id})
    assert (facts.status_code, facts.json["objects"]) == (200, [])
    assert "is not the name of a file in JPEGImages" in facts.json["problem"]
    assert "is not the name of a file in Annotations" in facts.json["annotation_problem"]
    assert list((tmp_path / "cache").rglob("*.webp")) == []
    assert client.get("/classes/dog").status_code == 200
