"""Texts that are kept in files, in `prompts/`: what models are told, and what the offline one says by heart."""

from functools import cache
from importlib.resources import files


@cache
def text(name: str) -> str:
    """The text of that name, without the blank lines at its ends."""
    return files("agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()
