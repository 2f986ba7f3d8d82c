"""A batch over a cluster, and the machine taken away on which it is worked on."""

import time
from dataclasses import dataclass, field

import httpx

from data.ident import new_id
from serve.batches.files.ranges import SEARCHED_BYTES

CLIENTS = 3_000
NAME = "Visa " * 12  # long rows make many ranges of few portfolios
FINISHED_WITHIN_S = 240
HEADER = "portfolio_id,name,balance,apr,minimum,monthly_budget\n"


def table() -> str:
    """Portfolios of two debts in five ranges or more, which are handed out over the machines."""
    rows = "".join(
        f"c{number},{NAME}{number % 7},{1000 + number}.{number % 100:02},2{number % 9}.5,50,{200 + number % 90}\n"
        f"c{number},Store,{900 + number % 700},25,30,{200 + number % 90}\n"
        for number in range(CLIENTS)
    )
    assert len(rows) > 4 * SEARCHED_BYTES
    return HEADER + rows


@dataclass
class BatchOwner:
    """Sends a file, watches it, resumes what has failed, and holds its results."""

    client: httpx.Client
    progress: list[int] = field(default_factory=list)
    attempt: int = 0
    resumed: int = 0

    def send(self) -> None:
        headers = {"Idempotency-Key": new_id(), "Content-Type": "text/csv"}
        asked = {"content": table(), "headers": headers, "params": {"strategies": "avalanche,snowball,optimal"}}
        self.path = f"/v1/batches/{self._ask('POST', '/v1/batches', **asked)['id']}"

    def wait(self, until: int = 100) -> None:
        """Until so much of it is done, in percent."""
        ends = time.monotonic() + FINISHED_WITHIN_S
        while True:
            seen = self._ask("GET", self.path)
            self.attempt = seen["attempt"]
            if not self.progress or seen["progress"] != self.progress[-1]:
                self.progress.append(seen["progress"])
            if seen["status"] == "failed":
                self.resumed += 1
                self._ask("POST", f"{self.path}/resume")
            if seen["status"] == "completed" or (seen["progress"] >= until and until < 100):
                return
            assert time.monotonic() < ends, seen
            time.sleep(0.1)

    @property
    def results(self) -> bytes:
        return self.client.get(f"{self.path}/results").raise_for_status().content

    def _ask(self, method: str, path: str, **request: object) -> dict:
        """Asked as often as it takes."""
        while True:
            try:
                answer = self.client.request(method, path, **request)
                if answer.is_success:
                    return answer.json()
                assert answer.status_code >= 500, answer.text
            except httpx.TransportError:
                pass
            time.sleep(0.2)
