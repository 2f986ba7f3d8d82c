"""What goes wrong is one line, or one problem document; never a stack trace."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.everything_wrong import PORTFOLIO, WRONG

PROBLEM = {"type", "title", "status", "detail", "errors", "trace_id"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"debts": [{"name": "Visa", "balance": 100, "apr": 2499}]}', "debts.0.apr"),
        (b'{"debts": [{"name": "Visa", "balance": 100, "apr": 0.2, "colour": 1}]}', "debts.0.colour"),
        (b'{"debts": []}', "debts"),
        (b'{"debts": [{"name": "\\ud800", "balance": 100, "apr": 0.2}]}', "half a character"),
        (b"name,balance,apr\nVisa,abc,20\nStore,100,2499\n", "row 3, column apr"),
        (b"{not json", "not JSON"),
        (b"", ""),
        (b"%PDF-1.7 \x00\x01", ""),
        ("name,balance,apr\nVisa,100,20\n".encode("utf-16-be"), ""),
    ],
)
def test_bad_input_is_one_line_or_one_problem_document(run, content, said):
    in_words = run("plan", "-", stdin=content)
    assert (in_words.code, in_words.out) == (1, "")
    assert len(in_words.err.splitlines()) == 1
    assert said in in_words.err
    in_json = run("plan", "-", "--json", stdin=content)
    assert (in_json.code, in_json.err) == (1, "")
    assert set(in_json.json) - {"code", "params"} == PROBLEM
    assert in_json.json["status"] == 422
    assert in_json.json["detail"]


def test_every_wrong_field_is_named_at_once(run):
    content = {"debts": [{"name": "", "balance": -1, "apr": 0.2}, {"name": "B", "balance": 1, "apr": 11}]}
    errors = run("plan", "-", "--json", stdin=json.dumps(content).encode()).json["errors"]
    assert {error["path"] for error in errors} == {"debts.0.name", "debts.0.balance", "debts.1.apr"}


def test_whatever_is_wrong_with_a_portfolio_is_named_at_once_in_words_and_in_json(run):
    content = json.dumps(PORTFOLIO).encode()
    in_words = run("plan", "-", stdin=content)
    assert len(in_words.err.splitlines()) == 1
    assert all(f"{path}: " in in_words.err for path in WRONG)
    assert {error["path"] for error in run("plan", "-", "--json", stdin=content).json["errors"]} == WRONG


def test_beyond_what_a_line_holds_json_is_pointed_to(run):
    debts = [{"name": f"debt {number}", "balance": -1, "apr": 0} for number in range(50)]
    content = json.dumps({"debts": debts}).encode()
    assert run("plan", "-", stdin=content).err.endswith("; and 9 more, all of which --json names\n")
    assert len(run("plan", "-", "--json", stdin=content).json["errors"]) == 50


def test_every_bad_row_of_a_file_without_a_good_one_is_in_the_problem(run):
    answer = run("plan", "-", "--json", stdin=b"name,balance,apr\nVisa,abc,20\nStore,100,2499\n")
    assert [(error["path"], error["value"]) for error in answer.json["errors"]] == [
        ("row 2, column balance", "abc"),
        ("row 3, column apr", "2499"),
    ]


NASTY_JSON = b'{"id": "a\\u001b[2J", "debts": [{"name": "V\\u001b[31misa", "balance": 100, "apr": 0.2}]}'


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (["plan", "-", "--schedule"], NASTY_JSON),
        (["plan", "-", "--budget", "1"], NASTY_JSON),
        (["health", "-"], NASTY_JSON),
        (["import", "-"], NASTY_JSON),
        (["import", "-"], b"name,balance,apr\nVisa,\x1b[2Jabc,10\n"),
        (["plan", "-"], NASTY_JSON.replace(b"100", b"-100").replace(b"id", b"i\\u001bd")),
    ],
)
def test_a_file_cannot_steer_the_terminal(run, words, content):
    answer = run(*words, stdin=content)
    assert "\x1b" not in answer.out + answer.err


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_named(run, name):
    answer = run("plan", name)
    assert answer.code == 1
    assert answer.err.startswith(f"{name}: ")
    assert run("plan", name, "--json").json["detail"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["plan"],
        ["plan", "x.json", "--strategy", "bogus"],
        ["plan", "x.json", "--colour"],
        ["compare", "x.json", "--strategies", "snowball,bogus"],
        ["plan", "PORTFOLIO", "--budget", "much"],
        ["plan", "PORTFOLIO", "--start", "2026-13"],
    ],
)
def test_wrong_usage_leaves_with_2(run, portfolio, words):
    answer = run(*(portfolio if word == "PORTFOLIO" else word for word in words))
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_help_lists_every_command_without_loading_one(run):
    answer = run("--help")
    assert answer.code == 0
    for name in ("plan", "compare", "import", "batch", "ask", "up", "down", "status", "doctor", "keys"):
        assert f" {name} " in answer.out


def test_what_nobody_foresaw_is_one_line_that_names_the_log(run, own_state, portfolio, monkeypatch, capsys):
    import sys

    from serve.commands import plan

    monkeypatch.setattr(plan, "plan_one", lambda *_, **__: 1 // 0)
    hook = sys.excepthook
    with pytest.raises(ZeroDivisionError) as raised:
        run("plan", portfolio)
    assert sys.excepthook is not hook
    sys.excepthook(raised.type, raised.value, raised.tb)
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    log = own_state / "logs" / "command-line.log"
    assert [path.stat().st_mode & 0o077 for path in (own_state, log.parent, log)] == [0, 0, 0]
    assert str(log) in told
    assert "ZeroDivisionError" in log.read_text()


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("words", [["plan", "--json"], ["import", "--json"], ["compare"]])
def test_an_output_that_takes_no_more_is_one_line_and_no_success(portfolio, words):
    program = [sys.executable, "-c", "from serve.cli import main; main()"]
    with FULL.open("w") as full:
        told = subprocess.run(
            [*program, *words, portfolio], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (told.returncode, told.stderr) == (1, "No space left on device\n")


def test_a_closed_standard_input_is_said():
    program = f"{sys.executable} -c 'from serve.cli import main; main()' plan - <&-"
    told = subprocess.run(["/bin/sh", "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "Standard input is closed; give a file, or pipe one in.\n"


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
def test_a_problem_that_standard_output_does_not_take_is_on_standard_error(tmp_path):
    (tmp_path / "empty.csv").touch()
    program = [sys.executable, "-c", "from serve.cli import main; main()", "plan", "--json", tmp_path / "empty.csv"]
    with FULL.open("w") as full:
        told = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "The file is empty.\n")
