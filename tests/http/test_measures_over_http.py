"""The annual rate of a cash flow and a card's interest, over HTTP."""

import httpx
import pytest

pytestmark = pytest.mark.anyio

LOAN = {
    "method": "reg_z",
    "periods_per_year": 12,
    "advances": [{"amount": "6000.00", "at": 0}],
    "payments": [{"amount": 200, "at": 1, "fraction": 0.6333333333333333, "count": 36}],
}
STATEMENT = {
    "daily_rate": 0.0005,
    "postings": [{"date": "2026-03-30", "amount": "1000.00"}],
    "payments": [{"date": "2026-04-23", "amount": 100}],
    "until": "2026-05-05",
    "include_end_day": False,
}


async def test_the_annual_rate_is_answered_unrounded(client: httpx.AsyncClient):
    answer = await client.post("/v1/plans/apr", json=LOAN)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"apr", "effective"}
    assert answer.json()["apr"] == pytest.approx(0.11816508290826029)
    assert answer.json()["effective"] == pytest.approx((1 + 0.11816508290826029 / 12) ** 12 - 1)


async def test_of_an_aprc_both_rates_are_the_same(client: httpx.AsyncClient):
    answer = (await client.post("/v1/plans/apr", json={**LOAN, "method": "eu_aprc"})).json()
    assert answer["apr"] == answer["effective"] == pytest.approx(0.1247, abs=1e-4)


async def test_a_cards_interest_is_answered_to_the_cent(client: httpx.AsyncClient):
    assert (await client.post("/v1/plans/card-interest", json=STATEMENT)).json() == {"interest": "17.40"}
    paid = {**STATEMENT, "payments": [{"date": "2026-04-23", "amount": "1000.00"}], "due": "2026-04-23"}
    assert (await client.post("/v1/plans/card-interest", json=paid)).json() == {"interest": "0.00"}


async def test_every_wrong_field_of_a_cash_flow_is_named(client: httpx.AsyncClient):
    wrong = {
        **LOAN,
        "periods_per_year": -12,
        "payments": [{"amount": -200, "at": 1, "fraction": 1.5, "count": 1_000_000_000}],
        "fee": 3,
    }
    answer = await client.post("/v1/plans/apr", json=wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {error["path"] for error in answer.json()["errors"]} == {
        "periods_per_year",
        "payments.0.amount",
        "payments.0.fraction",
        "payments.0.count",
        "fee",
    }


async def test_a_flow_without_a_rate_is_refused_at_its_payments(client: httpx.AsyncClient):
    nothing_lent_on = {**LOAN, "payments": [{"amount": 6000, "at": 0}]}
    answer = await client.post("/v1/plans/apr", json=nothing_lent_on)
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["path"] == "payments"
    assert "nothing is repaid" in wrong["message"]


async def test_not_a_number_is_refused_by_its_field(client: httpx.AsyncClient):
    body = '{"daily_rate": NaN, "postings": [{"date": "2026-03-30", "amount": NaN}], "until": "2026-05-05"}'
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/v1/plans/card-interest", content=body, headers=headers)
    assert answer.status_code == 422
    assert {error["path"] for error in answer.json()["errors"]} == {"daily_rate", "postings.0.amount"}


async def test_measures_need_a_key(nobody: httpx.AsyncClient):
    assert (await nobody.post("/v1/plans/apr", json=LOAN)).status_code == 401
    assert (await nobody.post("/v1/plans/card-interest", json=STATEMENT)).status_code == 401
