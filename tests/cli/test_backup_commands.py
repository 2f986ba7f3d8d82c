"""`backup` and `restore` as their operator gives them."""

from pathlib import Path

from serve.machine.local import lock_of


def test_keys_of_a_backup_open_what_was_put_back(run, own_state: Path, tmp_path: Path, monkeypatch):
    run("keys", "create", "--name", "program")
    file = tmp_path / "kept.tar.gz"
    made = run("backup", file, "--json").json
    assert (made["kind"], made["files"]) == ("sqlite", 1)
    assert file.stat().st_mode & 0o777 == 0o600
    again = run("backup", file)
    assert (again.code, "is there already" in again.err) == (1, True)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "elsewhere"))
    assert run("backup", tmp_path / "other.tar.gz").code == 1  # nothing to keep yet
    done = run("restore", file)
    assert (done.code, "queued anew" in done.out) == (0, True)
    assert [key["name"] for key in run("keys", "list", "--json").json["items"]] == ["program"]
    assert run("audit", "verify").code == 0
    assert all(entry.stat().st_mode & 0o077 == 0 for entry in (tmp_path / "elsewhere").rglob("*"))


def test_nothing_is_put_back_under_a_service_that_runs(run, tmp_path: Path, monkeypatch):
    run("keys", "create", "--name", "program")
    run("backup", tmp_path / "kept.tar.gz")
    state = tmp_path / "elsewhere"
    monkeypatch.setenv("STATE_DIR", str(state))
    state.mkdir(mode=0o700)
    with lock_of(state):
        refused = run("restore", tmp_path / "kept.tar.gz")
    assert (refused.code, "debt-optimizer down" in refused.err) == (1, True)


def test_a_file_that_is_not_there_and_a_folder_that_is_not_are_told(run, tmp_path: Path):
    assert "nowhere.tar.gz" in run("restore", tmp_path / "nowhere.tar.gz").err
    run("keys", "create", "--name", "program")
    assert str(tmp_path / "no") in run("backup", tmp_path / "no" / "b.tar.gz").err


def test_a_backup_of_another_kind_of_database_is_refused(run, tmp_path: Path, monkeypatch):
    run("keys", "create", "--name", "program")
    run("backup", tmp_path / "kept.tar.gz")
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/debts")
    refused = run("restore", tmp_path / "kept.tar.gz")
    assert (refused.code, "sqlite" in refused.err, "secret" in refused.err) == (1, True, False)
