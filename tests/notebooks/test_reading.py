"""What a notebook may give: files, data frames, dicts; and what it is told of whatever is wrong with them."""

import io
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import debt_optimizer as do

SAMPLES = Path(do.__file__).parent / "data" / "samples"
TABLES = ["six-debts.csv", "六笔债务.csv"]
WITHIN = {
    "id": "client-42",
    "start": "2026-12",
    "budget": {"monthly": 600},
    "debts": [
        {"name": "Visa", "kind": "credit_card", "balance": np.int64(5200), "apr": np.float64(0.2499)},
        {"name": "Car", "kind": "auto_loan", "balance": "6000.00", "apr": 0.069},
    ],
}


def frame(**changes: object) -> pd.DataFrame:
    columns = {
        "name": ["Visa", "Car"],
        "balance": [5200.5, 9000.0],
        "apr": [24.99, 6.9],
        "monthly_budget": [700, None],
        "start": "2027-01",
    }
    return pd.DataFrame(columns | changes)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.filterwarnings("ignore::agents.notebooks.sources.ReadingWarning")
def test_a_frame_is_read_as_the_file_it_came_from(name: str, as_text: bool):
    from_file = do.read(SAMPLES / name).one()
    loaded = pd.read_csv(SAMPLES / name, dtype=str if as_text else None)
    from_frame = do.read(loaded).one()
    assert from_frame == from_file.model_copy(update={"id": None})


def test_a_frame_of_an_excel_sheet_is_read_as_the_workbook(tmp_path: Path):
    loaded = pd.read_csv(SAMPLES / "six-debts.csv")
    loaded["promo_until"] = pd.to_datetime(loaded["promo_until"])
    loaded.to_excel(tmp_path / "debts.xlsx", index=False)
    from_file = do.read(tmp_path / "debts.xlsx").one()
    assert do.read(loaded).one() == from_file.model_copy(update={"id": None})


@pytest.mark.filterwarnings("ignore::agents.notebooks.sources.ReadingWarning")  # of rates that are all below 1
@settings(deadline=None)
@given(
    cents=st.lists(st.integers(1, 10**11), min_size=1, max_size=5),
    rates=st.lists(st.integers(0, 99_999), min_size=5, max_size=5),
)
def test_floats_of_a_frame_are_the_amounts_that_its_csv_says(cents: list[int], rates: list[int]):
    table = pd.DataFrame(
        {
            "name": [f"debt {place}" for place in range(len(cents))],
            "balance": [value / 100 for value in cents],
            "apr": [rate / 1000 for rate in rates[: len(cents)]],
            "start": "2027-01",
            "minimum_type": "none",
        }
    )
    exact = [Decimal(value).scaleb(-2) for value in cents]
    assert [debt.balance for debt in do.read(table).one().debts] == exact


def test_decimals_categories_nullable_numbers_and_dates_are_read():
    table = frame(
        name=pd.Categorical(["Visa", "Car"]),
        balance=[Decimal("5200.50"), Decimal("1E+3")],
        months_left=pd.array([None, 48], dtype="Int64"),
        promo_apr=[0.0, np.nan],
        promo_until=[pd.Period("2027-05", "M"), pd.NaT],
        start=pd.Timestamp("2027-01-15"),
    )
    read = do.read(table).one()
    assert [debt.balance for debt in read.debts] == [Decimal("5200.50"), Decimal("1000.00")]
    assert (read.start, read.debts[0].promo.until, read.debts[1].minimum.months) == ("2027-01", "2027-05", 48)


def test_a_named_index_is_a_column():
    table = frame(portfolio_id=["a", "b"]).set_index("portfolio_id")
    assert list(do.read(table)) == ["a", "b"]


def test_the_contracts_json_may_hold_numpys_numbers():
    read = do.read(WITHIN).one()
    assert [debt.balance for debt in read.debts] == [5200, 6000]
    assert do.plan(WITHIN).answer == do.plan(read).answer == do.plan(do.read(WITHIN)["client-42"]).answer


def test_a_json_file_and_a_list_of_portfolios_are_read(tmp_path: Path):
    file = tmp_path / "two.json"
    content = [
        json.loads(do.read(WITHIN).one().model_dump_json()),
        {"debts": [{"name": "Car", "balance": 1, "apr": 0}]},
    ]
    file.write_text(json.dumps(content), "utf-8")
    assert list(do.read(file)) == list(do.read(content)) == ["client-42", "2"]


def test_a_file_of_many_portfolios_is_a_mapping_by_their_ids():
    with pytest.warns(do.ReadingWarning):
        many = do.read(SAMPLES / "batch.csv", on_bad_rows="warn")
    assert len(many) == len(set(many)) > 100
    assert all(key == portfolio.id for key, portfolio in many.items())
    assert repr(many).startswith(f"Portfolios({len(many)}: client-001, client-002, ")
    found = do.compare(many, portfolio="client-002", strategies=["snowball"])
    assert found.equals(do.compare(many["client-002"], strategies=["snowball"]))


def test_where_there_are_several_one_must_be_chosen():
    table = frame(portfolio_id=["a", "b"])
    with pytest.raises(do.InvalidPortfolio, match=r"2 portfolios \(a, b\): choose one with portfolio=ID"):
        do.compare(table)
    with pytest.raises(do.InvalidPortfolio, match='no portfolio of the file has the id "c"; it has a, b'):
        do.compare(table, portfolio="c")


def test_two_portfolios_of_one_id_are_refused():
    with pytest.raises(do.InvalidPortfolio, match='two portfolios have the id "client-42"'):
        do.read([WITHIN, WITHIN])


def test_bad_rows_of_a_file_are_named_by_row_and_column_and_nothing_is_left_out(tmp_path: Path):
    file = tmp_path / "debts.csv"
    file.write_text("name,balance,apr\nVisa,5200,24.99\nCar,much,6.9\nLoan,100,abc\n", "utf-8")
    with pytest.raises(do.InvalidPortfolio) as refused:
        do.compare(file)
    assert str(refused.value).splitlines()[1].startswith('  row 3, column balance: "much" is not an amount')
    assert str(refused.value).splitlines()[2].startswith('  row 4, column apr: "abc" is not a rate')
    assert [(one.path, one.value) for one in refused.value.errors] == [
        ("row 3, column balance", "much"),
        ("row 4, column apr", "abc"),
    ]


def test_bad_rows_of_a_frame_are_named_by_its_own_index():
    table = frame(apr=["24.99", "abc"], index=["x", "y"])
    table = table.set_index(pd.Index(["first", "second"])).drop(columns="index")
    with pytest.raises(do.InvalidPortfolio, match='index second, column apr: "abc" is not a rate'):
        do.read(table)


def test_with_warn_the_good_rows_stand_and_each_bad_one_is_told_of_the_line_that_asked():
    table = frame(apr=[24.99, "abc"])
    with pytest.warns(do.ReadingWarning, match="index 1, column apr") as told:
        found = do.read(table, on_bad_rows="warn")
    assert {warning.filename for warning in told} == {__file__}
    assert [debt.name for debt in found.one().debts] == ["Visa"]
    assert found.rejects[["row", "column", "value"]].values.tolist() == [[3, "apr", "abc"]]


def test_what_was_read_in_a_way_one_should_know_of_is_warned_of():
    with pytest.warns(do.ReadingWarning, match="shoe size") as told:
        do.compare(frame(**{"shoe size": 42}), strategies=["snowball"])
    assert told[0].filename == __file__


def test_a_frame_without_the_columns_is_refused_with_their_names():
    with pytest.raises(do.UnreadableFile, match="balance"):
        do.read(pd.DataFrame({"name": ["Visa"], "balence": [1]}))
    with pytest.raises(do.UnreadableFile):
        do.read(pd.DataFrame())


def test_wrong_fields_of_a_dict_are_named():
    wrong = WITHIN | {"debts": [{"name": "Visa", "balance": -1, "apr": 2499}]}
    with pytest.raises(do.InvalidPortfolio) as refused:
        do.read(wrong)
    assert {one.path for one in refused.value.errors} == {"debts.0.balance", "debts.0.apr"}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: do.plan(WITHIN, "fastest"), "strategy: there is no such strategy; there are minimum_only"),
        (lambda: do.compare(WITHIN, strategies=["fastest"]), "strategies: there is no such strategy"),
        (lambda: do.required_budget(WITHIN, "2028-01", strategy="optimal"), "strategy: an order is needed"),
        (lambda: do.required_budget(WITHIN, "soon"), 'by: "soon" is not a month'),
        (lambda: do.plan(WITHIN | {"start": None}, start="05/06/2027"), 'start: "05/06/2027" does not say which'),
        (lambda: do.plan(WITHIN, budget="much"), 'budget: "much" is not an amount'),
        (lambda: do.risk(WITHIN, assumptions={"income_loss": {"probability": 2}}), "income_loss.probability"),
        (lambda: do.risk(WITHIN, scenarios=0), "scenarios"),
    ],
)
def test_a_wrong_option_is_named(ask, said: str):
    with pytest.raises(do.BadInput) as refused:
        ask()
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        do.compare(tmp_path / "nowhere.csv")


def test_a_csv_read_from_text_and_its_frame_agree_on_the_first_month():
    text = "name,balance,apr\nVisa,5200,24.99\n"
    assert do.plan(pd.read_csv(io.StringIO(text)), start="2027-03").answer.start == "2027-03"
    assert do.plan(pd.read_csv(io.StringIO(text)), start=pd.Period("2027-03", "M")).answer.start == "2027-03"
