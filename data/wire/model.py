"""The language models that a task may ask for, as they go over the wire."""

from pydantic import BaseModel

from data.wording.described import Described


class ModelView(Described, BaseModel):
    """A model by the name that a task asks for it.

    Attributes:
        name: the name by which a task asks for it.
        is_default: whether tasks that name none are answered by it.
        is_answering: whether it answers now.
    """

    name: str
    is_default: bool
    is_answering: bool


class Models(Described, BaseModel):
    """The models of this service.

    Attributes:
        items: each model.
    """

    items: list[ModelView]
