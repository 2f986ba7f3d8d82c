"""The planner as tools for other agents: the MCP package's own client, the real application behind it."""

import json
import os
import sys
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import httpx2
import jsonschema
import pytest
from fastapi import FastAPI
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.server import Server

from data.errors import ServiceUnavailable
from data.portfolio.portfolio import Portfolio
from data.records.accounts.account_store import KeyGrant
from data.wire.access import Role
from serve.commands.mcp import callers_key, own_endpoint
from serve.commands.tools.catalogue import TOOLS
from serve.commands.tools.endpoint import Endpoint
from serve.commands.tools.schemas import arguments_schema
from serve.commands.tools.server import build_server
from serve.machine.ports import free_port
from serve.machine.private import private_folder, write_private
from serve.machine.processes import known
from serve.machine.records import key_file
from serve.machine.run_record import RunRecord, write_record
from tests.sample_offers import YEAR_AT_NOTHING

pytestmark = pytest.mark.anyio

ASKED = {
    "portfolio_health": ("/v1/plans/health", {}),
    "compare_strategies": ("/v1/plans/compare", {"strategies": ["snowball", "optimal"]}),
    "plan_details": ("/v1/plans", {"strategy": "snowball"}),
    "what_if": (
        "/v1/plans/what-if",
        {"changes": [{"type": "lump_sum", "month": "2027-04", "amount": "500"}, {"type": "drop_debt", "debt": "Car"}]},
    ),
    "judge_offers": ("/v1/plans/offers", {"strategy": "snowball"}),
    "budget_frontier": ("/v1/plans/frontier", {"points": 4}),
    "required_budget": ("/v1/plans/required-budget", {"by": "2028-06"}),
    "risk": ("/v1/plans/risk", {"scenarios": 50, "assumptions": {"savings": "500.00"}}),
}

OFFERS = [
    YEAR_AT_NOTHING,
    {"type": "consolidation", "name": "Loan", "amount": "9000", "apr": 0.09, "months": 48},
    {"type": "refinance", "name": "Anew", "debt": "Car", "apr": "0.05", "months": 48, "recast": True},
    {"type": "settlement", "name": "Half", "debt": "Visa", "share": 0.5, "by": "2027-06"},
    {"type": "instalment", "name": "分期", "debt": "Visa", "months": 12, "fee_rate": 0.006},
]


@pytest.fixture
def tools(app: FastAPI, house) -> Server[Any]:
    """The MCP server over the application, with a plain key."""
    inside = partial(httpx.AsyncClient, transport=httpx.ASGITransport(app, raise_app_exceptions=False))
    return build_server(lambda _: Endpoint("http://api", house.plain_key, inside))


def without_months(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as the tools tell it: schedules and fans are left out."""
    left = {name: [] if name in ("schedule", "fan") else value for name, value in answer.items()}
    for name, value in left.items():
        if isinstance(value, dict):
            left[name] = without_months(value)
        if isinstance(value, list):
            left[name] = [without_months(one) if isinstance(one, dict) else one for one in value]
    return left


@pytest.mark.parametrize("name", ASKED)
async def test_a_tool_answers_what_the_endpoint_answers(tools, client, portfolio, name: str):
    path, options = ASKED[name]
    async with Client(tools) as agent:
        told = await agent.call_tool(name, {"portfolio": portfolio, **options})
    answer = await client.post(path, json={"portfolio": portfolio, **options})
    assert not told.is_error, told.content
    assert told.structured_content == without_months(answer.json())
    assert json.loads(told.content[0].text) == told.structured_content


async def test_an_offer_is_judged_as_the_endpoint_judges_it(tools, client, portfolio):
    asked = {"portfolio": portfolio | {"offers": [YEAR_AT_NOTHING]}}
    async with Client(tools) as agent:
        told = await agent.call_tool("judge_offers", asked)
    assert told.structured_content == without_months((await client.post("/v1/plans/offers", json=asked)).json())
    assert [offer["name"] for offer in told.structured_content["offers"]] == [YEAR_AT_NOTHING["name"]]


async def test_the_first_payments_are_those_of_the_plan(tools, client, portfolio):
    async with Client(tools) as agent:
        told = await agent.call_tool("first_payments", {"portfolio": portfolio, "strategy": "optimal", "months": 2})
    plan = (await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": "optimal"})).json()
    months = told.structured_content["months"]
    assert [month["month"] for month in months] == ["2027-03", "2027-04"]
    paid = {(month["month"], one["debt"]): one["payment"] for month in months for one in month["payments"]}
    assert paid == {(row["month"], row["debt"]): row["payment"] for row in plan["schedule"][:4]}
    assert Decimal(months[0]["total"]) == Decimal("700.00")


async def test_another_budget_is_the_endpoints_what_if(tools, client, portfolio):
    async with Client(tools) as agent:
        told = await agent.call_tool("what_if_budget", {"portfolio": portfolio, "monthly": "900.00"})
    body = {"portfolio": portfolio, "changes": [{"type": "budget", "monthly": "900.00"}]}
    answer = (await client.post("/v1/plans/what-if", json=body)).json()
    assert told.structured_content == without_months(answer)
    assert Decimal(told.structured_content["difference"]["interest"]) < 0


async def test_every_tool_has_a_typed_schema_is_described_and_only_reads(tools):
    async with Client(tools) as agent:
        listed = (await agent.list_tools()).tools
        assert "Never compute money yourself" in (agent.instructions or "")
    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    for tool in listed:
        assert len(tool.description or "") > 50
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        assert "portfolio" in tool.input_schema["required"]
        assert len(json.dumps(tool.input_schema, ensure_ascii=False)) < 16_000  # an agent reads all of them


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_schema_lets_every_portfolio_pass_that_the_contract_knows(tool, new_portfolio, portfolio):
    schema = arguments_schema(tool.asks)
    rules = [
        {"type": "greatest", "rules": [{"type": "fixed", "amount": "35"}, {"type": "interest_plus", "rate": 0.01}]},
        {"type": "interest_only", "until": "2028-01", "then": {"type": "level", "months": 12}},
        {"type": "none"},
    ]
    own = {"monthly": "900.00", "by": "2028-06", "changes": [{"type": "rate", "debt": "Car", "apr": "0.08"}]}
    options = {name: value for name, value in own.items() if name in schema["properties"]}
    for rule in rules:
        debt = {"name": "Visa", "balance": "5200.00", "apr": "0.2499", "minimum": rule, "promo": None}
        whole = new_portfolio(offers=OFFERS, debts=[debt, *portfolio["debts"][1:]])
        bare = without_null(whole.model_dump(mode="json", by_alias=True))
        jsonschema.validate({"portfolio": bare, **options}, schema)
    jsonschema.validate({"portfolio": portfolio, **options}, schema)
    for wrong in ({"debts": [{"name": "Visa"}]}, {"debts": [{**portfolio["debts"][0], "kind": "loan"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"portfolio": portfolio | wrong, **options}, schema)


def without_null(value: Any) -> Any:
    """The value as somebody writes it who leaves out what there is not."""
    if isinstance(value, dict):
        return {name: without_null(one) for name, one in value.items() if one is not None}
    return [without_null(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("plan_details", {"debts": [{"name": "Visa", "balance": "much", "apr": 2499}]}, "portfolio.debts.0.balance: "),
        ("plan_details", {"debts": [{"name": "Visa", "balance": "much", "apr": 2499}]}, "portfolio.debts.0.apr: "),
        ("portfolio_health", {"budgit": 1}, "portfolio.budgit: "),
        ("compare_strategies", {"debts": []}, "portfolio.debts: "),
    ],
)
async def test_what_is_wrong_with_a_portfolio_is_told_by_its_field(tools, portfolio, name, wrong, said):
    async with Client(tools) as agent:
        told = await agent.call_tool(name, {"portfolio": portfolio | wrong})
    assert told.is_error
    assert "Invalid" in told.content[0].text
    assert f"\n- {said}" in told.content[0].text


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("plan_details", {"strategy": "fastest"}, "- strategy: there is no such strategy"),
        ("required_budget", {"by": "2028-06", "strategy": "optimal"}, "- strategy: an order is needed"),
        ("required_budget", {}, "- by: this field is required"),
        ("what_if_budget", {"monthly": "much"}, "- monthly: a number is needed"),
        ("what_if_budget", {"monthly": "900", "budgit": 1}, "- budgit: "),
        ("what_if", {"changes": [{"type": "drop_debt"}]}, "- changes.0.debt: this field is required"),
        ("what_if", {"changes": [{"type": "prepay", "debt": "Car", "month": "soon"}]}, "- changes.0.month: "),
        ("budget_frontier", {"points": 1}, "- points: "),
        ("judge_offers", {"strategy": "optimal"}, "- strategy: an order is needed"),
        ("first_payments", {"months": 13}, "months: "),
        ("first_payments", {"months": "all"}, "months: "),
        ("risk", {"scenarios": 0}, "- scenarios: "),
    ],
)
async def test_a_wrong_argument_is_told_by_its_name(tools, portfolio, name, options, said):
    async with Client(tools) as agent:
        told = await agent.call_tool(name, {"portfolio": portfolio, **options})
    assert told.is_error
    assert said in told.content[0].text


async def test_a_missing_portfolio_and_an_unknown_tool_are_told(tools):
    async with Client(tools) as agent:
        told = await agent.call_tool("plan_details", {})
        assert told.is_error
        assert "- portfolio: this field is required" in told.content[0].text
        with pytest.raises(MCPError, match='no tool "pay"; there are portfolio_health'):
            await agent.call_tool("pay", {})


async def test_an_unknown_key_and_a_service_that_does_not_answer_are_tool_errors(app, portfolio):
    inside = partial(httpx.AsyncClient, transport=httpx.ASGITransport(app, raise_app_exceptions=False))
    async with Client(build_server(lambda _: Endpoint("http://api", "wrong", inside))) as agent:
        told = await agent.call_tool("plan_details", {"portfolio": portfolio})
        assert told.is_error
        assert "(401)" in told.content[0].text
    async with Client(build_server(lambda _: Endpoint(f"http://127.0.0.1:{free_port()}", "k"))) as agent:
        told = await agent.call_tool("plan_details", {"portfolio": portfolio})
        assert told.is_error
        assert "does not answer" in told.content[0].text


async def test_a_viewers_key_is_enough(app, services, house, portfolio):
    _, key = await services.accounts.create_key("viewer", house.id, KeyGrant(Role.VIEWER))
    inside = partial(httpx.AsyncClient, transport=httpx.ASGITransport(app, raise_app_exceptions=False))
    async with Client(build_server(lambda _: Endpoint("http://api", key, inside))) as agent:
        told = await agent.call_tool("plan_details", {"portfolio": portfolio})
    assert not told.is_error


async def test_what_answers_but_is_another_service_is_told(portfolio):
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/v1/plans" else 418, text="<html>")

    inside = partial(httpx.AsyncClient, transport=httpx.MockTransport(page))
    async with Client(build_server(lambda _: Endpoint("http://api", "k", inside))) as agent:
        told = await agent.call_tool("plan_details", {"portfolio": portfolio})
        assert "no debt-optimizer" in told.content[0].text
        told = await agent.call_tool("portfolio_health", {"portfolio": portfolio})
        assert told.content[0].text == "the service answered 418"


async def test_over_standard_streams_it_asks_the_service_that_is_named(address, house, portfolio, tmp_path):
    settings = {"API_URL": f"http://{address}", "API_KEY": house.plain_key, "STATE_DIR": str(tmp_path)}
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from serve.cli import main; main(['mcp'])"],
        env={**os.environ, **settings},
        cwd=tmp_path,
    )
    async with Client(command) as agent:
        told = await agent.call_tool("compare_strategies", {"portfolio": portfolio})
    assert {plan["strategy"] for plan in told.structured_content["plans"]} >= {"snowball", "optimal"}
    assert told.structured_content["plans"][0]["start"] == "2027-03"  # the service's clock: it planned


async def test_over_http_a_caller_uses_a_key_of_its_own(tools, address, house, portfolio, serving):
    server = build_server(lambda context: Endpoint(f"http://{address}", callers_key(context)))
    app = server.streamable_http_app(stateless_http=True, json_response=True)
    async with app.router.lifespan_context(app), serving(app) as at:
        for key, is_let_in in ((house.plain_key, True), (None, False)):
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            async with httpx2.AsyncClient(headers=headers, timeout=60) as connection:
                transport = streamable_http_client(f"http://{at}/mcp", http_client=connection)
                async with Client(transport) as agent:
                    told = await agent.call_tool("plan_details", {"portfolio": portfolio})
            assert told.is_error is not is_let_in
            assert is_let_in or "(401)" in told.content[0].text


def test_without_a_service_or_a_key_the_call_says_what_to_do(tmp_path):
    with pytest.raises(ServiceUnavailable, match="debt-optimizer up"):
        own_endpoint(tmp_path, None, None)
    with pytest.raises(ServiceUnavailable, match="API_KEY"):
        own_endpoint(tmp_path, "http://127.0.0.1:1", None)
    assert own_endpoint(tmp_path, "http://127.0.0.1:1", "secret").key == "secret"
    assert "secret" not in repr(own_endpoint(tmp_path, "http://127.0.0.1:1", "secret"))


def test_without_a_name_it_is_this_machines_service_with_this_machines_key(tmp_path):
    state_dir = tmp_path / "state"
    private_folder(state_dir)
    write_record(state_dir, RunRecord("mark", known("service", os.getpid()), "http://127.0.0.1:8123", None))
    write_private(key_file(state_dir), "of this machine")
    found = own_endpoint(state_dir, None, None)
    assert (found.url, found.key) == ("http://127.0.0.1:8123", "of this machine")


def test_a_portfolio_that_the_schema_describes_is_the_contracts():
    assert set(arguments_schema(TOOLS[0].asks)["$defs"]["Portfolio"]["properties"]) == set(Portfolio.model_fields)
