"""However wrong a file is, no line and no document shows how Python writes a value."""

import json
import re
from pathlib import Path

import pytest

from tests.wording.wrong_things import PORTFOLIOS, TABLES

PYTHON = re.compile(r"Decimal\(|datetime\.|<class |Traceback")


@pytest.mark.parametrize("place", range(len(PORTFOLIOS)))
def test_of_a_portfolio(run, tmp_path: Path, place: int):
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(PORTFOLIOS[place]), "utf-8")
    told = run("plan", file, "--json")
    assert told.code == 1
    assert told.json["errors"] or told.json["detail"]
    in_line = run("plan", file)
    assert (in_line.code, in_line.out) == (1, "")
    assert not PYTHON.search(told.out + told.err + in_line.err)


def test_of_tables(run, tmp_path: Path):
    file, said = tmp_path / "debts.csv", ""
    for table in TABLES:
        file.write_text(table, "utf-8")
        answers = [run("import", file, "--json"), run("import", file)]
        said += "".join(answer.out + answer.err for answer in answers)
    assert "is not a rate" in said
    assert not PYTHON.search(said)
