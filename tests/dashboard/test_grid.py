"""The grid: debts become rows and rows debts, and what a cell does not show is not lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.asking.client import WrongField
from dashboard.panels import grid
from data.portfolio.debt import Debt
from data.wording.sentence import say

RICH = {
    "name": "Visa",
    "kind": "credit_card",
    "balance": "5200.00",
    "apr": 0.2499,
    "accrual": "daily",
    "minimum": {"type": "interest_plus", "rate": 0.01, "floor": "35.00"},
    "promo": {"apr": 0.0, "until": "2027-05", "deferred_interest": True},
    "rate_steps": [{"from": "2028-01", "apr": 0.2699}],
    "fees": {"annual": "95.00", "annual_month": 4, "late": "40.00"},
    "penalty_apr": 0.2999,
    "credit_limit": "8000.00",
    "due_day": 14,
}
RULES = [
    {"type": "fixed", "amount": "35.00"},
    {"type": "percent", "rate": 0.02, "floor": "25.00"},
    {"type": "greatest", "rules": [{"type": "fixed", "amount": "35.00"}, {"type": "percent", "rate": 0.02}]},
    {"type": "level", "months": 48},
    {"type": "equal_principal", "months": 360},
    {"type": "flat_fee", "principal": "12000.00", "months": 12, "fee_rate": 0.006},
    {"type": "interest_only", "until": "2028-12"},
    {"type": "none"},
]


def wire(debt: dict) -> dict:
    return Debt.model_validate(debt).model_dump(mode="json")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["type"])
def test_a_debt_that_nobody_edits_comes_back_as_it_was(rule: dict):
    debt = wire({**RICH, "minimum": rule})
    assert grid.debt_of(grid.row_of(debt)) == debt


def test_an_edited_cell_changes_its_field_and_nothing_else():
    debt = wire(RICH)
    row = {**grid.row_of(debt), "balance": 6000}
    assert grid.debt_of(row) == {**debt, "balance": "6000"}


def test_an_edited_promotion_keeps_what_the_grid_does_not_show():
    row = {**grid.row_of(wire(RICH)), "promo_apr": 1.9}
    assert grid.debt_of(row)["promo"] == {"apr": 0.019, "until": "2027-05", "deferred_interest": True}


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule["type"] in grid.MINIMUM_TYPES], ids=lambda rule: rule["type"]
)
def test_a_typed_minimum_rule_is_the_rule_that_the_api_knows(rule: dict):
    shown = grid.row_of(wire({**RICH, "minimum": rule}))
    cells = {name: shown[name] for name in grid.COLUMNS}
    typed = Debt.model_validate(grid.debt_of(cells))
    assert typed.minimum == Debt.model_validate({**RICH, "minimum": rule}).minimum


def test_a_row_without_a_minimum_leaves_it_to_the_api():
    assert grid.debt_of({"name": "Loan", "balance": 100, "apr": 5}) == {"name": "Loan", "balance": "100", "apr": 0.05}


def test_edits_deletions_and_additions_are_applied_by_place():
    rows = [grid.row_of(wire({**RICH, "name": name})) for name in ("A", "B", "C")]
    edits = {"edited_rows": {"2": {"name": "Z"}}, "deleted_rows": [1], "added_rows": [{"name": "N"}, {}]}
    assert [row["name"] for row in grid.edited(rows, edits)] == ["A", "Z", "N"]


def test_the_same_rows_always_give_the_same_frame():
    rows = [grid.row_of(wire(RICH))]
    assert grid.frame_of(rows).equals(grid.frame_of(json.loads(json.dumps(rows))))
    assert list(grid.frame_of(rows).index) == [1]


@given(st.decimals(min_value=0, max_value=1000, places=4))
def test_percent_cells_become_fractions_exactly(percent):
    typed = grid.debt_of({"name": "x", "balance": 1, "apr": float(percent)})
    assert typed["apr"] == pytest.approx(float(percent) / 100, abs=1e-12)


@pytest.mark.parametrize(
    ("path", "row", "column"),
    [
        ("portfolio.debts.1.apr", 2, "apr"),
        ("portfolio.debts.0.minimum.amount", 1, "minimum_amount"),
        ("debts.0.promo.until", 1, "promo_until"),
        ("debts.3.fees.late", 4, None),
    ],
)
def test_errors_are_led_back_to_row_and_column(path: str, row: int, column: str | None):
    cells, rest = grid.cell_errors([WrongField(path, say("required"))])
    assert ([(cell.row, cell.column) for cell in cells], rest) == ([(row, column)], [])


def test_errors_of_the_whole_portfolio_stay_apart():
    cells, rest = grid.cell_errors([WrongField("portfolio.currency", say("required"))])
    assert (cells, [wrong.path for wrong in rest]) == ([], ["portfolio.currency"])
