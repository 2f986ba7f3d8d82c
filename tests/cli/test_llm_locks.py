"""The locked environments of language models: whole, hashed, and what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("group", ["llm", "llm-cpu", "client"])
def test_a_lock_holds_what_its_group_asks_for_with_hashes_and_no_address(group: str):
    text = (ROOT / f"requirements-{group}.lock").read_text("utf-8")
    pinned = {canonicalize_name(name): version for name, version in PIN.findall(text)}
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"][group]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement.name
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert "--index" not in text


def test_ray_is_the_same_in_every_environment():
    found = {
        version
        for name in ("requirements.lock", "requirements-llm.lock", "requirements-llm-cpu.lock")
        for package, version in PIN.findall((ROOT / name).read_text("utf-8"))
        if package == "ray"
    }
    assert found == {"2.60.0"}
