"""The HTTP API as far as the dashboard sees it, scripted: real HTTP on a loopback port, faults on demand.

It plans with a plain loop of its own, so that these tests stand without the planner, and its streams say
exactly what a test wants them to say.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from data.errors import FieldError
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say
from tests.dashboard.planning_loop import compare, health, plan

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
Json = dict[str, Any]


def portfolio(
    currency: str = "USD", budget: str | None = "1500.00", names: tuple[str, ...] = ("Visa", "Store card", "Car loan")
) -> Json:
    kinds = ("credit_card", "credit_card", "auto_loan")
    balances = ("5200.00", "1800.00", "8400.00")
    rates = (0.2499, 0.2799, 0.069)
    minimums = (
        {"type": "greatest", "rules": [{"type": "fixed", "amount": "35.00"}, {"type": "percent", "rate": 0.02}]},
        {"type": "percent", "rate": 0.03, "floor": "25.00"},
        {"type": "fixed", "amount": "259.00"},
    )
    debts = [
        {"name": name, "kind": kind, "balance": balance, "apr": rate, "minimum": minimum, "due_day": day}
        for name, kind, balance, rate, minimum, day in zip(
            names, kinds, balances, rates, minimums, (14, 31, 5), strict=True
        )
    ]
    debts[0]["credit_limit"] = "8000.00"
    held: Json = {"currency": currency, "start": "2026-12", "income": "4800.00", "debts": debts}
    return {**held, "budget": {"monthly": budget}} if budget else held


SOURCE = {"title": "Cardmember agreement", "url": "https://example.com/agreement"}
ISSUERS: list[Json] = [
    {
        "id": "us_discover",
        "name": {"en": "Discover", "zh": None},
        "place": "US",
        "currency": "USD",
        "as_of": "2026-11-27",
        "minimum": {
            "type": "greatest",
            "rules": [
                {"type": "fixed", "amount": "35.00"},
                {"type": "percent", "rate": 0.02},
                {"type": "interest_plus", "rate": 0, "add": "20.00"},
            ],
        },
        "note": "",
        "source": SOURCE,
    },
    {
        "id": "cn_cmb",
        "name": {"en": "China Merchants Bank", "zh": "招商银行"},
        "place": "CN",
        "currency": "CNY",
        "as_of": "2026-11-27",
        "minimum": {"type": "interest_plus", "rate": 0.1},
        "note": "",
        "source": {"title": "领用合约", "url": None},
    },
]


@dataclass
class Script:
    """What the API says; tests change it while the dashboard runs."""

    key: str = "test-key"
    fault: str | None = None  # "500", "slow", "garbage", "refused"
    imports: dict[str, Json] = field(default_factory=dict)
    saved: dict[str, Json] = field(default_factory=dict)
    tasks: dict[str, Json] = field(default_factory=dict)
    events: dict[str, list[Json]] = field(default_factory=dict)
    batches: dict[str, Json] = field(default_factory=dict)
    received: list[tuple[str, Any]] = field(default_factory=list)
    models: Json = field(
        default_factory=lambda: {"items": [{"name": "offline", "is_default": True, "is_answering": True}]}
    )
    idempotent: dict[str, str] = field(default_factory=dict)

    def say(self, task_id: str, *events: Json) -> None:
        held = self.events.setdefault(task_id, [])
        for event in events:
            head = {"id": f"{1000 + len(held)}-0", "task_id": task_id, "attempt": 1, "at": "2026-11-23T08:00:00Z"}
            held.append({**head, **event})

    def finish(self, task_id: str, narrative: str, **result: Any) -> None:
        held = {
            "narrative": narrative,
            "recommendations": [],
            "facts": {},
            "grounding": {"checked": 0, "unsupported": []},
        }
        self.tasks[task_id] |= {
            "status": "completed",
            "progress": 100,
            "finished_at": NOW.isoformat(),
            "result": {**held, "model": "offline", "usage": {}, **result},
        }
        self.say(task_id, {"type": "complete", "result": {}})


def problem(status: int, detail: str, errors: list[Json] | None = None) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": "Refused",
        "status": status,
        "detail": detail,
        "errors": errors or [],
        "trace_id": "trace-1",
    }
    return JSONResponse(body, status, media_type="application/problem+json")


async def uploaded(request: Request) -> tuple[str, bytes]:
    async with request.form() as form:
        file: Any = form["file"]
        return str(file.filename), await file.read()


def build(script: Script) -> Starlette:
    def view(record: Json, *, whole: bool) -> Json:
        return {
            name: value for name, value in record.items() if whole or name not in ("request", "result", "portfolio")
        }

    async def ready(request: Request) -> Response:
        return PlainTextResponse("ready") if script.fault is None else problem(503, "not ready")

    async def models(request: Request) -> Response:
        return JSONResponse(script.models)

    async def issuers(request: Request) -> Response:
        return JSONResponse({"items": ISSUERS})

    async def import_file(request: Request) -> Response:
        name, content = await uploaded(request)
        script.received.append(("import", (name, content)))
        if name.endswith(".pdf") or content.startswith(b"%PDF"):
            return problem(422, "This is a PDF, not a table of debts; save it as CSV (UTF-8) or .xlsx and try again.")
        is_chinese = name.startswith("六笔")
        default = {
            "portfolios": [
                portfolio("CNY", "9000.00", ("招商银行信用卡", "花呗", "车贷")) if is_chinese else portfolio()
            ]
        }
        return JSONResponse({"rejects": [], "warnings": [], **script.imports.get(name, default)})

    async def planned(request: Request) -> Response:
        body = await request.json()
        script.received.append((request.url.path, body))
        errors = [
            {"path": f"portfolio.debts.{place}.{name}", "message": "it is needed", "value": None}
            for place, debt in enumerate(body["portfolio"]["debts"])
            for name in ("name", "balance", "apr")
            if name not in debt
        ]
        errors += [
            {"path": f"portfolio.debts.{place}.apr", "message": "it must be ≤ 10", "value": debt["apr"]}
            for place, debt in enumerate(body["portfolio"]["debts"])
            if float(debt.get("apr", 0)) > 10
        ]
        if not body["portfolio"]["debts"]:
            errors.append({"path": "portfolio.debts", "message": "at least one is needed", "value": []})
        if errors:
            return problem(422, f"{len(errors)} fields are wrong", errors)
        asked = Portfolio.model_validate(body["portfolio"]).starting("2026-12")
        if request.url.path.endswith("compare"):
            return JSONResponse(compare(asked, body.get("schedules", ())).model_dump(mode="json"))
        if request.url.path.endswith("health"):
            return JSONResponse(health(asked).model_dump(mode="json"))
        return JSONResponse(plan(asked, body["strategy"]).model_dump(mode="json"))

    async def portfolios(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"items": [view(each, whole=False) for each in script.saved.values()], "next": None})
        body = await request.json()
        made = {"id": f"p{len(script.saved) + 1}", "version": 1, "created_at": NOW.isoformat(), **body}
        script.saved[made["id"]] = made
        return JSONResponse(made, 201)

    async def one_portfolio(request: Request) -> Response:
        name = request.path_params["id"]
        held = script.saved.get(name)
        if held is None:
            return problem(404, "There is nothing of that id.")
        if request.method == "DELETE":
            del script.saved[name]
            return Response(status_code=204)
        if request.method == "PUT":
            if request.headers["if-match"].strip('"') != str(held["version"]):
                return problem(409, "It has changed since it was read.")
            script.saved[name] = held = {**held, **await request.json(), "version": held["version"] + 1}
        return JSONResponse(held)

    async def tasks(request: Request) -> Response:
        if request.method == "GET":
            newest = reversed(script.tasks.values())
            return JSONResponse({"items": [view(each, whole=False) for each in newest], "next": None})
        body = await request.json()
        stamp = request.headers["idempotency-key"]
        script.received.append(("task", body))
        if stamp not in script.idempotent:
            task_id = f"t{len(script.tasks) + 1}"
            script.idempotent[stamp] = task_id
            script.tasks[task_id] = {
                "id": task_id,
                "type": body["type"],
                "status": "processing",
                "progress": 0,
                "stage": "starting",
                "attempt": 1,
                "created_at": NOW.isoformat(),
                "updated_at": NOW.isoformat(),
                "finished_at": None,
                "request": body,
                "result": None,
                "error": None,
            }
        return JSONResponse({"id": script.idempotent[stamp], "status": "pending"}, 202)

    async def one_task(request: Request) -> Response:
        held = script.tasks.get(request.path_params["id"])
        return JSONResponse(held) if held else problem(404, "There is nothing of that id.")

    async def task_action(request: Request) -> Response:
        held = script.tasks[request.path_params["id"]]
        action = request.path_params["action"]
        script.received.append((action, held["id"]))
        if action == "cancel":
            held |= {"status": "cancelled", "finished_at": NOW.isoformat()}
            script.say(held["id"], {"type": "cancelled"})
        if action == "retry":
            held |= {"status": "processing"}
        return JSONResponse(view(held, whole=False))

    async def events(request: Request) -> Response:
        task_id, after = request.path_params["id"], request.query_params.get("after")

        async def told() -> AsyncIterator[str]:
            sent = 0
            while True:
                held = script.events.get(task_id, [])
                for event in held[sent:]:
                    sent += 1
                    if after is None or _place(event["id"]) > _place(after):
                        data = json.dumps(event, ensure_ascii=False)
                        yield f"id: {event['id']}\nevent: {event['type']}\ndata: {data}\n\n"
                    if event["type"] in ("complete", "failed", "cancelled"):
                        return
                await asyncio.sleep(0.02)

        return StreamingResponse(told(), media_type="text/event-stream")

    async def batches(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"items": list(reversed(script.batches.values())), "next": None})
        name, content = await uploaded(request)
        script.received.append(("batch", (name, len(content))))
        batch_id = f"b{len(script.batches) + 1}"
        script.batches[batch_id] = {
            "id": batch_id,
            "file_name": name,
            "strategies": [],
            "status": "processing",
            "progress": 40,
            "attempt": 1,
            "rows": 2000,
            "portfolios": 400,
            "rejects": 3,
            "error": None,
            "created_at": NOW.isoformat(),
            "updated_at": NOW.isoformat(),
            "finished_at": None,
        }
        return JSONResponse({"id": batch_id, "status": "pending"}, 202)

    async def one_batch(request: Request) -> Response:
        held = script.batches.get(request.path_params["id"])
        return JSONResponse(held) if held else problem(404, "There is nothing of that id.")

    async def batch_part(request: Request) -> Response:
        part = request.path_params["part"]
        if part == "cancel":
            script.batches[request.path_params["id"]] |= {"status": "cancelled"}
            return JSONResponse({})
        return PlainTextResponse(f"portfolio_id,{part}\r\nA,1\r\n", media_type="text/csv")

    async def guarded(request: Request, call_next: Any) -> Response:
        if script.fault == "500":
            return problem(500, "Something went wrong on our side.")
        if script.fault == "garbage":
            return PlainTextResponse("<html>bad gateway</html>", 502)
        if script.fault == "refused" and request.url.path.startswith("/v1/plans"):
            wrong = [FieldError(f"debts.{place}.apr", say("too_small", limit=0), -1).on_wire() for place in range(45)]
            return problem(422, "45 fields are wrong", wrong)
        if script.fault == "forbidden" and request.url.path.startswith("/v1/plans"):
            return problem(403, "This needs the role analyst; yours is viewer.")
        if request.url.path.startswith("/v1") and request.headers.get("authorization") != f"Bearer {script.key}":
            return problem(401, "A valid key is needed.")
        return await call_next(request)

    app = Starlette(
        routes=[
            Route("/readyz", ready),
            Route("/v1/models", models),
            Route("/v1/issuers", issuers),
            Route("/v1/portfolios/import", import_file, methods=["POST"]),
            Route("/v1/plans", planned, methods=["POST"]),
            Route("/v1/plans/compare", planned, methods=["POST"]),
            Route("/v1/plans/health", planned, methods=["POST"]),
            Route("/v1/portfolios", portfolios, methods=["GET", "POST"]),
            Route("/v1/portfolios/{id}", one_portfolio, methods=["GET", "PUT", "DELETE"]),
            Route("/v1/tasks", tasks, methods=["GET", "POST"]),
            Route("/v1/tasks/{id}", one_task),
            Route("/v1/tasks/{id}/status", one_task),
            Route("/v1/tasks/{id}/events", events),
            Route("/v1/tasks/{id}/{action}", task_action, methods=["POST"]),
            Route("/v1/batches", batches, methods=["GET", "POST"]),
            Route("/v1/batches/{id}", one_batch),
            Route("/v1/batches/{id}/{part}", batch_part, methods=["GET", "POST"]),
        ]
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=guarded)
    return app


def _place(event_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in event_id.split("-"))


@contextmanager
def running(script: Script) -> Iterator[str]:
    """The scripted API on a free port; its address."""
    server = uvicorn.Server(
        uvicorn.Config(build(script), host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
