"""The steps of the Dockerfile in a clean folder, as a user without rights, where there is no Docker to run them.

Not done: what the base image brings, and the second stage's first step, which needs root (two packages and the user).
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 10001  # the image's user
BUILD_S = 900


@dataclass(frozen=True)
class Image:
    """What the image holds, in `place`, which stands for the folder of the same contents in the image."""

    named: str
    place: Path
    environment: dict[str, str]

    def run(self, command: list[str], **settings: str) -> list[str]:
        """A command of the image as one can start it here."""
        program = shutil.which(command[0], path=self.environment["PATH"])
        assert program, command
        return [program, *command[1:]]


def who() -> dict[str, Any]:
    """The image's user where this one is root, who may become anybody; else whoever runs the tests."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def build(place: Path, state: Path) -> Image:
    """Follow the Dockerfile; afterwards nobody may write in `place`."""
    parser = DockerfileParser(path=str(ROOT / "Dockerfile"))
    stage, named, given = -1, "", {"HOME": str(state)}
    python = _base(place.parent)
    for step in parser.structure:
        kind, value = step["instruction"], step["value"]
        stage += kind == "FROM"
        if kind == "WORKDIR":
            named = value
        elif kind == "COPY" and stage == 0:
            *sources, target = value.split()
            for source in sources:
                _copy(ROOT / source, place / target)
        elif kind == "RUN" and stage == 0:
            _run(value, python, place, state)
        elif kind == "ENV" and stage == 1:
            given |= dict(pair.split("=", 1) for pair in value.split())
    beside = f"{place}/.venv/bin:{python}:/usr/bin:/bin"
    here = {name: value.replace(named, str(place)).replace("/state", str(state)) for name, value in given.items()}
    subprocess.run(["chmod", "--recursive", "a-w", place], check=True)
    return Image(named, place, here | {"PATH": beside, "LANG": "C.UTF-8"})


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "secrets.toml"))
    else:
        target = Path(shutil.copy(source, target))
    if os.geteuid() == 0:
        subprocess.run(["chown", "--recursive", f"{NOBODY}:{NOBODY}", target], check=True)


def _base(folder: Path) -> Path:
    """The folder of the base image's `python`: this one's, or a copy where the image's user may not reach it."""
    base, prefix = folder / "base", Path(sys.base_prefix)
    program = Path(sys._base_executable)
    # Through a shell, which says so where another user may not run it.
    if subprocess.run(["sh", "-c", f"{program} -V"], capture_output=True, cwd="/", **who()).returncode != 0:
        left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "share", "include")
        shutil.copytree(prefix, base, symlinks=True, ignore=left_out)
        program = base / program.relative_to(prefix)
    named = folder / "bin"
    named.mkdir()
    (named / "python").symlink_to(program)
    return named


def _run(step: str, python: Path, place: Path, state: Path) -> None:
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    variables = {**pip, "PATH": f"{python}:/usr/bin:/bin", "HOME": str(state), "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["sh", "-euc", step], cwd=place, env=variables, capture_output=True, text=True, timeout=BUILD_S, **who()
    )
    assert done.returncode == 0, done.stdout + done.stderr
