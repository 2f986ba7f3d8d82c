"""Who is asking, and what they may do: what the stores find out about a key or a token."""

from dataclasses import dataclass

from data.wire.access import EVERY_SCOPE, OPENED, Role, Scope, with_reading


@dataclass(frozen=True)
class Caller:
    """Who is asking.

    Attributes:
        key_id: of the key; of the person, where they come with a token of their own.
        scopes: what they may do: what the role opens, and of that what the key does.
        lasts_s: how long this holds at most; None where nothing ends it.
        is_use_due: it is time to note that the key was used.
    """

    organisation_id: str
    key_id: str
    role: Role = Role.ADMIN
    scopes: frozenset[Scope] = EVERY_SCOPE
    user_id: str | None = None
    lasts_s: float | None = None
    is_use_due: bool = False

    @property
    def is_admin(self) -> bool:
        """True for whoever may manage the organisation, as far as their scopes go."""
        return self.role is Role.ADMIN


def effective(role: Role, granted: list[Scope] | None) -> frozenset[Scope]:
    """The scopes of a key of this role that was granted these; all that the role opens, where none are named."""
    return OPENED[role] if granted is None else OPENED[role] & with_reading(granted)
