"""Whose turn it is among those whose tasks wait: the law of the queue, as the in-memory twin keeps it.

On Redis the same law stands in `scripts.py`; one suite of tests holds both to it.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable

from data.channels.task_queue.queue import PASSED_OVER_AT_MOST, Line
from data.wire.task import TaskPriority

Party = tuple[str, ...]  # an organisation of a priority, or a key of it


class WaitingLines:
    """Lines of waiting tasks, and how many of each are in hand."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._lines: dict[Line, deque[str]] = {}
        self._in_hand: Counter[Party] = Counter()
        self._turns: dict[Party, int] = {}
        self._passed_over: Counter[TaskPriority] = Counter()
        self._handed_out = 0

    def add(self, task_id: str, line: Line) -> None:
        """Put the task at the end of its line."""
        self._lines.setdefault(line, deque()).append(task_id)
        for party in _parties(line):
            # Even: a newcomer comes before whoever had the last turn.
            self._turns.setdefault(party, 2 * self._handed_out)

    def next(self, is_wanted: Callable[[str], bool]) -> tuple[str, Line] | None:
        """Take out the next task that is still wanted; it is in hand until `ended`."""
        while self._lines:
            line = self._next_line()
            task_id = self._lines[line].popleft()
            if is_wanted(task_id):
                self._had_turn(line)
                return task_id, line
            self._forget_those_who_left()
        return None

    def ended(self, line: Line) -> None:
        """One task of the line is no longer in hand."""
        for party in _parties(line):
            self._in_hand[party] -= 1

    def _next_line(self) -> Line:
        priority = self._priority()
        lines = [line for line in self._lines if line.priority is priority]
        organisation_id = self._first((line.priority, line.organisation_id) for line in lines)[1]
        key = self._first(_parties(line)[1] for line in lines if line.organisation_id == organisation_id)
        return Line(organisation_id, key[2], priority)

    def _priority(self) -> TaskPriority:
        waiting = {line.priority for line in self._lines}
        for priority in reversed(PASSED_OVER_AT_MOST):
            if priority in waiting and self._passed_over[priority] >= PASSED_OVER_AT_MOST[priority] > 0:
                return priority
        return next(priority for priority in PASSED_OVER_AT_MOST if priority in waiting)

    def _first(self, parties: Iterable[Party]) -> Party:
        return min(parties, key=lambda party: (self._in_hand[party], self._turns[party], party))

    def _had_turn(self, line: Line) -> None:
        self._handed_out += 1
        for party in _parties(line):
            self._in_hand[party] += 1
            self._turns[party] = 2 * self._handed_out + 1
        self._forget_those_who_left()
        priorities = {waits.priority for waits in self._lines} - {line.priority}
        self._passed_over = Counter({priority: self._passed_over[priority] + 1 for priority in priorities})

    def _forget_those_who_left(self) -> None:
        self._lines = {line: tasks for line, tasks in self._lines.items() if tasks}
        waiting = {party for line in self._lines for party in _parties(line)}
        self._turns = {party: turn for party, turn in self._turns.items() if party in waiting}


def _parties(line: Line) -> tuple[Party, Party]:
    organisation = (line.priority.value, line.organisation_id)
    return organisation, (*organisation, line.key_id)
