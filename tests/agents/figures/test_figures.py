"""The check on a suite of texts: what is planted is found, what is right is not flagged, whose it is is told."""

from collections import Counter

import pytest

from agents.checking.facts import Facts
from agents.checking.grounding import ground
from tests.agents.figures.texts import PHONES, Text, texts

LANGUAGES = ("en", "zh")


def flagged(text: Text) -> list[tuple[str, str | None]]:
    facts = Facts.of([text.case.told, " ".join(f"call {phone}" for phone in PHONES)])
    facts = text.case.facts if not any(phone in text.said for phone in PHONES) else facts
    return [(one.text, one.reason) for one in ground(text.said, facts, text.case.names).unsupported]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_suite_is_large_and_varied(language: str) -> None:
    drawn = list(texts(language))
    assert len(drawn) >= 300
    assert len({text.form for text in drawn}) >= 40
    assert sum(text.wrong for text in drawn) >= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_planted_is_found(language: str) -> None:
    planted = [text for text in texts(language) if text.wrong and not text.is_swap]
    missed = [text for text in planted if not flagged(text)]
    assert len(missed) <= 0.01 * len(planted), _shown(missed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_right_is_not_flagged(language: str) -> None:
    right = [text for text in texts(language) if not text.wrong]
    alarmed = [text for text in right if flagged(text)]
    assert len(alarmed) <= 0.01 * len(right), _shown(alarmed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_on_the_wrong_debt_is_found(language: str) -> None:
    swapped = [text for text in texts(language) if text.is_swap]
    missed = [text for text in swapped if not any(reason == "other_debt" for _, reason in flagged(text))]
    assert len(missed) <= 0.1 * len(swapped), _shown(missed)


def _shown(found: list[Text]) -> str:
    counted = Counter(text.form for text in found)
    return f"{len(found)}: {dict(counted)}\n" + "\n".join(
        f"{text.form}: {text.said} -> {flagged(text)}" for text in found[:40]
    )
