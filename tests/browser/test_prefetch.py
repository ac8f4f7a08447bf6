"""Prefetching of pages that are likely to be opened next."""

from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest
from browser_visit import Visit, wait_until
from sample_run import BOXED, IMAGES, Sample

ALL_SHOWN = "[...document.querySelectorAll('.card img')].slice(0, 8).every(i => i.complete)"


def thumbnails(visit: Visit) -> list[str]:
    return [url for url in visit.requested if "/240/" in url]


def image_of(url: str) -> str:
    """Returns the image id of a thumbnail's address, which ends with the file's version."""
    return urlsplit(url).path.rpartition("/")[2]


def pages(visit: Visit) -> list[str]:
    return [url for url in visit.requested if "/classes/" in url]


def wait_for_pages(visit: Visit, *paths: str) -> None:
    """Waits until exactly these pages have been requested after the first."""
    wanted = [visit.address + path for path in paths]
    wait_for(visit, lambda: len(pages(visit)) > len(wanted))
    assert pages(visit)[1:] == wanted


def wait_for_thumbnails(visit: Visit, count: int) -> None:
    wait_for(visit, lambda: len(set(thumbnails(visit))) >= count)


def wait_for(visit: Visit, holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        visit.page.wait_for_timeout(50)
    raise AssertionError(f"not within 10 s, requested: {visit.requested}")


def test_next_class_is_prefetched_when_idle(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?size=8")
    highest = {quote(image_id) for image_id in sample.ranked_ids(1)[:8]}
    shown = page.eval_on_selector_all(".card img", "images => images.map(i => i.src)")
    assert not highest <= set(map(image_of, shown))
    wait_for_pages(visit, "/classes/person?size=8")
    wait_for(visit, lambda: highest <= set(map(image_of, thumbnails(visit))))
    assert visit.path() == "/classes/dog?size=8"
    page.keyboard.press("]")
    page.wait_for_url("**/classes/person*")
    wait_until(page, ALL_SHOWN)


def test_next_part_of_a_ranking_is_prefetched(visit: Visit) -> None:
    visit.open("/classes/dog?from=9&size=8")
    wait_for_pages(visit, "/classes/dog?from=17&size=8")


def test_only_the_first_images_are_prefetched(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=60")
    wait_for_thumbnails(visit, 60 + 50)
    page.wait_for_timeout(300)
    shown = page.eval_on_selector_all(".card img", "images => images.map(i => i.src)")
    assert len(set(thumbnails(visit)) - set(shown)) == 50


def test_nothing_is_prefetched_on_the_last_class(visit: Visit) -> None:
    visit.open("/classes/zebra")
    visit.wait_until_idle()
    assert len(pages(visit)) == 1
    visit.open(f"/classes/dog?from={IMAGES - 7}&size=8")
    visit.wait_until_idle()
    assert len(pages(visit)) == 2


def test_hovered_or_focused_link_is_prefetched_once(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=8")
    wait_for_pages(visit, "/classes/person?size=8")
    link = page.locator(".side a", has_text="zebra")
    for act in (link.hover, link.focus):
        act()
        wait_for_pages(visit, "/classes/person?size=8", "/classes/zebra?size=8")
    page.wait_for_timeout(300)
    assert len(pages(visit)) == 3


@pytest.mark.parametrize("path", ["/", "/average-precision", "/tail-accuracy"])
def test_hovered_class_is_prefetched_on_every_page(visit: Visit, path: str) -> None:
    page = visit.open(path)
    visit.wait_until_idle()
    before = len(set(thumbnails(visit)))
    page.locator("tbody th a", has_text="person").first.hover()
    wait_for(visit, lambda: pages(visit) == [visit.address + "/classes/person"])
    wait_for_thumbnails(visit, before + 40)


def test_other_links_are_not_prefetched(visit: Visit) -> None:
    page = visit.open(f"/images/{BOXED}?class=dog")
    visit.wait_until_idle()
    before = list(visit.requested)
    page.locator("tbody th a", has_text="person").hover()
    page.wait_for_timeout(300)
    assert visit.requested == before


def test_failed_prefetch_is_silent(new_visit: Callable[..., Visit]) -> None:
    visit = new_visit()
    page = visit.page
    page.route("**/classes/person*", lambda route: route.abort("aborted"))
    visit.forgiven.append("/classes/person")
    visit.open("/classes/dog?size=8")
    wait_for_pages(visit, "/classes/person?size=8")
    page.unroute("**/classes/person*")
    page.keyboard.press("]")
    page.wait_for_url("**/classes/person*")
    wait_until(page, ALL_SHOWN)


def test_no_prefetch_with_save_data(new_visit: Callable[..., Visit]) -> None:
    visit = new_visit()
    visit.page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )
    page = visit.open("/classes/dog?size=8")
    visit.wait_until_idle()
    page.locator(".side a", has_text="zebra").hover()
    page.wait_for_timeout(300)
    assert len(pages(visit)) == 1
