"""From the library's errors to ours, in words for whoever can act.

Says the model's name and the status, never the body: an endpoint may echo names and balances in it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from json import JSONDecodeError

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    OutputTokenLimitExceeded,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from data.errors import ModelError, ModelMisbehaved, ModelUnavailable

PASSING = (ModelConnectionError, ModelRateLimitError, ModelRequestTimeout, ModelServerError, ModelUnavailableError)
RAY_SERVE = "/-/routes"  # stands in Ray Serve's own 404, and in no model server's

UNAVAILABLE: tuple[tuple[type[ModelAPIError], str], ...] = (
    (ModelAuthenticationError, "refuses our key; check the API key of this endpoint"),
    (ModelNotFoundError, "is not known at this endpoint; check the model's name and the base URL"),
    (ModelQuotaExceededError, "has no quota left; top up the account or choose another model"),
    (ModelRateLimitError, "refuses for now because of its rate limit; try again later"),
    (ModelTimeoutError, "did not answer in time; try again later or choose another model"),
    (ModelRequestTimeout, "did not answer in time; try again later or choose another model"),
    (ModelConnectionError, "cannot be reached; check its base URL and that it is running"),
    (ModelServerError, "failed on its side; try again later or choose another model"),
    (ModelUnavailableError, "is overloaded or down; try again later or choose another model"),
)

MISBEHAVED: tuple[tuple[type[Exception], str], ...] = (
    (UsageLimitExceeded, "did not come to an answer within its limits of turns and tool calls"),
    (ModelContextWindowExceededError, "cannot hold this case in its context; choose a larger one"),
    (OutputTokenLimitExceeded, "used up its length before its answer was whole; allow it more, or choose another"),
    (ContentFilterError, "withheld its answer (its content filter)"),
)


class Silence(ModelTimeoutError):
    """A model has given no sign of life, or come to no end, for as long as it may take."""


@contextmanager
def our_errors(model: str) -> Generator[None]:
    """Within it, whatever the library raises about the model leaves as one of our errors.

    Raises:
        ModelUnavailable: it cannot be reached, or refuses.
        ModelMisbehaved: it answered, but not with anything usable.
    """
    try:
        yield
    except (ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded, JSONDecodeError) as error:
        raise translated(error, model) from error


def translated(error: Exception, model: str) -> ModelError:
    """Our error for the library's."""
    if is_garbled(error):
        return ModelMisbehaved(f'The model "{model}" sent what cannot be read; check that a model server is at its URL')
    for wrong, words in MISBEHAVED:
        if isinstance(error, wrong):
            return ModelMisbehaved(f'The model "{model}" {words}')
    for kind, words in UNAVAILABLE:
        if isinstance(error, kind):
            return ModelUnavailable(f'The model "{model}" {words}{_status(error)}')
    if isinstance(error, ModelRequestRejectedError | ModelHTTPError):
        return ModelUnavailable(f'The model "{model}" refused the request{_status(error)}')
    return ModelMisbehaved(f'The model "{model}" answered with nothing usable ({type(error).__name__})')


def is_passing(error: BaseException) -> bool:
    """True for what may be gone on the next try: broken connections, rate limits, failures of the server, garbage.

    Not for a model that was silent: whoever waits for it has waited long enough.
    """
    return not isinstance(error, Silence) and (
        isinstance(error, PASSING) or is_garbled(error) or _is_being_started(error)
    )


def is_garbled(error: BaseException) -> bool:
    """Whether the endpoint sent something that is no JSON where some should be."""
    return isinstance(error, JSONDecodeError) or isinstance(error.__cause__, JSONDecodeError)


def _is_being_started(error: BaseException) -> bool:
    """Whether Ray Serve says that nothing is at the path: while a host of models starts, none of them is."""
    return isinstance(error, ModelNotFoundError) and RAY_SERVE in str(error.body)


def asked_wait(error: BaseException | None) -> float:
    """Seconds the endpoint asked us to wait; 0 if it did not say."""
    return (error.retry_after or 0.0) if isinstance(error, ModelAPIError) else 0.0


def _status(error: Exception) -> str:
    return f" (HTTP {error.status_code})" if isinstance(error, ModelHTTPError) else ""
