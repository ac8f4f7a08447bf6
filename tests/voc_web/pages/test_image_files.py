"""Thumbnails and originals: only listed images, correct sizes, caching."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sample_run import (
    BOXED,
    CORRUPT,
    IMAGES,
    LINKED,
    MISSING,
    SPACED,
    TINY,
    UNLISTED,
    Sample,
    draw_image,
    size_of,
)
from web_pages import client_of, opened, parse, thumbnail_of

from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz
from voc_model.store.scores import ScoreTable
from voc_model.store.thumbnails import ensure_first_thumbnails
from voc_web.run.opened_run import RunReader

TWO_KINDS = ("originals", "240")


@pytest.fixture(scope="session")
def data_key(sample: Sample) -> str:
    return RunReader(sample.run).current().data_key


@pytest.mark.parametrize("width", [240, 480])
@pytest.mark.parametrize("image_id", [BOXED, SPACED, TINY, *(f"2008_{n:06d}" for n in range(7))])
def test_thumbnails_fit_the_box_and_are_never_enlarged(
    client: FlaskClient, sample: Sample, data_key: str, image_id: str, width: int
) -> None:
    response = client.get(f"/files/{data_key}/{width}/{quote(image_id)}")
    assert (response.status_code, response.mimetype) == (200, "image/webp")
    drawn = [name for name in sample.image_ids if name != SPACED] + [SPACED]
    across, down = size_of(image_id, drawn)
    scale = min(1, width / across, width * 0.75 / down)
    shown = opened(response.data).size
    assert shown == pytest.approx((across * scale, down * scale), abs=1)


@pytest.mark.parametrize("kind", TWO_KINDS)
@pytest.mark.parametrize("image_id", [BOXED, SPACED, LINKED])
def test_listed_images_are_served_with_long_lifetimes(
    client: FlaskClient, sample: Sample, data_key: str, kind: str, image_id: str
) -> None:
    url = f"/files/{data_key}/{kind}/{quote(image_id)}"
    assert client.get(url).cache_control.no_cache, "this address may mean another file later"
    url = f"{url}?v={thumbnail_of(client, image_id).rpartition('?v=')[2]}"
    response = client.get(url)
    assert response.status_code == 200
    if kind == "originals":
        assert response.data == (sample.voc_dir / "JPEGImages" / f"{image_id}.jpg").read_bytes()
    assert (response.cache_control.max_age or 0) >= 24 * 3600
    assert response.cache_control.public
    etag = response.headers["ETag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


TRAVERSALS = (
    "../secret",
    "..%2Fsecret",
    "%2e%2e/secret",
    "%2e%2e%2fsecret",
    "..%5csecret",
    "..%252fsecret",
    "./../secret",
    "x/../../secret",
    f"{BOXED}/../../secret",
    "....//secret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "file:///etc/passwd",
    f"{BOXED}%00",
    f"{BOXED}%00.png",
    f"{BOXED}.jpg",
    f"../JPEGImages/{BOXED}",
    f"./{BOXED}",
    BOXED.upper() + " ",
    "",
    "..",
    "~root",
)


@pytest.mark.parametrize("kind", TWO_KINDS)
@pytest.mark.parametrize("name", [*TRAVERSALS, UNLISTED, MISSING, "nothing"])
def test_no_other_file_is_served(client: FlaskClient, data_key: str, kind: str, name: str) -> None:
    response = client.get(f"/files/{data_key}/{kind}/{name}", follow_redirects=True)
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert b"not to be served" not in response.data


def test_names_in_the_table_cannot_leave_the_folder(own_run: Sample, tmp_path: Path) -> None:
    """A forged score table is not served at all."""
    members = read_npz(own_run.run.scores_path)
    key = RunReader(own_run.run).current().data_key
    ids = ["../../outside/photograph", "../secret", "/etc/hostname"]
    forged = members["image_ids"].astype("S30")
    forged[: len(ids)] = ids
    write_npz(own_run.run.scores_path, members | {"image_ids": forged})
    client = client_of(own_run, tmp_path / "cache")
    for image_id in ids:
        for kind in TWO_KINDS:
            url = f"/files/{key}/{kind}/{quote(image_id, safe='')}"
            response = client.get(url, follow_redirects=True)
            assert response.status_code in (404, 503)
            assert "expected a path below" in response.text or response.status_code == 404
    assert "expected a path below the folder of the images" in client.get("/").text
    assert list((tmp_path / "cache").rglob("*.webp")) == []


@pytest.mark.parametrize("kind", TWO_KINDS)
def test_images_of_another_data_set_are_not_served(client: FlaskClient, kind: str) -> None:
    assert client.get(f"/files/00000000/{kind}/{BOXED}").status_code == 404


@pytest.mark.parametrize("width", ["0", "1", "239", "241", "4800", "-240", "240.0", "x"])
def test_other_widths_do_not_exist(client: FlaskClient, data_key: str, width: str) -> None:
    assert client.get(f"/files/{data_key}/{width}/{BOXED}").status_code == 404


def test_corrupt_source_has_an_error_page(client: FlaskClient, data_key: str) -> None:
    response = client.get(f"/files/{data_key}/240/{CORRUPT}")
    assert response.status_code == 404
    assert f"{CORRUPT}.jpg" in response.get_data(as_text=True)
    assert "cannot be read" in response.get_data(as_text=True)


def test_thumbnails_are_cached_on_disk(own_images: Sample, tmp_path: Path) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    url = thumbnail_of(client, BOXED)
    first = client.get(url)
    (kept,) = (tmp_path / "cache").rglob("*.webp")
    assert kept.read_bytes() == first.data
    draw_image(kept, (12, 9))  # A different image shows that the cached file is sent.
    restarted = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    assert opened(restarted.get(url).data).size == (12, 9)


def test_empty_thumbnail_is_created_again(own_images: Sample, tmp_path: Path) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    url = thumbnail_of(client, BOXED)
    first = client.get(url)
    (kept,) = (tmp_path / "cache").rglob("*.webp")
    kept.write_bytes(b"")
    assert client.get(url).data == first.data


@pytest.mark.parametrize("age_s", [3600, -3600], ids=["newer", "with an older time"])
def test_thumbnail_is_updated_when_its_source_changes(
    own_images: Sample, tmp_path: Path, age_s: int
) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    url = thumbnail_of(client, BOXED)
    first = client.get(url)
    assert opened(first.data).size == (240, 180)
    source = own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    before = source.stat().st_mtime
    draw_image(source, (180, 240))
    os.utime(source, (before + age_s, before + age_s))
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert opened(again.data).size == (135, 180)
    assert again.cache_control.no_cache, "this address belongs to the former image"
    assert len(list((tmp_path / "cache").rglob("*.webp"))) == 1, "the former one is removed"


def replace_image(path: Path, how: str) -> None:
    """Replaces an image by another one that differs in only one respect besides its pixels."""
    old = path.stat()
    draw_image(path, (180, 240), shade=5)
    longest = max(old.st_size, path.stat().st_size)
    time_ns = old.st_mtime_ns
    if how == "another size":
        path.write_bytes(path.read_bytes() + bytes(longest - path.stat().st_size + 1))
    else:
        assert path.stat().st_size < old.st_size
        path.write_bytes(path.read_bytes() + bytes(old.st_size - path.stat().st_size))
        time_ns += 1 if how == "a nanosecond later" else -(10**9) * 3600
    os.utime(path, ns=(time_ns, time_ns))


@pytest.mark.parametrize("how", ["another size", "a nanosecond later", "an hour older"])
def test_a_replaced_image_has_new_addresses_everywhere(
    own_images: Sample, tmp_path: Path, how: str
) -> None:
    """A browser does not ask again for an address that it has kept."""
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)

    def addresses() -> list[str]:
        page = parse(client, f"/classes/dog?from=1&size={IMAGES}")
        (card,) = page.xpath(f"//li//img[@alt='{BOXED}']")
        (link,) = page.xpath(f"//li/a[@data-image='{BOXED}']")
        files = client.get("/api/v1/image", query_string={"image": BOXED}).json["files"]
        large = page.xpath("//dialog/@data-originals")[0] + BOXED
        sources = [source.rpartition(" ")[0] for source in card.get("srcset").split(", ")]
        assert card.get("src") == sources[0]
        found = [*sources, *files.values()]
        found += parse(client, f"/images/{BOXED}").xpath("//figure//@src | //figcaption/a/@href")
        return [*found, f"{large}?v={link.get('data-version')}"]

    before = addresses()
    assert [opened(client.get(url).data).size[0] for url in before[:2]] == [240, 400]
    replace_image(own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg", how)
    after = addresses()
    assert len(after) == 8
    assert not set(before) & set(after)
    for url in after:
        response = client.get(url)
        across, down = opened(response.data).size
        assert (response.cache_control.max_age or 0) >= 24 * 3600
        assert across / down == pytest.approx(180 / 240, abs=0.01)


def test_the_overview_addresses_versions_too(own_images: Sample, tmp_path: Path) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    alt = f"{own_images.ranked_ids(0)[0]}, "
    first = own_images.voc_dir / "JPEGImages" / f"{own_images.ranked_ids(0)[0]}.jpg"

    def addresses() -> set[str]:
        page = parse(client, "/")
        (image,) = page.xpath(f"//tr[contains(., 'dog')]//img[starts-with(@alt, '{alt}')]")
        sources = image.get("srcset").split(", ")
        return {image.get("src"), *(source.rpartition(" ")[0] for source in sources)}

    draw_image(first, (400, 300))
    before = addresses()
    replace_image(first, "an hour older")
    after = addresses()
    assert len(before) == len(after) == 2
    assert not before & after
    assert [opened(client.get(url).data).size for url in sorted(after)] == [(135, 180), (180, 240)]


def test_thumbnails_made_by_scoring_are_used(sample: Sample, tmp_path: Path) -> None:
    ensure_first_thumbnails(ScoreTable.open(sample.run.scores_path), tmp_path / "cache")
    files = {path: path.stat() for path in (tmp_path / "cache").rglob("*.webp")}
    client = client_of(sample, tmp_path / "cache")
    page = parse(client, "/classes/dog")
    shown = page.xpath("//li//img/@src")
    assert len(shown) > 95
    for src in shown:
        assert client.get(src).status_code == 200
        assert client.get(src.replace("/240/", "/480/")).status_code == 200
    after = {path: path.stat() for path in (tmp_path / "cache").rglob("*.webp")}
    assert {path: (one.st_ino, one.st_mtime_ns) for path, one in after.items()} == {
        path: (one.st_ino, one.st_mtime_ns) for path, one in files.items()
    }


def test_data_sets_with_the_same_ids_do_not_mix(
    sample: Sample, own_images: Sample, tmp_path: Path
) -> None:
    cache_dir = tmp_path / "cache"
    theirs, ours = (
        client_of(sample, cache_dir),
        client_of(own_images, cache_dir, own_images.voc_dir),
    )
    their_url, our_url = thumbnail_of(theirs, TINY), thumbnail_of(ours, TINY)
    assert their_url != our_url
    assert opened(theirs.get(their_url).data).size == (60, 40)
    assert opened(ours.get(our_url).data).size == (240, 180)


def test_concurrent_first_requests_get_complete_images(own_images: Sample, tmp_path: Path) -> None:
    source = own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    draw_image(source, (2400, 1800))
    app = client_of(own_images, tmp_path / "cache", own_images.voc_dir).application
    url = thumbnail_of(app.test_client(), BOXED)

    def fetch(_: int) -> tuple[int, int]:
        response = app.test_client().get(url)
        assert response.status_code == 200
        return opened(response.data).size

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(fetch, range(24))) == {(240, 180)}
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 1, "no temporary file remains"


def test_original_is_sent_if_the_cache_is_not_writable(own_images: Sample, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    client = client_of(own_images, tmp_path / "file" / "cache", own_images.voc_dir)
    response = client.get(thumbnail_of(client, BOXED))
    assert response.status_code == 200
    assert opened(response.data).size == (400, 300)


def test_all_image_urls_of_the_pages_work(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, f"/classes/dog?from=1&size={IMAGES - 2}")
    for image in page.xpath("//li//img"):
        assert client.get(image.get("src")).status_code == 200
        assert "/240/" in image.get("src")
        larger = image.get("src").replace("/240/", "/480/")
        assert image.get("srcset") == f"{image.get('src')} 240w, {larger} 480w"
        assert client.get(larger).status_code == 200
    (folder,) = page.xpath("//dialog/@data-originals")
    originals = [folder + quote(image_id) for image_id in page.xpath("//li/a/@data-image")]
    assert len(originals) == IMAGES - 2
    assert client.get(originals[0]).mimetype == "image/jpeg"


def test_restored_folder_needs_no_restart(own_images: Sample, tmp_path: Path) -> None:
    client = client_of(own_images, tmp_path / "cache", own_images.voc_dir)
    url = thumbnail_of(client, BOXED)
    shutil.move(own_images.voc_dir, tmp_path / "elsewhere")
    assert client.get(url).status_code == 404
    shutil.move(tmp_path / "elsewhere", own_images.voc_dir)
    assert client.get(url).status_code == 200
