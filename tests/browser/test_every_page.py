"""Every page in both languages: pictures to look at, words that follow the language, and what axe finds."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.text import catalogue
from tests.browser.conftest import OpenReader
from tests.browser.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = ("overview", "portfolios", "plans", "agent", "batch")
# Streamlit's own: the uploader's role, and the empty head of the grid's selection column.
STREAMLITS_OWN = {"presentation-role-conflict", "empty-table-header"}


def name_of(page: str, language: str) -> str:
    return catalogue(language)[f"nav.{page}"]


def findings_of(reader: Reader) -> set[str]:
    violations = Axe().run(reader.page).response["violations"]
    return {violation["id"] for violation in violations} - STREAMLITS_OWN


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_can_be_read_by_everybody_and_is_kept_as_a_picture(reader: OpenReader, language: str):
    analyst = reader(language)
    analyst.open()
    for page in PAGES:
        analyst.go(name_of(page, language))
        analyst.picture(page)
        assert (page, findings_of(analyst)) == (page, set())


@pytest.mark.parametrize("page", PAGES)
def test_switching_the_language_changes_every_word_of_ours(reader: OpenReader, page: str):
    analyst = reader("en")
    analyst.open("/" if page == "overview" else f"/{page}")
    analyst.page.locator(".st-key-strip").get_by_text("简体中文", exact=True).click()
    analyst.page.get_by_role("heading", name=name_of(page, "zh"), exact=True, level=1).wait_for()
    analyst.rest()
    shown = analyst.page.locator("[data-testid=stMain]").inner_text()
    sentences = [words for words in catalogue("en").values() if re.fullmatch(r"[A-Z][^{}]{14,}", words)]
    assert [words for words in sentences if words in shown] == []


def test_a_narrow_window_shows_everything_without_scrolling_sideways(reader: OpenReader):
    analyst = reader("zh", width=420)
    analyst.open()
    for page in PAGES:
        analyst.open("/" if page == "overview" else f"/{page}")
        wide = analyst.page.evaluate("document.documentElement.scrollWidth")
        assert (page, wide) == (page, 420)
