"""Text that no reader's Markdown makes anything active of: no tag, no link, no picture, no address, nothing hidden.

A model may be talked into any of these by a debt's name or a question. What is left is text: `[here](https://x.y)` is
"here", `<b>` shows as it was typed, an address is left out and said to be. It works on a stream: only what may yet turn
out to be active is held back. Source: CommonMark 0.31, and GitHub's autolinks.
"""

import re
from dataclasses import dataclass

from data.wording.words import Language

LEFT_OUT: dict[Language, str] = {"en": "(address left out)", "zh": "（网址已略去）"}
LONGEST = 400  # a link that is longer between its brackets is text
SCHEMES = ("http://", "https://", "ftp://", "file://", "www.", "javascript:", "vbscript:", "mailto:", "xmpp:", "data:")

HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
IN_ADDRESS = r"[^\s<>()\[\]\"'`|\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
ACTIVE = re.compile(
    rf"""
    (?<!\\)!?\[(?P<link>[^\[\]\n]{{0,{LONGEST}}})\]\([^()\n]{{0,{LONGEST}}}\)
    | (?P<address>(?<![A-Za-z0-9])
        (?:(?:https?|ftp|file)://|www\.|(?:javascript|vbscript|mailto|xmpp):(?=\S)|data:(?=[a-z]+/)){IN_ADDRESS}*)
    | (?P<slashes>\\*)(?P<tag><)(?=[A-Za-z/!?])
    | (?P<joint>\])(?=[(:])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BEGUN = "|".join(sorted({re.escape(scheme[:end]) for scheme in SCHEMES for end in range(1, len(scheme) + 1)}, key=len))
UNDECIDED = re.compile(
    rf"(?:!?\[[^\[\]\n]{{0,{LONGEST}}}(?:\](?:\([^()\n]{{0,{LONGEST}}})?)?"
    rf"|!|\]|\\+<?|<|(?<![A-Za-z0-9])(?:{_BEGUN}|(?:{'|'.join(map(re.escape, SCHEMES))}){IN_ADDRESS}*))\Z",
    re.IGNORECASE,
)


def inert(text: str, language: Language) -> str:
    """The whole text, made inert."""
    return _inert(HIDDEN.sub("", text), 0, language)


@dataclass
class InertStream:
    """The same, piece by piece."""

    language: Language
    _held: str = ""
    _seen: int = 0  # of what is held: told already, and there for what it stands before

    def add(self, piece: str) -> str:
        """What can be told now."""
        text = self._held + HIDDEN.sub("", piece)
        cut = max(self._seen, _decided(text))
        told = _inert(text[:cut], self._seen, self.language)
        self._seen = min(cut, 1)
        self._held = text[cut - self._seen :]
        return told

    def end(self) -> str:
        """What is left when nothing follows."""
        text, seen = self._held, self._seen
        self._held, self._seen = "", 0
        return _inert(text, seen, self.language)


def _inert(text: str, start: int, language: Language) -> str:
    """The text from `start` on."""
    pieces, done = list[str](), start
    for found in ACTIVE.finditer(text, start):
        pieces += [text[done : found.start()], _harmless(found, language)]
        done = found.end()
    return "".join([*pieces, text[done:]])


def _harmless(found: "re.Match[str]", language: Language) -> str:
    if found["link"] is not None:
        # What stands in it may be an address too.
        return _inert(found["link"], 0, language)
    if found["address"]:
        return LEFT_OUT[language]
    if found["joint"]:
        return "]\\"
    # Behind an odd number of backslashes it is a sign already.
    return found[0] if len(found["slashes"]) % 2 else f"{found['slashes']}&lt;"


def _decided(text: str) -> int:
    """How much of the text is decided, whatever follows."""
    cut = len(text)
    while found := UNDECIDED.search(text, max(0, cut - 3 * LONGEST), cut):
        cut = found.start()
    return cut
