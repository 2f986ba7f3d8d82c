"""Lists as they go over the wire, `{"items": […], "next": cursor}`, and the headers that lists and creations share."""

from typing import Annotated, Generic, TypeVar

from fastapi import Header, Query
from pydantic import BaseModel, ConfigDict

from data.records.cursor import MAX_PAGE
from data.wording.described import Described

Item = TypeVar("Item")


class Page(Described, BaseModel, Generic[Item]):
    """A page of a list; `next` is null at its end.

    Attributes:
        items: what is on this page.
        next: what to send as `cursor` for the next page; null at the end.
    """

    items: list[Item]
    next: str | None = None


Cursor = Annotated[str | None, Query(max_length=300, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many items a page holds.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="Any text of yours; within 24 hours the same key with the same body makes no second thing.",
    ),
]


class PageQuery(BaseModel):
    """Which page of a list, and how long; other parameters are refused by name."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None
    limit: Limit = 50
