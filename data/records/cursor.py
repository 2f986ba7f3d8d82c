"""Where a list goes on: the time and id of the last item shown, as one opaque string."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from data.errors import BadInput, FieldError
from data.wording.sentence import say

MAX_PAGE = 200


def to_cursor(created_at: datetime, item_id: str) -> str:
    """The cursor of the last item of a page."""
    # Opaque, so that nobody builds on what is in it.
    return urlsafe_b64encode(f"{created_at.isoformat()}|{item_id}".encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> tuple[datetime, str]:
    """The time and id in a cursor.

    Raises:
        BadInput: nobody gave out this cursor.
    """
    try:
        when, _, item_id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        created_at = datetime.fromisoformat(when)
        if created_at.tzinfo is None or not item_id:
            raise ValueError("half a cursor")
    except (ValueError, NotBase64) as error:
        wrong = FieldError("cursor", say("cursor_changed"), cursor)
        raise BadInput(say("not_our_cursor"), [wrong]) from error
    return created_at, item_id


def older_than(cursor: str, created_at: Any, item_id: Any) -> ColumnElement[bool]:
    """The condition on rows that come after the cursor in a list of the newest first."""
    when, last_id = from_cursor(cursor)
    # Times alone may be equal; the id decides between them, as in the order of the list.
    return or_(created_at < when, and_(created_at == when, item_id < last_id))


def page_size(limit: int) -> int:
    """The limit, held between 1 and 200."""
    return max(1, min(limit, MAX_PAGE))
