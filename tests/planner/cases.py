"""How many cases each law is tried on: the numbers given, and many times as many in the nightly run."""

import os

from hypothesis import settings

NIGHTLY = 25


def cases(count):
    """The settings of a law that is tried on so many cases."""
    return settings(max_examples=count * (NIGHTLY if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 1))
