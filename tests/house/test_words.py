"""A strategy bears one name wherever it is shown, and a warning has its words everywhere."""

import json
from pathlib import Path

import pytest

from agents.telling import chinese_warnings, english_warnings
from agents.telling.chinese_steps import METHOD_NAMES
from data.answers.plan import Strategy
from serve.commands.shared.words import CHINESE, ENGLISH, strategy_name
from tests.every_warning import CODES, every_warning

LOCALE = Path(__file__).resolve().parents[2] / "dashboard" / "locale"
CATALOGUE = LOCALE / "zh_CN.json"


def alerts(language: str) -> dict[str, str]:
    catalogue = json.loads((LOCALE / f"{language}.json").read_text("utf-8"))
    return {key.removeprefix("alert."): text for key, text in catalogue.items() if key.startswith("alert.")}


WARNINGS = {
    "reports in English": english_warnings.WARNINGS,
    "reports in Chinese": chinese_warnings.WARNINGS,
    "pages in English": alerts("en"),
    "pages in Chinese": alerts("zh_CN"),
    "the terminal in English": ENGLISH,
    "the terminal in Chinese": CHINESE,
}


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_strategy_has_one_chinese_name_in_reports_on_pages_and_in_the_terminal(strategy: Strategy):
    on_pages = json.loads(CATALOGUE.read_text("utf-8"))[f"strategy.{strategy.value}"]
    assert strategy_name(strategy.value, "zh") == METHOD_NAMES[strategy.value] == on_pages


@pytest.mark.parametrize("where", WARNINGS)
def test_every_warning_and_what_it_says_to_do_has_words_everywhere(where: str):
    words = WARNINGS[where]
    assert words.keys() >= CODES
    for warning in every_warning():
        said = "".join(text for key, text in words.items() if key.split(".")[0] == warning.code)
        assert all(f"{{{name}}}" in said for name in warning.amounts), (where, warning.code)
