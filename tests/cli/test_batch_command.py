"""`batch`: one result a portfolio or one reject a row, with no server."""

import csv
import json
from pathlib import Path

import pytest

CLIENTS = "portfolio_id,name,balance,apr,minimum,monthly_budget\n" + "".join(
    f"c{number},Visa,{1000 + number},20,50,200\nc{number},Store,900,25,30,200\n" for number in range(40)
)


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    file = tmp_path / "clients.csv"
    file.write_text(CLIENTS + "c40,Visa,abc,20,50,200\n")
    return file


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [*csv.DictReader(lines)]


def test_every_portfolio_has_a_result_and_every_bad_row_a_reject(run, clients, tmp_path):
    out = tmp_path / "out"
    answer = run("batch", clients, "--out", out, "--strategies", "snowball,avalanche", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["status"], answer.json["portfolios"], answer.json["rejects"]) == ("completed", 40, 1)
    results, rejects = rows(out / "results.csv"), rows(out / "rejects.csv")
    assert [row["portfolio_id"] for row in results] == [f"c{number}" for number in range(40)]
    assert [(row["row"], row["column"]) for row in rejects] == [("82", "balance")]
    assert "snowball_months" in results[0]
    assert "cash_flow_index_months" not in results[0]


def test_a_batch_agrees_with_the_plan_of_each_portfolio(run, clients, tmp_path):
    out = tmp_path / "out"
    run("batch", clients, "--out", out, "--strategies", "avalanche")
    plan = run("plan", clients, "--portfolio", "c7", "--json").json
    (row,) = [row for row in rows(out / "results.csv") if row["portfolio_id"] == "c7"]
    assert (row["avalanche_months"], row["avalanche_total_paid"]) == (str(plan["months"]), plan["total_paid"])


def test_a_finished_batch_is_resumed_at_once_and_another_is_refused(run, clients, tmp_path):
    out = tmp_path / "out"
    first = run("batch", clients, "--out", out, "--json").json
    assert run("batch", clients, "--out", out, "--resume", "--json").json == first
    clients.write_text(CLIENTS)
    other = run("batch", clients, "--out", out, "--resume", "--json")
    assert (other.code, other.json["title"]) == (1, "Conflict")
    assert run("batch", clients, "--out", out, "--json").json["rejects"] == 0


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"just one line"])
def test_a_file_that_is_no_table_is_one_line_and_leaves_nothing(run, tmp_path, content):
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    answer = run("batch", file, "--out", tmp_path / "out")
    assert answer.code == 1
    assert "Traceback" not in answer.err
    assert not (tmp_path / "out" / "results.csv").exists()
    assert json.loads(run("batch", file, "--out", tmp_path / "out", "--json").out)["status"] == 422


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    answer = run("batch", "nowhere.csv", "--out", tmp_path / "out")
    assert (answer.code, answer.err) == (1, "nowhere.csv: No such file or directory\n")
