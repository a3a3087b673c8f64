"""
The matrices of faults and of attacks: tables whose rows are shown by tests that exist.

A table is a file of TOML: under `groups` a title for each letter, then a table for each row, named
by its letter and number. What a row says is written at `Row`. A row has at least one test that
bears its name (`test_d01_…`), and `pytest -k d01` runs all tests that show it, however they are
called. docs/faults.md and docs/attacks.md are rendered from the tables.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

TESTS = Path(__file__).parent
FAULTS = TESTS / "faults" / "matrix.toml"
ATTACKS = TESTS / "attacks" / "matrix.toml"


@dataclass(frozen=True)
class Row:
    """One thing that goes wrong, or that somebody tries."""

    name: str
    injected: str
    """What is done to Heal."""
    holds: str
    """What must hold all the same."""
    shown: tuple[str, ...]
    """The tests that show it: `file::function`, below tests/."""
    seen: str
    """What came of it, with its numbers where something was counted."""
    limits: str = ""
    """What is not shown, and why."""
    full: str = ""
    """The modules, with their arguments, that show it at full size: `python -m …`."""


@dataclass(frozen=True)
class Matrix:
    """The rows of one table, in their order, and the titles of their letters."""

    groups: Mapping[str, str]
    rows: tuple[Row, ...]


@cache
def read(path: Path) -> Matrix:
    """Read one table; an empty one when there is no such file. TypeError for a key of no row."""
    if not path.exists():
        return Matrix({}, ())
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = told.pop("groups")
    rows = (Row(name, **{**row, "shown": tuple(row["shown"])}) for name, row in told.items())
    return Matrix(groups, tuple(rows))


@cache
def rows_of() -> Mapping[str, tuple[str, ...]]:
    """Which rows each test shows, by `file::function`."""
    found: dict[str, tuple[str, ...]] = {}
    for row in (*read(FAULTS).rows, *read(ATTACKS).rows):
        for test in row.shown:
            found[test] = (*found.get(test, ()), row.name)
    return found


def called(node: str) -> str:
    """
    Name the test of a pytest node as the tables do, without its parameters.

    >>> called("tests/faults/test_disk.py::test_it[a::b]@group")
    'faults/test_disk.py::test_it'
    """
    return node.partition("[")[0].partition("@")[0].removeprefix("tests/")


@cache
def known(place: str) -> Mapping[str, int]:
    """The tests of a file below tests/, each with its line; none when it is not there."""
    path = TESTS / place
    if not path.is_file():
        return {}
    return {
        node.name: node.lineno
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def flaws(matrix: Matrix) -> Iterator[str]:
    """What is wrong with a table: tests that are not there, rows without one of their name."""
    for row in matrix.rows:
        if row.name[0] not in matrix.groups:
            yield f"{row.name}: its letter has no title"
        for test in row.shown:
            place, _, name = test.partition("::")
            if name not in known(place):
                yield f"{row.name}: there is no {test}"
        named = f"::test_{row.name.lower()}_"
        if not any(named in test for test in row.shown):
            yield f"{row.name}: no test bears its name"
        if len(set(row.shown)) < len(row.shown):
            yield f"{row.name}: a test is named twice"


def page(path: Path) -> str:
    """Every row of a table with its tests, for a page in docs/."""
    matrix, parts = read(path), []
    for letter, rows in groupby(matrix.rows, key=lambda row: row.name[0]):
        parts.append(f"## {letter}. {matrix.groups[letter]}\n")
        parts += [_told(row) for row in rows]
    return "\n".join(parts)


def _told(row: Row) -> str:
    lines = [f"### {row.name}: {row.injected}", f"*Must hold:* {row.holds}", f"*Seen:* {row.seen}"]
    if row.limits:
        lines.append(f"*Not shown:* {row.limits}")
    lines.append("\n".join(f"* {_linked(test)}" for test in row.shown))
    if row.full:
        lines.append(f"At full size: `python -m {row.full}`")
    return "\n\n".join(lines) + "\n"


def _linked(test: str) -> str:
    place, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{place})"
