"""The tables of `health` over generated portfolios: whatever is found has its words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from agents.planner.measures.health import health
from agents.telling.report import voice
from dashboard.showing import findings
from dashboard.text import Words
from serve.commands.shared.tables import health_parts
from tests.planner.portfolios import portfolios


@pytest.mark.parametrize("language", ["en", "zh"])
@given(data=st.data())
@settings(max_examples=50)
def test_whatever_health_finds_can_be_told_in_the_terminal_on_pages_and_in_reports(language, data):
    found = health(data.draw(portfolios()))
    console = Console(width=80, quiet=True)
    for part in health_parts(found, language):
        console.print(part)
    for warning in found.warnings:
        assert "{" not in findings.of_warning(warning, found.currency, Words(language))
        said = voice(language, found.currency).warning(warning)
        assert warning.code.replace("_", " ") not in said
