"""Who may ask: organisations and their API keys. Of a key only its hash is kept."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column


class Organisation(SQLModel, table=True):
    """A house whose data no other house sees."""

    __tablename__ = "organisation"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    name: str
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))


class ApiKey(SQLModel, table=True):
    """A key to the HTTP endpoint; `secret_hash` is the SHA-256 of its secret (256 random bits need no salt)."""

    __tablename__ = "api_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("secret_hash"),)

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    secret_hash: str
    hint: str  # the secret's last four characters
    is_admin: bool = True
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    revoked_at: Timestamp | None = Field(default=None, sa_column=utc_column())
