"""Who may ask: organisations, the people in them, and API keys. Of a key only its hash is kept."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column
from data.wire.access import Role, Scope


class Organisation(SQLModel, table=True):
    """A house whose data no other house sees.

    Attributes:
        claim: what an identity provider calls it in its tokens; its id does as well.
    """

    __tablename__ = "organisation"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ux_organisation_claim", "claim", unique=True),)

    id: str = Field(primary_key=True)
    name: str
    claim: str | None = None
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))


class User(SQLModel, table=True):
    """A person in an organisation.

    Attributes:
        subject: what the identity provider calls them; None until they have come through it.
    """

    __tablename__ = "account_user"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organisation_id", "email"), UniqueConstraint("organisation_id", "subject"))

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    name: str
    email: str | None = None
    subject: str | None = None
    role: str
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    disabled_at: Timestamp | None = Field(default=None, sa_column=utc_column())


class ApiKey(SQLModel, table=True):
    """A key to the HTTP endpoint; `secret_hash` is the SHA-256 of its secret (256 random bits need no salt).

    Attributes:
        user_id: whose it is, if a person's: it then opens no more than they may, and nothing once they are disabled.
        scopes: what it opens at most, with spaces between; None for all that its role opens.
        last_used_at: to the minute.
        fingerprint: of what was asked for; an idempotency key may be used again for the same only.
    """

    __tablename__ = "api_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("secret_hash"),
        Index("ux_api_key_idempotency", "organisation_id", "idempotency_key", unique=True),
    )

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    user_id: str | None = Field(default=None, index=True)
    name: str
    secret_hash: str
    hint: str  # the secret's last four characters
    role: str = Field(default=Role.VIEWER.value, sa_column_kwargs={"server_default": Role.VIEWER.value})
    scopes: str | None = None
    idempotency_key: str | None = None
    fingerprint: str | None = None
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    expires_at: Timestamp | None = Field(default=None, sa_column=utc_column())
    last_used_at: Timestamp | None = Field(default=None, sa_column=utc_column())
    revoked_at: Timestamp | None = Field(default=None, sa_column=utc_column())

    @property
    def is_admin(self) -> bool:
        """True for a key that may manage the organisation, as far as its scopes go."""
        return self.role == Role.ADMIN

    @property
    def granted(self) -> list[Scope] | None:
        """Its scopes as they go over the wire."""
        return None if self.scopes is None else [Scope(scope) for scope in self.scopes.split()]
