"""`migrate`: what it says, what it leaves alone, and its exit code."""

import sqlite3
from contextlib import closing
from pathlib import Path

from data.records.migrations.upgrade import revisions

NEWEST = revisions()[0]


def test_it_says_from_which_revision_to_which_and_then_that_nothing_is_to_do(run, own_state: Path):
    asked = run("migrate", "--check")
    assert (asked.code, "no tables yet" in asked.out) == (1, True)
    assert not (own_state / "debt-optimizer.db").exists()
    done = run("migrate")
    assert (done.code, done.out) == (0, f"migrated from an empty database to revision {NEWEST}\n")
    assert (own_state / "debt-optimizer.db").stat().st_mode & 0o077 == 0 or own_state.stat().st_mode & 0o077 == 0
    again = run("migrate")
    assert (again.code, "nothing to do" in again.out) == (0, True)
    assert run("migrate", "--check").code == 0


def test_it_tells_programs_too(run):
    assert run("migrate", "--json").json == {"found": None, "needed": NEWEST, "is_current": True, "changed": True}
    told = run("migrate", "--check", "--json").json
    assert told == {"found": NEWEST, "needed": NEWEST, "is_current": True, "changed": False}


def test_tables_of_a_newer_version_are_let_be(run, own_state: Path):
    run("migrate")
    with closing(sqlite3.connect(own_state / "debt-optimizer.db")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (["migrate", "--check"], ["migrate"], ["keys", "list"]):
        answer = run(*words)
        assert (answer.code, "9999" in answer.out + answer.err) == (1, True)
    with closing(sqlite3.connect(own_state / "debt-optimizer.db")) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_database_that_does_not_answer_is_named_without_its_password(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/debts")
    answer = run("migrate", "--check")
    assert (answer.code, "127.0.0.1:1" in answer.err, "secret" in answer.err) == (1, True, False)
    # Accounts of a shared database are no reason to migrate it unasked.
    assert run("keys", "list").code == 1
