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
    └── LostClaim                   us: a worker wrote to a task that a newer attempt holds

The message of each says what was wrong, the value, and what to do. `serve/http/problems.py` turns them into
HTTP answers; a test proves that none is left out.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: `path` as in `debts.0.apr`, the value as it came, and what to do."""

    path: str
    message: str
    value: Any = None

    def __post_init__(self) -> None:
        """Half a character (a lone surrogate, which JSON can spell) has no UTF-8: it is shown by its escape."""
        for name in ("path", "message", "value"):
            text = getattr(self, name)
            if isinstance(text, str):
                object.__setattr__(self, name, text.encode("utf-8", "backslashreplace").decode())


class DebtOptimizerError(Exception):
    """Something went wrong in DebtOptimizer."""

    def __init__(self, message: str = "") -> None:
        """Keep the message; without one, the class's docstring is the message."""
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """What to show the reader."""
        return str(self.args[0])


class BadInput(DebtOptimizerError):
    """The data cannot be used as it is."""

    def __init__(self, message: str = "", errors: list[FieldError] | None = None) -> None:
        """Keep every field that is wrong, so that all are mended at once."""
        super().__init__(message)
        self.errors = errors or []

    def details(self) -> list[dict[str, Any]]:
        """The wrong fields as plain JSON values."""
        return [asdict(error) for error in self.errors]


class InvalidPortfolio(BadInput):
    """The portfolio has fields that contradict each other or are out of range."""


class UnreadableFile(BadInput):
    """The file cannot be read as a table of debts; save it as CSV (UTF-8) or .xlsx and try again."""


class CallerError(DebtOptimizerError):
    """The request cannot be met as it was made."""


class NotAuthenticated(CallerError):
    """A valid key is needed: send it as `Authorization: Bearer <key>`."""


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


class LostClaim(DebtOptimizerError):
    """A newer attempt holds this task; this one stops."""
