"""`GET /v1/issuers`: rules that a debt may be given."""

import httpx
import pytest

from data.rules.issuer_minimum import issuer_minimums

pytestmark = pytest.mark.anyio


async def test_every_issuer_is_listed_with_its_rule_its_date_and_its_source(client: httpx.AsyncClient):
    items = (await client.get("/v1/issuers")).json()["items"]
    assert [item["id"] for item in items] == [rule.id for rule in issuer_minimums()]
    chase = next(item for item in items if item["id"] == "us_chase")
    assert chase == {
        "id": "us_chase",
        "name": {"en": "Chase", "zh": "大通"},
        "place": "US",
        "currency": "USD",
        "as_of": "2026-11-27",
        "minimum": {"type": "interest_plus", "rate": 0.01, "floor": "40.00", "add": "0"},
        "note": "The greater of $40 and 1 % of the statement balance with interest and late fees; the whole balance "
        "below $40.",
        "source": {
            "title": "WalletHub on the rates and fees table of Chase's cardmember agreement (stored copy, undated)",
            "url": "https://wallethub.com/answers/cc/chase-credit-card-minimum-payment-2140672687/",
        },
    }


async def test_issuers_are_named_in_both_languages_where_a_name_is_known(client: httpx.AsyncClient):
    items = {item["id"]: item["name"] for item in (await client.get("/v1/issuers")).json()["items"]}
    assert items["us_amex"] == {"en": "American Express", "zh": "美国运通"}
    assert items["cn_cmb"] == {"en": "China Merchants Bank", "zh": "招商银行"}
    assert items["us_discover"] == {"en": "Discover", "zh": None}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"place": "CN"}, {"cn_cmb"}),
        ({"on": "2021-01-26"}, {"gb_barclaycard"}),
        ({"place": "US", "on": "2021-01-26"}, set()),
        ({"place": "JP"}, set()),
    ],
)
async def test_issuers_are_chosen_by_place_and_day(client: httpx.AsyncClient, query: dict, found: set):
    items = (await client.get("/v1/issuers", params=query)).json()["items"]
    assert {item["id"] for item in items} == found


@pytest.mark.parametrize("query", [{"place": "usa"}, {"on": "soon"}, {"country": "US"}])
async def test_a_query_that_cannot_be_met_is_refused_by_name(client: httpx.AsyncClient, query: dict):
    answer = await client.get("/v1/issuers", params=query)
    assert answer.status_code == 422
    assert next(iter(query)) in answer.text


async def test_an_issuers_rule_is_taken_as_a_debts_minimum(client: httpx.AsyncClient):
    for item in (await client.get("/v1/issuers")).json()["items"]:
        debt = {"name": "Card", "kind": "credit_card", "balance": "3000.00", "apr": 0.24, "minimum": item["minimum"]}
        answer = await client.post(
            "/v1/plans/health", json={"portfolio": {"currency": item["currency"], "debts": [debt]}}
        )
        assert answer.status_code == 200, answer.text


async def test_without_a_key_nothing_is_listed(nobody: httpx.AsyncClient):
    assert (await nobody.get("/v1/issuers")).status_code == 401
