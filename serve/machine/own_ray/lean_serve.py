"""Ray Serve, loaded without pandas, which it takes for one of its encoders: a fifth of a process that only serves.

Imported before anything else of Ray Serve's, by whoever deploys and in each of Ray's workers. Whoever needs pandas
later imports it as ever.
"""

import sys
from typing import Any, cast

from serve.loading import loaded

_IS_LOADED = "pandas" in sys.modules

if not _IS_LOADED:
    # None makes the import fail, for which Serve is prepared.
    sys.modules["pandas"] = cast("Any", None)
loaded("ray.serve")

if not _IS_LOADED:
    del sys.modules["pandas"]
