"""A reader of a running task: the text is whole and once, whatever comes twice, late or anew."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.asking.reading import TaskReading

TEXT = "您共欠 ¥15,400.00。"


def event(number: int, kind: str, **fields: object) -> dict:
    return {"id": f"{number}-0", "type": kind, **fields}


def reading_of(*events: dict) -> TaskReading:
    reading = TaskReading()
    for each in events:
        reading.take(each)
    return reading


def test_chunks_make_the_text():
    assert reading_of(event(1, "chunk", text="Pay "), event(2, "chunk", text="Visa")).text == "Pay Visa"


@given(st.lists(st.integers(min_value=0, max_value=len(TEXT) - 1), max_size=60))
def test_events_that_come_twice_change_nothing(replays: list[int]):
    tape = [event(number, "chunk", text=sign) for number, sign in enumerate(TEXT, start=1)]
    reading = TaskReading()
    for number, each in enumerate(tape):
        reading.take(each)
        for place in replays:
            if place <= number:
                reading.take(tape[place])
    assert reading.text == TEXT


def test_a_restart_drops_the_partial_text_and_the_new_attempt_begins_from_the_start():
    reading = reading_of(
        event(1, "chunk", text="half a sen"),
        event(2, "restart", attempt=2),
        event(3, "chunk", text="A whole sentence."),
    )
    assert (reading.text, reading.attempt) == ("A whole sentence.", 2)


def test_a_reset_replaces_the_text():
    assert reading_of(event(1, "chunk", text="old"), event(9, "reset", text="all so far")).text == "all so far"


def test_steps_are_ticked_as_their_results_come():
    reading = reading_of(
        event(1, "tool_call", call_id="a", name="list_debts"),
        event(2, "tool_call", call_id="b", name="compare_strategies"),
        event(3, "tool_result", call_id="a", name="list_debts", ok=True),
    )
    assert [(step.name, step.is_ok) for step in reading.steps] == [("list_debts", True), ("compare_strategies", None)]


def test_the_end_is_known_by_its_event():
    assert not reading_of(event(1, "progress", percent=90, stage="writing")).is_over
    assert all(reading_of(event(1, kind)).is_over for kind in ("complete", "failed", "cancelled"))


def test_ids_are_compared_as_numbers():
    assert reading_of(event(9, "chunk", text="a"), event(10, "chunk", text="b")).text == "ab"


def test_a_slow_service_is_given_more_time():
    reading = TaskReading()
    first = reading.patience_s
    reading.kept_waiting()
    assert reading.patience_s == 2 * first
    reading.answered(brought=0)
    assert reading.patience_s == first
