"""Batches over HTTP: taken whole or not at all, worked on in the background, fetched when complete."""

import errno
import io
import json
from pathlib import Path

import httpx
import pyarrow.parquet
import pytest
from fastapi import Request

from serve.http.files import upload

pytestmark = pytest.mark.anyio

CSV = "客户,债务名称,余额,年利率\n甲,招商银行,1.2万,18%\n甲,花呗,3000,15\n=乙,借呗,oops,15\n=乙,网贷,100,9\n".encode()


async def ended(client: httpx.AsyncClient, batch_id: str) -> list[tuple[str, dict]]:
    """The events of a batch, to the final one."""
    events, name = [], ""
    async with client.stream("GET", f"/v1/batches/{batch_id}/events") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                events.append((name, json.loads(line.removeprefix("data: "))))
    return events


def problem(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def folders(services) -> list[Path]:
    folder = services.settings.batches_dir
    return list(folder.iterdir()) if folder.exists() else []


@pytest.mark.usefixtures("runner")
async def test_a_batch_is_accepted_followed_and_fetched(client):
    answer = await client.post("/v1/batches?name=客户.csv", content=CSV, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202
    accepted = answer.json()
    assert accepted["status"] == "pending"
    assert answer.headers["location"] == f"/v1/batches/{accepted['id']}"

    events = await ended(client, accepted["id"])
    assert events[-1][0] == "complete"
    assert events[-1][1]["task_id"] == accepted["id"]
    assert events[-1][1]["result"]["portfolios"] == 2

    batch = (await client.get(f"/v1/batches/{accepted['id']}")).json()
    assert (batch["status"], batch["progress"], batch["file_name"]) == ("completed", 100, "客户.csv")
    assert (batch["rows"], batch["portfolios"], batch["rejects"]) == (4, 2, 1)
    assert [item["id"] for item in (await client.get("/v1/batches")).json()["items"]] == [accepted["id"]]

    results = await client.get(f"/v1/batches/{accepted['id']}/results")
    assert results.headers["content-type"] == "text/csv; charset=utf-8"
    assert "filename*=utf-8''%E5%AE%A2%E6%88%B7-results.csv" in results.headers["content-disposition"]
    assert [line.split(",")[0] for line in results.content.decode("utf-8-sig").splitlines()[1:]] == ["甲", "'=乙"]
    rejects = await client.get(f"/v1/batches/{accepted['id']}/rejects")
    assert rejects.content.decode("utf-8-sig").splitlines()[1].startswith("4,balance,oops,")


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize(
    "how", [{"params": {"format": "parquet"}}, {"headers": {"Accept": "application/vnd.apache.parquet"}}]
)
async def test_results_come_as_parquet_with_ids_as_they_are(client, how):
    batch_id = (await client.post("/v1/batches", content=CSV)).json()["id"]
    await ended(client, batch_id)
    answer = await client.get(f"/v1/batches/{batch_id}/results", **how)
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [row["portfolio_id"] for row in table] == ["甲", "=乙"]
    assert str(table[0]["balance"]) == "15000.0000"


@pytest.mark.usefixtures("runner")
async def test_a_form_carries_the_file_its_chinese_name_and_the_strategies(client):
    form = {"file": ("债务 表.csv", CSV, "text/csv")}
    answer = await client.post("/v1/batches", files=form, data={"strategies": "avalanche,snowball"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["file_name"] == "债务 表.csv"
    assert answer.json()["strategies"] == ["avalanche", "snowball"]
    await ended(client, answer.json()["id"])
    results = await client.get(f"/v1/batches/{answer.json()['id']}/results")
    assert "snowball_months" in results.text
    assert "minimum_only_months" not in results.text


@pytest.mark.parametrize(
    ("content", "params", "status", "says"),
    [
        (b"", {}, 422, "empty"),
        (b"a,b\n1,2\n", {}, 422, "No table of debts"),
        (b"PK\x03\x04 etc", {}, 422, "Excel"),
        (CSV, {"strategies": "cheapest"}, 422, "avalanche"),
        (CSV, {"objective": "time"}, 422, "total_paid"),
        (CSV + b"x" * 1_000_000, {}, 413, "1,000,000"),
    ],
)
async def test_what_cannot_be_a_batch_is_refused_and_leaves_nothing(client, services, content, params, status, says):
    answer = await client.post("/v1/batches", content=content, params=params)
    assert says in json.dumps(problem(answer, status))
    assert folders(services) == []
    assert (await client.get("/v1/batches")).json()["items"] == []


async def test_a_form_without_a_file_is_refused(client, services):
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    no_file = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    problem(await client.post("/v1/batches", content=no_file, headers=boundary), 422)
    cut_off = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\nname,balance,apr\nV,1,2\n'
    problem(await client.post("/v1/batches", content=cut_off, headers=boundary), 422)
    problem(await client.post("/v1/batches", content=b"--y", headers={"Content-Type": "multipart/form-data"}), 422)
    assert folders(services) == []


async def test_a_full_disk_is_told_and_leaves_nothing(client, services, monkeypatch):
    async def filling(request: Request, file):
        file.write(b"name,")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(upload, "_write", filling)
    assert "disk is full" in problem(await client.post("/v1/batches", content=CSV), 507)["detail"]
    assert folders(services) == []


async def test_an_idempotency_key_makes_one_batch(client, services):
    key = {"Idempotency-Key": "april"}
    first = (await client.post("/v1/batches", content=CSV, headers=key)).json()
    again = await client.post("/v1/batches", content=CSV, headers=key)
    assert again.status_code == 202
    assert again.json()["id"] == first["id"]
    assert [folder.name for folder in folders(services)] == [first["id"]]
    problem(await client.post("/v1/batches", content=CSV + CSV[-20:], headers=key), 409)
    problem(await client.post("/v1/batches?strategies=snowball", content=CSV, headers=key), 409)
    assert [folder.name for folder in folders(services)] == [first["id"]]


async def test_results_wait_until_the_batch_is_complete_and_a_waiting_batch_is_cancelled_at_once(client):
    batch_id = (await client.post("/v1/batches", content=CSV)).json()["id"]
    assert "pending" in problem(await client.get(f"/v1/batches/{batch_id}/results"), 409)["detail"]
    problem(await client.post(f"/v1/batches/{batch_id}/resume"), 409)
    answer = await client.post(f"/v1/batches/{batch_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    problem(await client.post(f"/v1/batches/{batch_id}/cancel"), 409)
    assert [name for name, _ in await ended(client, batch_id)] == ["cancelled"]
    assert (await client.post(f"/v1/batches/{batch_id}/resume")).json()["status"] == "pending"


@pytest.mark.usefixtures("runner")
async def test_a_reader_who_has_seen_the_end_is_not_sent_it_again(client):
    batch_id = (await client.post("/v1/batches", content=CSV)).json()["id"]
    last = (await ended(client, batch_id))[-1][1]["id"]
    again = await client.get(f"/v1/batches/{batch_id}/events", headers={"Last-Event-ID": last})
    assert again.status_code in (200, 204)
    late = await ended(client, batch_id)
    assert [name for name, _ in late] == ["complete"]
    seen = await client.get(f"/v1/batches/{batch_id}/events", params={"after": late[-1][1]["id"]})
    assert seen.status_code == 204
    problem(await client.get(f"/v1/batches/{batch_id}/events?after=yesterday"), 422)


async def test_anothers_batch_is_nobodys(client, calling):
    batch_id = (await client.post("/v1/batches", content=CSV)).json()["id"]
    stranger = await calling("Southern Advice")
    for path in ("", "/events", "/results", "/rejects"):
        problem(await stranger.get(f"/v1/batches/{batch_id}{path}"), 404)
    for path in ("/cancel", "/resume"):
        problem(await stranger.post(f"/v1/batches/{batch_id}{path}"), 404)
    assert (await stranger.get("/v1/batches")).json()["items"] == []
