"""A strategy bears one name wherever it is shown."""

import json
from pathlib import Path

import pytest

from agents.narrator_zh_steps import METHOD_NAMES
from data.plan import Strategy
from serve.commands.words import strategy_name

CATALOGUE = Path(__file__).resolve().parents[2] / "dashboard" / "locale" / "zh_CN.json"


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_strategy_has_one_chinese_name_in_reports_on_pages_and_in_the_terminal(strategy: Strategy):
    on_pages = json.loads(CATALOGUE.read_text("utf-8"))[f"strategy.{strategy.value}"]
    assert strategy_name(strategy.value, "zh") == METHOD_NAMES[strategy.value] == on_pages
