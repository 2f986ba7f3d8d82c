"""An agent's text as Markdown that is safe to show: unsupported numbers marked, nothing fetched, no formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.wire.task_result import Unsupported

OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters stand for the marks until the text is made safe
ACTIVE = re.compile(r"[$~]|!(?=\[)|(?<=\])(?=\()|:(?=[a-z-]+(?:\[|/|:))|<(?=[a-zA-Z/!])")


def safe(text: str) -> str:
    """The text without what Markdown would make of prices ($), pictures, links, icons and tags."""
    return ACTIVE.sub(lambda found: f"\\{found[0]}" if found[0] else "\\", text)


def marked(text: str, unsupported: Sequence[Unsupported]) -> str:
    """The text, safe, with every number that no tool returned standing out."""
    text = text.replace(OPEN, " ").replace(CLOSE, " ")
    # From the end, so that the places before stay right.
    for start, end in sorted(_places(text, unsupported), reverse=True):
        text = f"{text[:start]}{OPEN}{text[start:end]}{CLOSE}{text[end:]}"
    return safe(text).replace(OPEN, ":orange-background[").replace(CLOSE, "]")


def _places(text: str, unsupported: Sequence[Unsupported]) -> set[tuple[int, int]]:
    """Where the unsupported numbers stand; where the record has no place, wherever their text occurs first."""
    places: set[tuple[int, int]] = set()
    for each in unsupported:
        start, end = each.start, each.end
        # A record of another version may count its places otherwise: then the text is looked for.
        if start is None or end is None or text[start:end] != each.text:
            start = text.find(each.text)
            end = start + len(each.text)
        if start >= 0:
            places.add((start, end))
    return places
