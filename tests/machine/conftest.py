"""Loads Ray Serve before any test does."""

import warnings

with warnings.catch_warnings():  # Ray Serve's import warns of its own use of Pydantic
    warnings.simplefilter("ignore")
    import ray.serve  # noqa: F401
