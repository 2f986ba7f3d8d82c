"""The language models that a task may ask for, as they go over the wire."""

from pydantic import BaseModel


class ModelView(BaseModel):
    """A model by the name that a task asks for it."""

    name: str
    is_default: bool
    is_answering: bool


class Models(BaseModel):
    """The models of this service."""

    items: list[ModelView]
