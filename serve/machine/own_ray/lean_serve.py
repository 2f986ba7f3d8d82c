"""Ray Serve, loaded without pandas, which it takes for one of its encoders: a fifth of a process that only serves.

Imported before anything else of Ray Serve's, by whoever deploys and in each of Ray's workers. Whoever needs pandas
later imports it as ever.
"""

import sys
from importlib import import_module
from typing import Any, cast

_LOADED = "pandas" in sys.modules

if not _LOADED:
    # None makes the import fail, for which Serve is prepared.
    sys.modules["pandas"] = cast("Any", None)
import_module("ray.serve")

if not _LOADED:
    del sys.modules["pandas"]
