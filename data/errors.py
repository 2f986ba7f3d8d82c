"""Every error of the application, sorted by who can act on it.

    DebtOptimizerError
    ├── BadInput                    the client's data: mend the named fields and send it again
    │   ├── InvalidPortfolio        fields that contradict each other or are out of range
    │   └── UnreadableFile          a file that cannot be read at all
    ├── CallerError                 the caller: the request cannot be met as it was made
    │   ├── NotAuthenticated        no key, or one nobody knows
    │   ├── NotFound                nothing of that id, or it is somebody else's
    │   └── Conflict                the thing has moved on since it was read
    ├── ModelError                  the language model failed; the loop may try again or fall back
    │   ├── ModelUnavailable        it cannot be reached, or refuses for now
    │   └── ModelMisbehaved         it answered, but not with anything usable
    ├── OperatorError               whoever runs the service: settings, ports, disks, Redis
    │   ├── BadSetting              a setting that cannot work
    │   └── ServiceUnavailable      a part we need does not answer
    │       ├── DiskFull            there is no room for what should be kept
    │       ├── FilesAway           the store with the files of batches does not answer
    │       └── NotMigrated         the tables are not those of this version
    └── LostClaim                   us: a worker wrote to a task that a newer attempt holds

The message of each says what was wrong, the value, and what to do. `serve/http/problems.py` turns them into
HTTP answers; a test proves that none is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.wording.sentence import Sentence, as_it_is


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: `path` as in `debts.0.apr`, what to do, and the value as it came."""

    path: str
    said: Sentence
    value: Any = None

    def __post_init__(self) -> None:
        """Half a character (a lone surrogate, which JSON can spell) has no UTF-8: it is shown by its escape."""
        for name in ("path", "value"):
            text = getattr(self, name)
            if isinstance(text, str):
                object.__setattr__(self, name, text.encode("utf-8", "backslashreplace").decode())

    @property
    def message(self) -> str:
        """What to do, in English."""
        return str(self.said)

    def at(self, path: str) -> "FieldError":
        """The same, of a field that stands elsewhere."""
        return FieldError(path, self.said, self.value)

    def on_wire(self) -> dict[str, Any]:
        """It as plain JSON values; `detail` is the contract's name of the message."""
        told = {"code": self.said.code, "params": self.said.params, "detail": self.message}
        return {"path": self.path, "message": self.message, "value": self.value, **told}


class DebtOptimizerError(Exception):
    """Something went wrong in DebtOptimizer."""

    def __init__(self, message: "str | Sentence" = "") -> None:
        """Keep the message, and its code where it has one; without any, the class's docstring is the message."""
        text = str(message) or (type(self).__doc__ or "").strip()
        super().__init__(text)
        self.said = message if isinstance(message, Sentence) else as_it_is(text)

    @property
    def message(self) -> str:
        """What to show the reader, in English."""
        return str(self.args[0])

    def in_language(self, language: str) -> str:
        """What to show the reader in a language; in English where the message has no code."""
        return self.said.in_language(language)


class BadInput(DebtOptimizerError):
    """The data cannot be used as it is."""

    def __init__(self, message: Sentence | None = None, errors: Sequence[FieldError] = ()) -> None:
        """Keep every field that is wrong, so that all can be corrected at once."""
        super().__init__(message or "")
        self.errors = list(errors)

    def details(self) -> list[dict[str, Any]]:
        """The wrong fields as plain JSON values."""
        return [error.on_wire() for error in self.errors]


class InvalidPortfolio(BadInput):
    """The portfolio has fields that contradict each other or are out of range."""


class UnreadableFile(BadInput):
    """The file cannot be read as a table of debts; save it as CSV (UTF-8) or .xlsx and try again."""


class CallerError(DebtOptimizerError):
    """The request cannot be met as it was made."""

    def __init__(self, message: Sentence | None = None) -> None:
        """Keep what is wrong with the request."""
        super().__init__(message or "")


class NotAuthenticated(CallerError):
    """A valid key is needed: send it as `Authorization: Bearer <key>`."""

    def __init__(self, message: Sentence | None = None, *, holder: tuple[str, str] = ("", "")) -> None:
        """Keep why, and the organisation and id of whose key it is, where that is known."""
        super().__init__(message)
        self.holder = holder


class NotFound(CallerError):
    """There is nothing of that id."""


class Conflict(CallerError):
    """It has changed since it was read; read it again and repeat the change."""


class ModelError(DebtOptimizerError):
    """The language model failed."""


class ModelUnavailable(ModelError):
    """The language model cannot be reached or refuses for now; try again later or choose another model."""


class ModelMisbehaved(ModelError):
    """The language model answered, but not with anything usable."""


class OperatorError(DebtOptimizerError):
    """The service is not set up to do this."""


class BadSetting(OperatorError):
    """A setting has a value that cannot work."""


class ServiceUnavailable(OperatorError):
    """A part of the service does not answer; nothing is lost, try again in a moment."""


class DiskFull(ServiceUnavailable):
    """The disk is full; nothing was kept. Free some space and try again."""


class FilesAway(ServiceUnavailable):
    """The store with the files of batches does not answer; nothing is lost, try again in a moment."""


class NotMigrated(ServiceUnavailable):
    """The database has not the tables of this version: run `debt-optimizer migrate`."""


class LostClaim(DebtOptimizerError):
    """A newer attempt holds this task; this one stops."""
