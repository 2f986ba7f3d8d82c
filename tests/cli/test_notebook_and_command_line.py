"""A notebook and the command line answer the same for the same file, to the cent and to the byte."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import debt_optimizer as do

pytestmark = pytest.mark.filterwarnings("ignore::agents.notebooks.sources.ReadingWarning")

SAMPLES = Path(do.__file__).parent / "data" / "samples"
QUESTIONS: dict[str, tuple[Any, list[str]]] = {
    "plan": (lambda file: do.plan(file, "snowball").answer, ["plan", "--strategy", "snowball"]),
    "optimal": (lambda file: do.optimal(file).answer, ["plan", "--strategy", "optimal"]),
    "another budget": (lambda file: do.plan(file, budget=12_500).answer, ["plan", "--budget", "12500"]),
    "health": (lambda file: do.health(file).answer, ["health"]),
    "budget": (lambda file: do.required_budget(file, "2029-06").answer, ["required-budget", "--by", "2029-06"]),
    "risk": (
        lambda file: do.risk(file, scenarios=200, assumptions={"savings": 1000}).answer,
        ["risk", "--scenarios", "200", "--assume", "savings=1000"],
    ),
}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("excel") / "six-debts.xlsx"
    pd.read_csv(SAMPLES / "six-debts.csv").to_excel(file, index=False)
    return file


def of_file(name: str, workbook: Path) -> Path:
    return workbook if name.endswith(".xlsx") else SAMPLES / name


@pytest.mark.parametrize("name", ["six-debts.csv", "六笔债务.csv", "six-debts.xlsx"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_the_command_lines(run, workbook: Path, name: str, question: str):
    ask, (command, *options) = QUESTIONS[question]
    file = of_file(name, workbook)
    answer = run(command, file, *options, "--json")
    assert answer.code == 0, answer.err
    assert ask(file).model_dump_json() == answer.out.strip()


@pytest.mark.parametrize("name", ["six-debts.csv", "六笔债务.csv", "six-debts.xlsx"])
def test_a_comparison_has_every_figure_of_the_command_lines(run, workbook: Path, name: str):
    file = of_file(name, workbook)
    told, found = run("compare", file, "--json").json, do.compare(file)
    assert [found.attrs[field] for field in ("best", "recommended")] == [told["best"], told["recommended"]]
    assert format(found.attrs["bound"], "f") == told["bound"]
    for plan in told["plans"]:
        row = found.loc[plan["strategy"]]
        for field in ("total_paid", "total_interest", "total_fees", "above_optimum", "saved_vs_minimum"):
            assert format(row[field], "f") == plan[field]
        assert (row["months"], str(row["debt_free"]), row["status"]) == (
            plan["months"],
            plan["debt_free"],
            plan["status"],
        )


def test_a_frontier_has_every_point_of_the_command_lines(run):
    told = run("frontier", SAMPLES / "six-debts.csv", "--points", "5", "--json").json
    found = do.frontier(SAMPLES / "six-debts.csv", points=5)
    assert [format(value, "f") for value in found["monthly"]] == [point["monthly"] for point in told["points"]]
    assert [format(value, "f") for value in found["total_paid"]] == [point["total_paid"] for point in told["points"]]


def test_one_of_many_portfolios_with_bad_rows_beside_it_is_planned_alike(run):
    file = SAMPLES / "batch.csv"
    told = run("plan", file, "--portfolio", "client-001", "--json")
    with pytest.warns(do.ReadingWarning):
        many = do.read(file, on_bad_rows="warn")
    assert do.plan(many, portfolio="client-001").answer.model_dump_json() == told.out.strip()
