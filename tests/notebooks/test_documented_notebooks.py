"""The notebooks of the documentation run from top to bottom and show what they say."""

from pathlib import Path

import pytest

import debt_optimizer as do
from tests.notebooks.cells import cells_of, run

FOLDER = Path(do.__file__).parent / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_one():
    assert [file.name for file in NOTEBOOKS] == ["debts.ipynb"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_it_is_kept_without_outputs_and_each_cell_has_an_id(notebook: Path):
    cells = cells_of(notebook)
    assert len({cell["id"] for cell in cells}) == len(cells)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_it_runs_and_shows_its_tables_and_charts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(FOLDER)  # where Jupyter runs it
    shown = run(FOLDER / "debts.ipynb")
    assert "46950.99" in shown[1]  # the optimal plan's total, as everywhere else
    assert "'recommended': 'avalanche'" in shown[2]
    assert sum("plotly" in html for html in shown) == 3
    assert 'index 1, column apr: "abc" is not a rate' in capsys.readouterr().out
    assert all("client-00" in html for html in shown[-1:])
