"""One cluster for all tests of this folder; each leaves it whole, whatever it takes away."""

from collections.abc import Iterator

import pytest

from tests.cluster.machines import are_possible
from tests.cluster.stand import Stand


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    if not are_possible():
        pytest.skip("machines of its own need root, `ip`, `unshare` and `nsenter`")
    stand = Stand()
    try:
        stand.open()
        stand.start()
        yield stand
    finally:
        stand.close()
