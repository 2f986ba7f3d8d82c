"""What came of a run of faults: the counts that must be nought, and a table for the reader."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.faults.batches import CLIENTS, Sent
from tests.faults.load import Asked

STUCK_S = 60.0


@dataclass
class Struck:
    """One fault, from when it began until a new question was answered again."""

    name: str
    began: float
    is_heavy: bool = False  # nothing could go on meanwhile
    recovered: float = 0.0


@dataclass
class Report:
    asked: list[Asked]
    sent: list[Sent]
    rows: dict[str, dict[str, Any]]  # the service's own list of tasks, by id
    questions: Counter[str]
    batch_ids: list[str]
    struck: list[Struck]
    paid: Counter[tuple[int, int]]
    seed: int
    refused: int = 0
    restarts_of_up: int = 0
    slopes: dict[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> list[str]:
        """Accepted, and not to be found or without an end."""
        ends = ("completed", "failed", "cancelled")
        tasks = [a.task_id for a in self.asked if self.rows.get(a.task_id, {}).get("status") not in ends]
        return tasks + [
            f"batch {one.number}: {one.verdict}" for one in self.sent if one.verdict in ("lost", "missing row")
        ]

    @property
    def doubled(self) -> list[str]:
        """Asked once and there twice, or told to a reader twice."""
        doubled_rows = [f"batch {one.number}" for one in self.sent if one.verdict == "double row"]
        doubled_rows += set(self.batch_ids) - {one.batch_id for one in self.sent}
        return [name for name, count in self.questions.items() if count > 1] + self.told("double") + doubled_rows

    @property
    def missing(self) -> list[str]:
        return self.told("missing")

    def told(self, what: str, kind: str = "") -> list[str]:
        """What is wrong with what readers hold, of all kinds or of one."""
        found = [(a.number, k, v) for a in self.asked for k, v in a.verdicts if v.startswith(what) and kind in ("", k)]
        return [f"{number}: {verdict} for those who {kind}" for number, kind, verdict in found]

    def tapes(self) -> str:
        """What came when to each reader that holds something wrong, and the faults meanwhile; in seconds."""
        lines: list[str] = []
        for asked in self.asked:
            wrong = [reader for reader in asked.readers if reader.kind in {kind for kind, _ in asked.verdicts}]
            for reader in wrong:
                faults = [(one.began, f"FAULT {one.name}") for one in self.struck]
                events = sorted([*reader.tape, *(one for one in faults if one[0] > asked.accepted - 60)])
                lines += ["", f"{asked.number} {asked.task_id}, for those who {reader.kind}:"]
                lines += [f"{moment - asked.accepted:8.3f} {what}" for moment, what in events]
        return "\n".join(lines)

    @property
    def failed(self) -> list[str]:
        return [
            str(reader.finals[-1].get("error"))
            for asked in self.asked
            for reader in asked.readers[:1]
            if reader.finals and reader.finals[-1]["type"] != "complete"
        ]

    @property
    def stuck(self) -> list[str]:
        """Under way for more than a minute, the time not counted in which all of the service started anew."""
        return [
            f"{type(one).__name__} {one.number} after {self._took_s(one):.0f} s"
            for one in (*self.asked, *self.sent)
            if self._took_s(one) > STUCK_S
        ]

    @property
    def longest_s(self) -> float:
        """The longest that a task was under way, counted likewise."""
        return max(map(self._took_s, (*self.asked, *self.sent)), default=0.0)

    def _took_s(self, asked: Asked | Sent) -> float:
        end = asked.ended or max((one.recovered for one in self.struck), default=asked.accepted) + 10 * STUCK_S
        heavy = [one for one in self.struck if one.is_heavy]
        open_s = sum(max(0.0, min(end, one.recovered) - max(asked.accepted, one.began)) for one in heavy)
        return end - asked.accepted - open_s

    @property
    def repeated_turns(self) -> int:
        """Whole answers of the model that were asked for again."""
        return sum(count - 1 for count in self.paid.values())

    def table(self) -> str:
        by_kind: dict[str, list[Struck]] = defaultdict(list)
        for one in self.struck:
            by_kind[one.name].append(one)
        lines = ["| fault | times | answers again after, median s | longest s |", "| --- | ---: | ---: | ---: |"]
        for name, found in sorted(by_kind.items()):
            took = [one.recovered - one.began for one in found]
            lines.append(f"| {name} | {len(found)} | {median(took):.1f} | {max(took):.1f} |")
        attempts = Counter(row["attempt"] for row in self.rows.values())
        spread = ", ".join(f"{count} at {number}" for number, count in sorted(attempts.items()))
        counts = (
            f"{len(self.struck)} faults (seed {self.seed}), {len(self.asked)} tasks accepted, "
            f"{len(self.asked) - len(self.lost) - len(self.failed)} completed, {len(self.failed)} failed, "
            f"**{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.stuck)} stuck, "
            f"{len(self.missing)} with text missing**; the longest took {self.longest_s:.0f} s; "
            f"{len(self.sent)} batches of {CLIENTS} portfolios, "
            f"{sum(len(one.failures) for one in self.sent)} times resumed; "
            f"attempts a task: {spread}; "
            f"{self.repeated_turns} of {len(self.paid)} turns of the model asked for again; "
            f"{self.refused} requests answered at a later try; `up` started again {self.restarts_of_up} times."
        )
        reasons = Counter(self.failed + [f"(a batch) {reason}" for one in self.sent for reason in one.failures])
        why = "\n".join(f"- failed {count} times: {reason}" for reason, count in reasons.items())
        memory = "\n".join(f"- {name}: {slope}" for name, slope in sorted(self.slopes.items()))
        return "\n\n".join(part for part in (counts, why, "\n".join(lines), memory) if part)
