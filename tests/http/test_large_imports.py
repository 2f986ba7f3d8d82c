"""Files that are large or hostile: read apart from everybody else's questions, within bounds, and told in bounds."""

import asyncio
import csv
import io
import json
import resource
import tempfile
from dataclasses import replace
from typing import Any

import httpx
import psutil
import pytest
from openpyxl import Workbook

from data.errors import UnreadableFile
from data.files.import_process import AskedOfFile
from serve.api import build_api
from serve.http.bounds.apart import read_apart
from serve.http.services import Services

pytestmark = pytest.mark.anyio
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def roomy(services: Services) -> Services:
    return replace(services, settings=services.settings.model_copy(update={"upload_limit_bytes": 5_000_000}))


@pytest.fixture
async def caller(roomy: Services, house: Any, calling: Any):
    async with calling(build_api(roomy), house.plain_key) as client:
        yield client


def bad_rows(count: int) -> str:
    return "client,name,balance,apr\nA,Visa,100,20\n" + "".join(f"B,Card {n},abc,x\n" for n in range(count))


@pytest.mark.parametrize("count", [1_500, 8_000])
async def test_many_bad_rows_are_counted_and_the_first_thousand_listed(caller: httpx.AsyncClient, count: int):
    answer = await caller.post("/v1/portfolios/import", content=bad_rows(count), headers=CSV)
    body = answer.json()
    assert (len(body["rejects"]), body["rejects_total"]) == (1_000, 2 * count)
    assert body["rejects"][0]["row"] == 3
    assert [each["id"] for each in body["portfolios"]] == ["A"]


async def test_many_warnings_are_counted_and_the_first_listed(roomy: Services, house: Any, calling: Any):
    settings = roomy.settings.model_copy(update={"rejects_listed": 10})
    rows = "".join(f"Card {n},100,20,unheard of\n" for n in range(50))
    async with calling(build_api(replace(roomy, settings=settings)), house.plain_key) as client:
        answer = await client.post("/v1/portfolios/import", content=f"name,balance,apr,kind\n{rows}", headers=CSV)
    assert (len(answer.json()["warnings"]), answer.json()["warnings_total"]) == (10, 50)


@pytest.mark.parametrize("count", [1_500, 8_000])
async def test_every_bad_row_is_there_as_csv(caller: httpx.AsyncClient, count: int):
    accept = {"Accept": "text/csv"}
    answer = await caller.post(
        "/v1/portfolios/import", content=bad_rows(count), headers=CSV | accept, params={"language": "zh"}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == [str(3 + n // 2) for n in range(2 * count)]
    assert (rows[0]["column"], rows[0]["value"], "不是" in rows[0]["reason"]) == ("balance", "abc", True)


async def test_a_large_file_is_read_by_another_process(caller: httpx.AsyncClient):
    """Ours would hold up every other caller while it reads; the other ends, and gives its memory back."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    answer = await caller.post("/v1/portfolios/import", content=bad_rows(20_000), headers=CSV)
    assert answer.json()["rejects_total"] == 40_000
    after = resource.getrusage(resource.RUSAGE_SELF).ru_utime, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert after[0] - before[0] < (after[1] - before[1]) / 3
    assert not reading()


@pytest.mark.parametrize(
    ("limits", "code"),
    [*(({"memory_mb": size}, "import_too_large") for size in (2, 10, 17, 25)), ({"time_s": 1}, "import_too_slow")],
)
async def test_a_file_that_takes_too_much_is_given_up(limits: dict[str, int], code: str):
    # Told apart, the rows of one portfolio would be refused before they took any time.
    rows = "client,name,balance,apr\n" + "".join(f"B{n},Card,abc,x\n" for n in range(200_000))
    with tempfile.TemporaryFile() as file:
        file.write(rows.encode())
        file.flush()
        with pytest.raises(UnreadableFile) as raised:
            await read_apart(file, AskedOfFile("a.csv", "2027-03", **limits))
    assert raised.value.said.code == code
    assert not reading()


async def test_whoever_leaves_ends_the_reading_of_the_file():
    with tempfile.TemporaryFile() as file:
        file.write(bad_rows(200_000).encode())
        task = asyncio.create_task(read_apart(file, AskedOfFile("a.csv", "2027-03")))
        async with asyncio.timeout(60):
            while not reading():
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not reading()


async def test_an_excel_file_that_is_small_but_grows_is_not_read_here(caller: httpx.AsyncClient):
    book, out = Workbook(), io.BytesIO()
    for row in (("name", "balance", "apr"), ("Visa", 100, 20)):
        book.active.append(row)
    book.save(out)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    answer = await caller.post("/v1/portfolios/import", content=out.getvalue(), headers=CSV)
    assert [debt["name"] for debt in answer.json()["portfolios"][0]["debts"]] == ["Visa"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before


async def test_json_to_mend_comes_back_from_the_other_process_with_its_paths(caller: httpx.AsyncClient):
    debts = [{"name": f"Card {n}", "balance": "100", "apr": 99} for n in range(3)]
    content = json.dumps({"debts": debts}) + " " * 70_000
    answer = await caller.post("/v1/portfolios/import", content=content)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [f"debts.{n}.apr" for n in range(3)]
    assert answer.json()["errors"][0]["code"] == "rate_too_large"


def reading() -> list[psutil.Process]:
    """The processes of ours that read a file."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("import_process" in part for part in child.cmdline())]
