"""Who may do what: roles of people, scopes of keys, and what each role opens; over the wire and in the records."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal, get_args

Area = Literal["plans", "portfolios", "tasks", "batches", "admin"]
AREAS: tuple[Area, ...] = get_args(Area)


class Role(StrEnum):
    """What a person is in their organisation: viewers read, analysts also make and change, admins also manage."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a key opens: an area to read, or to read and write; `plans` are reckoned, never kept, so they are read."""

    PLANS_READ = "plans:read"
    PORTFOLIOS_READ = "portfolios:read"
    PORTFOLIOS_WRITE = "portfolios:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    BATCHES_READ = "batches:read"
    BATCHES_WRITE = "batches:write"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


ROLES = tuple(Role)
EVERY_SCOPE = frozenset(Scope)
_VIEWED = frozenset({Scope.PLANS_READ, Scope.PORTFOLIOS_READ, Scope.TASKS_READ, Scope.BATCHES_READ})
OPENED = {
    Role.VIEWER: _VIEWED,
    Role.ANALYST: _VIEWED | {Scope.PORTFOLIOS_WRITE, Scope.TASKS_WRITE, Scope.BATCHES_WRITE},
    Role.ADMIN: EVERY_SCOPE,
}


def lesser(one: Role, other: Role) -> Role:
    """The role of the two that may do less."""
    return min(one, other, key=ROLES.index)


def greatest(roles: Iterable[Role]) -> Role | None:
    """The role that may do most; None of none."""
    return max(roles, key=ROLES.index, default=None)


def least_role(scope: Scope) -> Role:
    """The role that may do least of those that open this scope."""
    return next(role for role in ROLES if scope in OPENED[role])


def with_reading(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """The scopes with those that they bring: who may write may read."""
    chosen = frozenset(scopes)
    return chosen | {Scope(scope.replace(":write", ":read")) for scope in chosen}
