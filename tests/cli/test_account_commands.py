"""`orgs`, `users` and `keys` with people, scopes and an end."""

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
