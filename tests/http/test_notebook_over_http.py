"""A notebook and the HTTP endpoint answer the same for the same portfolio, to the cent and to the byte."""

from pathlib import Path
from typing import Any

import pytest

import debt_optimizer as do

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::agents.notebooks.sources.ReadingWarning")]

SAMPLES = Path(do.__file__).parent / "data" / "samples"
QUESTIONS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "plan": ("", {"strategy": "snowball"}, lambda one: do.plan(one, "snowball").answer),
    "optimal": ("", {"strategy": "optimal"}, lambda one: do.optimal(one).answer),
    "health": ("/health", {}, lambda one: do.health(one).answer),
    "budget": ("/required-budget", {"by": "2029-06"}, lambda one: do.required_budget(one, "2029-06").answer),
    "risk": ("/risk", {"scenarios": 200, "seed": 7}, lambda one: do.risk(one, scenarios=200, seed=7).answer),
}


@pytest.mark.parametrize("name", ["six-debts.csv", "六笔债务.csv"])
@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_answer_is_the_endpoints(client, name: str, question: str):
    path, options, ask = QUESTIONS[question]
    imported = await client.post(
        "/v1/portfolios/import", files={"file": (name, (SAMPLES / name).read_bytes(), "text/csv")}
    )
    (portfolio,) = imported.json()["portfolios"]
    answer = await client.post(f"/v1/plans{path}", json={"portfolio": portfolio} | options)
    assert answer.status_code == 200, answer.text
    assert ask(SAMPLES / name).model_dump_json() == ask(portfolio).model_dump_json() == answer.text


async def test_a_comparison_has_every_figure_of_the_endpoints(client):
    portfolio = do.read(SAMPLES / "six-debts.csv").one()
    body = {"portfolio": portfolio.model_dump(mode="json", by_alias=True)}
    told = (await client.post("/v1/plans/compare", json=body)).json()
    found = do.compare(portfolio)
    assert (found.attrs["best"], format(found.attrs["bound"], "f")) == (told["best"], told["bound"])
    assert [format(value, "f") for value in found["total_paid"]] == [plan["total_paid"] for plan in told["plans"]]


async def test_a_portfolio_that_names_no_start_begins_in_the_month_that_is_asked_for(client, portfolio):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio})
    assert do.plan(portfolio, start="2027-03").answer.model_dump_json() == answer.text  # the endpoint's clock
