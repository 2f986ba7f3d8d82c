"""`orgs`, `users` and `keys` with people, scopes and an end."""

import getpass
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


def test_an_organisation_its_people_and_their_keys(run):
    org = run("orgs", "create", "--name", "Northern Advice", "--claim", "north", "--json").json
    ann = run("users", "create", "--name", "Ann", "--email", "Ann@example.org", "--role", "analyst",
              "--organisation", "Northern Advice", "--json").json  # fmt: skip
    assert (ann["email"], ann["role"]) == ("ann@example.org", "analyst")
    made = run("keys", "create", "--user", "ann@example.org", "--scopes", "tasks:write,plans:read", "--expires", "90d",
               "--organisation", org["id"], "--json").json  # fmt: skip
    assert (made["role"], made["scopes"], made["user_id"]) == ("analyst", ["plans:read", "tasks:write"], ann["id"])
    assert made["expires_at"]
    assert [each["name"] for each in run("orgs", "list", "--json").json["items"]] == ["This house", "Northern Advice"]
    # The first organisation is another one.
    assert run("users", "list", "--json").json["items"] == []
    assert run("keys", "list", "--json").json["items"] == []
    assert run("users", "disable", "ann@example.org", "--organisation", org["id"]).code == 0
    (listed,) = run("users", "list", "--organisation", org["id"], "--json").json["items"]
    assert listed["disabled_at"]
    assert run("users", "enable", ann["id"], "--organisation", org["id"]).code == 0
    assert run("users", "set-role", ann["id"], "viewer", "--organisation", org["id"]).code == 0
    assert "viewer" in run("users", "list", "--organisation", org["id"]).out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scopes", "tasks"], "tasks:read"),
        (["--role", "viewer", "--scopes", "tasks:write"], "does not open"),
        (["--expires", "soon"], "90d"),
        (["--expires", "2020-01-01"], "has passed"),
        (["--admin", "--role", "viewer"], "different things"),
        (["--role", "owner"], "owner"),
    ],
)
def test_a_key_that_cannot_be_is_wrong_usage(run, options: list[str], said: str):
    answer = run("keys", "create", *options)
    assert answer.code == 2
    assert said in " ".join(answer.err.replace("│", " ").split())


def test_an_unknown_person_or_organisation_is_told(run):
    assert "nobody" in run("keys", "create", "--user", "nobody").err
    assert "Atlantis" in run("users", "list", "--organisation", "Atlantis").err
    assert run("users", "create", "--name", "A", "--email", "a@b").code == 0
    assert "already" in run("users", "create", "--name", "B", "--email", "A@b").err


def test_the_audit_log_is_listed_and_proved(run, own_state: Path):
    key = run("keys", "create", "--name", "nightly", "--json").json["id"]
    run("keys", "revoke", key)
    entries = run("audit", "list", "--json").json["items"]
    assert [entry["action"] for entry in entries] == ["key.revoked", "key.created", "organisation.created"]
    assert (entries[0]["subject"], entries[0]["actor_kind"], entries[0]["actor_id"]) == (
        key,
        "operator",
        getpass.getuser(),
    )
    assert "key.revoked" in run("audit", "list", "--subject", key, "--limit", "1").out
    whole = run("audit", "verify")
    assert (whole.code, whole.out.count("in order")) == (0, 2)
    head = run("audit", "verify", "--json").json["chains"][1]["head"]
    assert run("audit", "verify", "--anchor", head).code == 0
    assert run("audit", "verify", "--anchor", "3:" + "0" * 64).code == 1
    assert run("audit", "verify", "--anchor", "yesterday").code == 2
    with closing(sqlite3.connect(own_state / "debt-optimizer.db")) as database, database:
        database.execute("UPDATE audit_event SET actor_id = 'nobody' WHERE number = 2")
    broken = run("audit", "verify")
    assert broken.code == 1
    assert "BROKEN at row 2: the row was changed" in broken.out
    told = run("audit", "verify", "--json")
    assert (told.code, told.json["is_whole"], told.json["chains"][1]["broken"]) == (1, False, 2)


def test_everything_is_kept_until_something_else_is_decided(run):
    nothing = {"tasks_days": None, "batches_days": None, "portfolios_days": None}
    assert run("retention", "show", "--json").json == nothing
    assert run("retention", "set", "--batches", "36500d", "--json").json == nothing | {"batches_days": 36_500}
    assert run("retention", "set", "--batches", "keep", "--json").json == nothing


@pytest.mark.parametrize("options", [(), ("--tasks", "0"), ("--tasks", "soon"), ("--batches", "36501d")])
def test_a_retention_that_cannot_be_is_wrong_usage(run, options: tuple[str, ...]):
    answer = run("retention", "set", *options)
    assert answer.code == 2
    assert "--" in answer.err
