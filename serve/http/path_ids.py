"""Ids in addresses: what cannot be an id of ours is the id of nothing, and no store is asked."""

import re
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator

from data.errors import NotFound
from data.wording.sentence import say

POSSIBLE = re.compile(r"[0-9A-Za-z_-]{1,64}")


def possible_id(given: str) -> str:
    """The id, if it can be one.

    Raises:
        NotFound: it cannot.
    """
    if not POSSIBLE.fullmatch(given):
        raise NotFound(say("no_such_thing"))
    return given


Id = Annotated[str, Path(description="The id that it was given when it was made."), AfterValidator(possible_id)]
