"""A CSV of many clients on its whole way: over HTTP through the service, and from the command line through Ray."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.journeys.house import Reading, Service

pytestmark = pytest.mark.timeout(240)  # the first test waits for the service to start

HEADER = "portfolio_id,name,balance,apr,minimum,monthly_budget\n"


def clients(count: int) -> str:
    return "".join(
        f"c{number},Visa,{1000 + number},20,50,200\nc{number},Store,900,25,30,200\n" for number in range(count)
    )


def rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))]


def test_an_uploaded_batch_ends_with_a_result_or_a_reject_for_every_row(service: Service):
    body = (HEADER + clients(300) + "bad,Visa,abc,20,50,200\n").encode()
    with service.client as client:
        accepted = client.post("/v1/batches", content=body, headers={"Content-Type": "text/csv"})
        assert accepted.status_code == 202, accepted.text
        path = f"/v1/batches/{accepted.json()['id']}"
        reading = Reading(service, accepted.json()["id"], kind="batches")
        reading.follow()
        assert reading.kinds[-1] == "complete"
        assert client.get(path).json()["status"] == "completed"
        results, rejects = rows(client.get(f"{path}/results").text), rows(client.get(f"{path}/rejects").text)
    assert [row["portfolio_id"] for row in results] == [f"c{number}" for number in range(300)]
    assert [(row["row"], row["column"]) for row in rejects] == [("602", "balance")]


def test_a_large_file_goes_through_ray_from_the_command_line(service: Service, tmp_path: Path):
    file, out = tmp_path / "clients.csv", tmp_path / "out"
    note = "x" * 2000  # a column nobody knows makes the file large, of more ranges than one
    lines = clients(2500).splitlines()
    file.write_text(HEADER.strip() + ",note\n" + "".join(f"{line},{note}\n" for line in lines))
    done = service.run("batch", str(file), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["portfolios"] == 2500
    assert len(rows((out / "results.csv").read_text("utf-8"))) == 2500
