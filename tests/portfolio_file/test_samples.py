"""The samples load without a reject, say the same in both formats, and make an interesting plan."""

from decimal import Decimal
from importlib.resources import files

import pytest

from agents.planner.plans.planning import compare
from data.files.portfolio_file import csv_template, read_file

SAMPLES = files("data").joinpath("samples")


def sample(name: str):
    return read_file(SAMPLES.joinpath(name).read_bytes(), name)


@pytest.mark.parametrize("stem", ["six-debts", "六笔债务"])
def test_a_sample_is_the_same_in_csv_and_json(stem):
    table, tree = sample(f"{stem}.csv"), sample(f"{stem}.json")
    assert table.rejects == []
    assert table.portfolios == tree.portfolios
    assert len(table.portfolios[0].debts) == 6


@pytest.mark.parametrize("stem", ["six-debts", "六笔债务"])
def test_a_sample_is_paid_off_in_three_to_five_years_and_its_strategies_differ(stem):
    portfolio = sample(f"{stem}.csv").portfolios[0]
    assert portfolio.start is not None  # a fixed start keeps its promotion in the future for ever
    plans = {plan.strategy: plan for plan in compare(portfolio).plans}
    assert 36 <= (plans["avalanche"].months or 0) <= 60
    assert plans["avalanche"].total_interest < plans["snowball"].total_interest
    assert (plans["avalanche"].saved_vs_minimum or Decimal(0)) > 1000
    assert not any(plan.missed for plan in plans.values())


def test_a_sample_is_read_with_no_warning_but_that_of_its_flat_fee():
    assert sample("six-debts.csv").warnings == []
    assert [warning.column for warning in sample("六笔债务.csv").warnings] == ["balance"]  # a 月费率 always says so


def test_the_chinese_sample_reads_in_gb18030_too():
    content = SAMPLES.joinpath("六笔债务.csv").read_bytes().decode().encode("gb18030")
    assert read_file(content, "六笔债务.csv").portfolios == sample("六笔债务.csv").portfolios


def test_the_batch_sample_has_many_portfolios_and_a_few_bad_rows():
    result = sample("batch.csv")
    assert len(result.portfolios) == 200
    assert {reject.column for reject in result.rejects} == {"apr", "balance", "promo_until"}


def test_the_template_to_download_is_the_one_that_ships():
    assert SAMPLES.joinpath("template.csv").read_bytes() == csv_template().encode()
