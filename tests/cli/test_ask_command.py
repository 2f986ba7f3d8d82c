"""`ask` where no service runs: an agent in the same process."""

import pytest

from serve.machine.ports import free_port


def test_without_a_service_an_agent_here_answers_in_the_questions_language(run):
    answer = run("ask", "我欠了10万怎么办？")
    assert answer.code == 0, answer.err
    assert "最低还款" in answer.out


def test_in_json_the_answer_is_the_whole_record(run, portfolio):
    record = run("ask", "What first?", "--portfolio", portfolio, "--type", "repayment_plan", "--json").json
    assert (record["status"], record["type"], record["progress"]) == ("completed", "repayment_plan", 100)
    assert record["request"]["question"] == "What first?"
    assert record["result"]["grounding"]["unsupported"] == []
    assert "Visa" in record["result"]["narrative"]


def test_the_text_on_the_terminal_is_the_records(run, portfolio):
    told = run("ask", "What first?", "--portfolio", portfolio)
    record = run("ask", "What first?", "--portfolio", portfolio, "--json").json
    assert told.out == record["result"]["narrative"] + "\n"


def test_a_service_that_is_named_but_does_not_answer_is_one_line(run):
    answer = run("ask", "What first?", "--url", f"http://127.0.0.1:{free_port()}")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1


def test_a_model_that_is_not_set_up_is_one_line(run):
    answer = run("ask", "What first?", "--model", "nobody:nothing")
    assert answer.code == 1
    assert "nobody:nothing" in answer.err


def test_a_question_that_is_too_long_names_the_field(run):
    answer = run("ask", "x" * 5000, "--json")
    assert answer.code == 1
    assert answer.json["errors"][0]["path"] == "question"


@pytest.mark.parametrize(
    ("question", "said"), [("", "asked; financial_advice needs"), ("长" * 20_000, "question: must have")]
)
def test_a_question_that_cannot_be_asked_is_told_why(run, question, said):
    answer = run("ask", question)
    assert answer.code == 1
    assert said in answer.err
