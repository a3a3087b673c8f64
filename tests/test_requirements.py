"""Every ask of the source documents is shown by a test that exists, or is said to be planned."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MAPPED: dict[str, str | list[str]] = tomllib.loads((TESTS / "requirements.toml").read_text())
ASKED = [*(f"R{number}" for number in range(1, 138)), *(f"C{number}" for number in range(1, 11))]


@cache
def names(path: Path) -> frozenset[str]:
    """The tests of a file, or the promises of a runbook; none when it is not there."""
    if not path.is_file():
        return frozenset()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        return frozenset(one["name"] for one in yaml.safe_load(text)["tests"])
    return frozenset(
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def shown(by: str) -> bool:
    """Whether what is named exists: `file::name`, below tests/ or in runbooks/."""
    place, _, name = by.partition("::")
    folder = ROOT if place.startswith("runbooks/") else TESTS
    return name in names(folder / place)


def test_every_ask_is_mapped_and_nothing_else_is() -> None:
    assert list(MAPPED) == ASKED


@pytest.mark.parametrize("ask", ASKED)
def test_an_ask_is_shown_by_tests_that_exist_or_is_planned(ask: str) -> None:
    mapped = MAPPED[ask]
    if isinstance(mapped, str):
        assert mapped.startswith("planned: "), f"{ask}: name tests, or say `planned: <issue>`"
        return

    assert mapped, f"{ask} is mapped to nothing"
    assert [by for by in mapped if not shown(by)] == [], f"{ask} names tests that are not there"
