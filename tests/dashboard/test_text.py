"""Words: both languages say the same things, and no page says anything that is not in them."""

import ast
import re
import string
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.text import LANGUAGES, Words, catalogue, escaped, language_of

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
SOURCES = sorted(DASHBOARD.rglob("*.py"))
# What Streamlit and our own pieces show to a reader: the first argument, or one of these by name.
SHOWN_BY_NAME = {"label", "help", "placeholder", "title", "text", "body", "alt", "page_title", "heading"}
SHOWS = {
    "badge", "button", "caption", "checkbox", "data_editor", "download_button", "error", "expander", "file_uploader",
    "header", "info", "markdown", "metric", "number_input", "popover", "progress", "radio", "segmented_control",
    "selectbox", "spinner", "status", "subheader", "success", "text", "text_area", "text_input", "title", "toast",
    "toggle", "warning", "write", "heading", "note", "card_title", "Page",
    "TextColumn", "NumberColumn", "SelectboxColumn",
}  # fmt: skip
SIGNS = re.compile(r":[a-z-]+\[|\]|\[|[#>*●✓✗○–·▍\s\d.,:\\n-]|<br>")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_words():
    assert catalogue("en").keys() == catalogue("zh").keys()


@pytest.mark.parametrize("key", catalogue("en"))
def test_both_languages_fill_in_the_same_values(key: str):
    english, chinese = placeholders(catalogue("en")[key]), placeholders(catalogue("zh")[key])
    assert english - {"count"} == chinese - {"count"} or english == chinese


def test_chinese_words_are_chinese():
    same = {
        key for key, words in catalogue("en").items() if words == catalogue("zh")[key] and re.search("[a-z]", words)
    }
    assert same == {"language.en", "batch.at"}


def calls(file: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]


def literal_text(node: ast.expr) -> str:
    """The words that stand in the source itself, without signs of Markdown."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return SIGNS.sub("", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(literal_text(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return literal_text(node.left) + literal_text(node.right)
    return ""


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(DASHBOARD)))
def test_no_page_shows_words_that_stand_in_its_source(file: Path):
    shown = []
    for call in calls(file):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in SHOWS and not file.name.endswith("charts.py"):
            first = [] if name == "Page" else call.args[:1]
            values = [*first, *(each.value for each in call.keywords if each.arg in SHOWN_BY_NAME)]
            shown += [f"line {call.lineno}: {text}" for value in values if (text := literal_text(value))]
    assert shown == []


def test_every_word_that_a_page_asks_for_is_there():
    asked = {
        call.args[0].value
        for file in SOURCES
        for call in calls(file)
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in {"t", "md"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert len(asked) > 100
    assert asked - catalogue("en").keys() == set()


@pytest.mark.parametrize(("language", "written"), [("en", "$5,200.00"), ("zh", "US$5,200.00")])
def test_money_is_written_as_the_language_does(language: str, written: str):
    assert Words(language).money(Decimal("5200.00"), "USD") == written


def test_money_without_cents_is_rounded():
    assert Words("en").money(Decimal("25484.85"), "USD", whole=True) == "$25,485"
    assert Words("zh").money(Decimal("40249.91"), "CNY", whole=True) == "¥40,250"


@pytest.mark.parametrize(
    ("language", "month", "span", "day", "rate"),
    [
        ("en", "March 2029", "2 years and 4 months", "14 Dec 2026", "24.99%"),
        ("zh", "2029年3月", "2 年 4 个月", "2026年12月14日", "24.99%"),
    ],
)
def test_times_and_rates_are_written_as_the_language_does(language, month, span, day, rate):
    say = Words(language)
    written = (say.month("2029-03"), say.span(28), say.day(date(2026, 12, 14)), say.percent(0.2499))
    assert written == (month, span, day, rate)


def test_one_of_a_thing_is_said_in_the_singular():
    assert Words("en").span(13) == "1 year and 1 month"
    assert Words("en").t("upload.read", count=1, file="a.csv").startswith("1 debt read")


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh"), ("zh", "zh"), ("en-GB", "en"), ("fr", "en"), (None, "en")]
)
def test_the_first_language_is_the_browsers(locale: str | None, language: str):
    assert language_of(locale) == language
    assert language in LANGUAGES


def test_names_that_look_like_markdown_are_shown_as_they_are():
    assert escaped("$1 *Visa* [x](http://y) :red[a] # <b>") == (r"\$1 \*Visa\* \[x\](http\://y) \:red\[a\] \# \<b\>")
