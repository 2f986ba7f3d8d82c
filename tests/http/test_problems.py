import json

import httpx
import pytest
from fastapi import FastAPI

from data import errors as tree
from data.errors import DebtOptimizerError
from serve.http.problems import MEDIA_TYPE, STATUS, status_of
from tests.everything_wrong import PORTFOLIO, WRONG

pytestmark = pytest.mark.anyio


def descendants(kind: type[DebtOptimizerError]) -> list[type[DebtOptimizerError]]:
    found = [kind]
    for child in kind.__subclasses__():
        found += descendants(child)
    return found


def problem_of(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = answer.json()
    assert set(body) - ({"code", "params"} if not body["errors"] else set()) == {
        "type",
        "title",
        "status",
        "detail",
        "errors",
        "trace_id",
    }
    for error in body["errors"]:
        assert set(error) == {"path", "message", "value", "code", "params", "detail"}
        assert error["message"] == error["detail"]
    assert body["status"] == status
    assert body["trace_id"] == answer.headers["x-trace-id"]
    assert "Traceback" not in answer.text
    return body


def test_every_error_of_the_tree_has_its_own_status():
    ours = {kind for kind in descendants(DebtOptimizerError) if kind.__module__ == tree.__name__}
    assert ours == set(STATUS)


def test_an_error_outside_the_table_has_the_status_of_its_ancestor():
    class Newer(tree.NotFound):
        pass

    assert status_of(Newer) == 404


async def test_every_wrong_field_is_named_at_once_by_its_path_in_the_body(client: httpx.AsyncClient, portfolio: dict):
    portfolio["debts"][0]["apr"] = 2499
    portfolio["debts"][1]["minimum"] = {"type": "percent", "rate": "lots"}
    del portfolio["debts"][1]["balance"]
    portfolio["budgett"] = 5
    body = problem_of(await client.post("/v1/plans", json={"portfolio": portfolio}), 422)
    found = {entry["path"]: entry for entry in body["errors"]}
    assert set(found) == {
        "portfolio.debts.0.apr",
        "portfolio.debts.1.minimum.rate",
        "portfolio.debts.1.balance",
        "portfolio.budgett",
    }
    assert found["portfolio.debts.0.apr"]["value"] == 2499
    assert "0.2499" in found["portfolio.debts.0.apr"]["message"]
    assert found["portfolio.debts.1.balance"]["value"] is None
    assert "budgett" in found["portfolio.budgett"]["message"]
    assert body["title"] == "Invalid request"
    assert body["type"] == "urn:debt-optimizer:problem:invalid-request"


@pytest.mark.parametrize(
    "path", ["", "/compare", "/health", "/what-if", "/offers", "/required-budget", "/frontier", "/risk"]
)
async def test_whatever_is_wrong_with_a_portfolio_is_named_at_once(client: httpx.AsyncClient, path: str):
    answer = await client.post(f"/v1/plans{path}", json={"portfolio": PORTFOLIO})
    asked = {"/what-if": {"changes"}, "/required-budget": {"by"}}.get(path, set())
    named = {entry["path"] for entry in problem_of(answer, 422)["errors"]}
    assert named == {f"portfolio.{wrong}" for wrong in WRONG} | asked


async def test_fields_that_contradict_each_other_are_named_too(client: httpx.AsyncClient, portfolio: dict):
    portfolio["debts"][1]["name"] = "Visa"
    body = problem_of(await client.post("/v1/plans", json={"portfolio": portfolio}), 422)
    assert [(entry["path"], entry["value"]) for entry in body["errors"]] == [("portfolio.debts.1.name", "Visa")]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"portfolio": {"debts": [}}', "column 26"),
        (b'{"portfolio":\n {"debts" 1}}', "line 2, column 11"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"[" * 100_00, "nested too deeply"),
    ],
)
async def test_malformed_json_is_answered_with_its_place(client: httpx.AsyncClient, body: bytes, place: str):
    answer = await client.post("/v1/plans", content=body, headers={"Content-Type": "application/json"})
    assert place in problem_of(answer, 400)["detail"]


async def test_nan_is_refused_at_its_field(client: httpx.AsyncClient, portfolio: dict):
    portfolio["debts"][0]["balance"] = float("nan")
    content = json.dumps({"portfolio": portfolio})
    answer = await client.post("/v1/plans", content=content, headers={"Content-Type": "application/json"})
    assert [entry["path"] for entry in problem_of(answer, 422)["errors"]] == ["portfolio.debts.0.balance"]


async def test_a_field_that_stands_twice_is_refused(client: httpx.AsyncClient):
    content = '{"portfolio": {"debts": [{"name": "A", "balance": 1, "balance": 2, "apr": 0}]}}'
    answer = await client.post("/v1/plans", content=content, headers={"Content-Type": "application/json"})
    assert [entry["path"] for entry in problem_of(answer, 422)["errors"]] == ["portfolio.debts.0.balance"]


async def test_a_body_that_is_not_json_is_answered_415(client: httpx.AsyncClient):
    answer = await client.post("/v1/plans", content="name,balance", headers={"Content-Type": "text/csv"})
    assert "application/json" in problem_of(answer, 415)["detail"]


async def test_an_absent_body_is_answered_422(client: httpx.AsyncClient):
    assert problem_of(await client.post("/v1/plans"), 422)["errors"][0]["message"] == "this field is required"


async def test_a_body_over_the_limit_is_refused_before_it_is_read(client: httpx.AsyncClient):
    answer = await client.post("/v1/plans", json={"portfolio": "x" * 30_000})
    assert "20,000 bytes" in problem_of(answer, 413)["detail"]


async def test_a_body_of_untold_length_is_refused_while_it_is_read(client: httpx.AsyncClient):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 5_000

    answer = await client.post("/v1/plans", content=endless(), headers={"Content-Type": "application/json"})
    problem_of(answer, 413)
    assert sent < 10


async def test_an_unknown_path_is_answered_404(client: httpx.AsyncClient):
    assert "/v1/nothing" in problem_of(await client.get("/v1/nothing"), 404)["detail"]


async def test_a_wrong_method_is_answered_405_with_the_right_ones(client: httpx.AsyncClient):
    answer = await client.patch("/v1/plans", json={})
    assert "POST" in problem_of(answer, 405)["detail"]
    assert answer.headers["allow"] == "POST"


async def test_an_unknown_query_parameter_is_refused_by_name(client: httpx.AsyncClient):
    body = problem_of(await client.get("/v1/tasks?statsu=pending&limit=0"), 422)
    assert {entry["path"] for entry in body["errors"]} == {"statsu", "limit"}


async def test_a_failure_of_ours_tells_nothing_of_the_inside(app: FastAPI, client: httpx.AsyncClient):
    @app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    answer = await client.get("/v1/broken")
    body = problem_of(answer, 500)
    assert "hunter2" not in answer.text
    assert "trace_id" in body["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_outage_says_when_to_try_again_and_not_where_it_is(app: FastAPI, client: httpx.AsyncClient):
    @app.get("/v1/gone")
    async def gone() -> None:
        raise tree.ServiceUnavailable("Redis at 10.1.2.3:6379 does not serve")

    answer = await client.get("/v1/gone")
    assert "10.1.2.3" not in answer.text
    assert problem_of(answer, 503)["title"] == "Service unavailable"
    assert int(answer.headers["retry-after"]) > 0


async def test_the_callers_trace_is_taken_over(client: httpx.AsyncClient):
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = await client.get("/v1/nothing", headers={"traceparent": traceparent})
    assert problem_of(answer, 404)["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await client.get("/v1/nothing", headers={"X-Request-ID": "order-66"})
    assert problem_of(answer, 404)["trace_id"] == "order-66"


async def test_a_request_id_that_could_forge_log_lines_is_not_taken_over(client: httpx.AsyncClient):
    answer = await client.get("/v1/nothing", headers={"X-Request-ID": "a b\tc"})
    assert len(problem_of(answer, 404)["trace_id"]) == 32


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (rb'{"portfolio": {"debts": [{"name": "\ud800", "balance": 1, "apr": 0}]}}', "portfolio.debts.0.name"),
        (rb'{"portfolio": {"debts": [{"name": "A", "balance": 1, "apr": 0, "\ud800": 1}]}}', "portfolio.debts.0"),
        (b'{"portfolio": {"debts": [{"name": "A", "balance": 1e999, "apr": 0}]}}', "portfolio.debts.0.balance"),
        (b'{"portfolio": {"debts": [{"name": "A", "balance": 1, "apr": 1e-999999999}]}}', None),
        (b'{"portfolio": {"debts": [{"name": "A", "balance": true, "apr": 0}]}}', "portfolio.debts.0.balance"),
        (b'{"portfolio": []}', "portfolio"),
        (b"[]", ""),
        (b"null", ""),
        (b'"text"', ""),
    ],
)
async def test_strange_json_is_refused_at_its_field(client: httpx.AsyncClient, content: bytes, path: str | None):
    answer = await client.post("/v1/plans", content=content, headers={"Content-Type": "application/json"})
    if path is None:
        assert answer.status_code == 200
        return
    assert [entry["path"] for entry in problem_of(answer, 422)["errors"]] == [path]


async def test_a_number_of_thousands_of_digits_is_refused(client: httpx.AsyncClient):
    content = b'{"portfolio": {"debts": [{"name": "A", "balance": ' + b"9" * 6000 + b"}]}}"
    answer = await client.post("/v1/plans", content=content, headers={"Content-Type": "application/json"})
    assert "too long" in problem_of(answer, 400)["detail"]


async def test_the_character_nul_is_refused(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/portfolios", json={"title": "a\x00b", "portfolio": portfolio})
    assert "NUL" in problem_of(answer, 422)["detail"]


@pytest.mark.parametrize("given", ["a%00b", "x" * 500, "%E5%80%BA", "a.b", "%F0%9F%92%B3"])
@pytest.mark.parametrize("place", ["tasks", "portfolios"])
async def test_what_cannot_be_an_id_is_not_found(client: httpx.AsyncClient, place: str, given: str):
    problem_of(await client.get(f"/v1/{place}/{given}"), 404)


async def test_an_address_with_a_slash_too_many_is_not_found_and_redirects_nowhere(client: httpx.AsyncClient):
    problem_of(await client.get("/v1/tasks/"), 404)


@pytest.mark.parametrize("number", ["1.5", "-0.5", "1e400"])
@pytest.mark.parametrize("field", ["fees", "minimum", "promo", "prepayment"])
async def test_a_number_passes_for_no_part_of_a_debt(client: httpx.AsyncClient, field: str, number: str):
    body = f'{{"portfolio": {{"debts": [{{"name": "a", "balance": 1, "apr": 0, "{field}": {number}}}]}}}}'
    answer = await client.post("/v1/plans", content=body, headers={"Content-Type": "application/json"})
    wrong = [error["path"] for error in problem_of(answer, 422)["errors"]]
    assert wrong
    assert all(path.startswith(f"portfolio.debts.0.{field}") for path in wrong)


@pytest.mark.parametrize("path", ["budget", "assumptions", "assumptions.rates"])
async def test_a_number_passes_for_no_part_of_a_question(client: httpx.AsyncClient, portfolio: dict, path: str):
    asked = {"portfolio": portfolio, "assumptions": {"savings": 1}, "scenarios": 10}
    parent = asked["portfolio"] if path == "budget" else asked["assumptions"] if "." in path else asked
    parent[path.rpartition(".")[2]] = 1.5
    told = problem_of(await client.post("/v1/plans/risk", json=asked), 422)["errors"]
    assert [error["path"].removeprefix("portfolio.") for error in told] == [path]
