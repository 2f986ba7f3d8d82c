"""The tables: exact amounts, months that can be reckoned with, and numbers for charts."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import debt_optimizer as do
from agents.notebooks.tables import table
from data.answers.plan import Plan

SAMPLE = Path(do.__file__).parent / "data" / "samples" / "six-debts.csv"
BOOKS = ["opening", "interest", "fees", "payment", "closing"]


@pytest.fixture(scope="module")
def best() -> do.PlanTables:
    return do.optimal(SAMPLE)


def test_each_kind_of_field_has_its_dtype(best: do.PlanTables):
    kinds = {name: str(dtype) for name, dtype in best.summary.dtypes.items()}
    assert (kinds["total_paid"], kinds["months"], kinds["debt_free"]) == ("object", "Int64", "period[M]")
    assert (kinds["gap"], kinds["proved"], kinds["reason"], kinds["status"]) == ("float64", "bool", "str", "str")
    assert "schedule" not in kinds


def test_the_books_of_a_schedule_balance_exactly(best: do.PlanTables):
    rows = best.schedule
    assert all(isinstance(value, Decimal) for name in BOOKS for value in rows[name])
    assert (rows["opening"] + rows["interest"] + rows["fees"] == rows["payment"] + rows["closing"]).all()
    assert rows["payment"].sum() == best.answer.total_paid
    assert rows.groupby("debt")["payment"].sum()[best.debts.index].tolist() == best.debts["paid"].tolist()


def test_months_sort_and_count_as_months_do(best: do.PlanTables):
    months = best.schedule["month"]
    assert months.is_monotonic_increasing
    assert (months.max() - months.min()).n + 1 == best.answer.months
    assert str(best.summary["debt_free"].iloc[0]) == best.answer.debt_free


def test_currency_and_the_best_are_in_the_tables_attributes():
    found = do.compare(SAMPLE)
    assert (found.attrs["currency"], found.attrs["best"], found.attrs["recommended"]) == ("USD", "optimal", "avalanche")
    assert found.attrs["bound"] == found["bound"].iloc[0]
    assert found.loc["optimal", "total_paid"] == found["total_paid"].min()


def test_charts_have_floats_of_amounts_and_times_of_months(best: do.PlanTables):
    floats = do.for_charts(best.schedule)
    assert {name: floats[name].dtype.kind for name in ("month", *BOOKS)} == {"month": "M", **dict.fromkeys(BOOKS, "f")}
    assert floats["payment"].sum() == pytest.approx(float(best.answer.total_paid))
    assert floats["month"].iloc[0] == pd.Timestamp("2026-12-01")
    assert floats["debt"].equals(best.schedule["debt"])
    assert best.schedule["payment"].dtype == object  # the exact ones stay as they are
    assert do.for_charts(best.summary)["missed_cost"].isna().all()


def test_months_of_an_index_are_times_for_charts_too(best: do.PlanTables):
    owed = best.schedule.pivot(index="month", columns="debt", values="closing")
    assert list(do.for_charts(owed).index[:2]) == [pd.Timestamp("2026-12-01"), pd.Timestamp("2027-01-01")]
    assert list(do.for_charts(owed).columns) == list(owed.columns)
    fan = do.for_charts(do.risk(SAMPLE, scenarios=20).fan)
    assert fan.index.names == ["strategy", "month"]
    assert fan.index[0] == ("avalanche", pd.Timestamp("2026-12-01"))


def test_what_does_not_apply_is_missing_and_an_empty_table_keeps_its_columns(best: do.PlanTables):
    assert best.missed.empty
    assert list(best.missed.columns) == ["month", "debt", "minimum", "paid"]
    assert str(best.missed["month"].dtype) == "period[M]"
    short = do.plan(SAMPLE, budget=100)
    assert pd.isna(short.summary["months"].iloc[0]) or short.summary["status"].iloc[0] == "shortfall"
    assert not short.missed.empty


def test_several_plans_side_by_side_and_all_portfolios_in_one_table():
    with pytest.warns(do.ReadingWarning):
        many = do.read(SAMPLE.with_name("batch.csv"), on_bad_rows="warn")
    some = {key: do.compare(many[key], strategies=["snowball", "avalanche"]) for key in list(many)[:3]}
    together = pd.concat(some, names=["portfolio"])
    assert together.index.names == ["portfolio", "strategy"]
    assert str(together["debt_free"].dtype) == "period[M]"
    assert together["total_paid"].sum() == sum((found["total_paid"].sum() for found in some.values()), Decimal(0))


def test_a_risk_report_is_a_summary_a_fan_and_a_tornado():
    found = do.risk(SAMPLE, scenarios=50, strategies=["avalanche", "snowball"])
    assert list(found.summary.index) == ["avalanche", "snowball"]
    assert found.fan.index.names == ["strategy", "month"]
    assert (found.fan["owed_p95"] >= found.fan["owed_p5"]).all()
    assert str(found.summary["months_p50"].dtype) == "Int64"
    assert {"low_value", "high_interest", "swing_months"} <= set(found.tornado.columns)


def test_health_and_the_smallest_budget_are_tables_too():
    found = do.health(SAMPLE)
    assert found.summary["total"].iloc[0] == found.answer.total
    assert list(found.repayments.index) == [one.debt for one in found.answer.repayments]
    assert "promo_ends" in set(found.warnings["code"])
    needed = do.required_budget(SAMPLE, "2029-06")
    assert needed.summary["monthly"].iloc[0] == needed.answer.monthly == needed.plan.answer.worst_month_payment
    line = do.frontier(SAMPLE, points=3)
    assert line["monthly"].is_monotonic_increasing
    assert line["total_paid"].is_monotonic_decreasing


def test_a_notebook_shows_the_summary(best: do.PlanTables):
    assert str(best.answer.total_paid) in best._repr_html_()


def test_no_column_is_lost_where_there_is_no_row():
    assert list(table([], Plan).columns) == list(table([do.plan(SAMPLE).answer], Plan).columns)
