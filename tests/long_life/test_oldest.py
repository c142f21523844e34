"""The oldest supported versions: what the metadata promises is what is pinned, installed and tried."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements-oldest.lock").read_text("utf-8")


def versions(name: str) -> list[str]:
    """Return the versions that are pinned: more than one where Pythons need different ones."""
    return re.findall(rf"^{re.escape(name)}==(\S+)", LOCK, re.MULTILINE)


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_the_lower_bound_is_the_version_that_is_tried(requirement: str) -> None:
    found = re.fullmatch(r"([\w-]+)(?:\[\w+])?>=([\d.]+)(?:,<\d+)?", requirement)
    assert found, f"{requirement}: has no lower bound"
    name, least = found.groups()
    assert any(f"{version}.".startswith(f"{least}.") for version in versions(name)), f"{requirement}: make lock"


def test_the_lock_holds_no_address() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^ *-", LOCK.replace("    --hash=sha256:", ""), re.MULTILINE)


def test_the_metadata_names_the_pythons_that_were_tried() -> None:
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one]
    told = (ROOT / "docs" / "compatibility.md").read_text("utf-8")
    assert f"Python {', '.join(named[:-1])} and {named[-1]}." in told
    assert PROJECT["requires-python"] == f">={named[0]}"
