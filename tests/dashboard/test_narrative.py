"""An agent's text on the page: its prices stand, its doubtful numbers stand out, and it fetches nothing."""

import pytest

from dashboard.showing.narrative import marked, safe
from data.wire.task_result import Unsupported


def test_prices_are_not_taken_for_formulas():
    assert safe("pay $5 or $6") == r"pay \$5 or \$6"


@pytest.mark.parametrize(
    "text", ["![x](http://evil/p.png)", "![x][y]", "[click](http://evil)", "<img src=x>", ":material/home:"]
)
def test_nothing_is_fetched_and_nothing_leads_away(text: str):
    shown = safe(text)
    assert "](" not in shown.replace(r"]\(", "")
    assert not shown.startswith(("![", "<", ":"))


def test_tables_headings_and_lists_stay():
    text = "## Plan\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\n- **x**"
    assert safe(text) == text


def test_a_number_that_no_tool_returned_stands_out_where_it_stands():
    text = "It saves $100 and then $100 more."
    start = text.rindex("$100")
    assert marked(text, [Unsupported(text="$100", start=start, end=start + 4)]) == (
        r"It saves \$100 and then :orange-background[\$100] more."
    )


def test_without_a_place_the_number_is_found_by_its_text():
    assert marked("about 12 %", [Unsupported(text="12 %")]) == "about :orange-background[12 %]"
    assert marked("nothing", [Unsupported(text="99")]) == "nothing"
