"""Run the tests of every row of the matrices, and count the rows that held."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence

import pytest

from tests import matrix
from tests.matrix import ATTACKS, FAULTS, Row


class Tally:
    """Hears from pytest how each test ended."""

    def __init__(self) -> None:
        self.passed = defaultdict[str, int](int)
        self.failed = defaultdict[str, list[str]](list)
        self.absent = defaultdict[str, set[str]](set)
        """Why tests did not run."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One part of one test: its setting up, itself, its cleaning up."""
        test = matrix.called(report.nodeid)
        if report.failed:
            self.failed[test].append(report.nodeid)
        elif report.skipped:
            self.absent[test].add(_reason(report))
        elif report.when == "call":
            self.passed[test] += 1

    def failures(self, row: Row) -> list[str]:
        """What failed of a row; a test of which nothing at all was heard is no proof either."""
        silent = [test for test in row.shown
                  if not (self.passed[test] or self.failed[test] or self.absent[test])]  # fmt: skip
        return [*(node for test in row.shown for node in self.failed[test]), *silent]

    def line(self, row: Row) -> str:
        """One row of the report."""
        failed, held = self.failures(row), sum(self.passed[test] for test in row.shown)
        said = f"{row.name}  {'FAILED' if failed else 'holds '}  {held:4} passed  {row.injected}"
        told = [f"     failed: {node}" for node in failed]
        for test in row.shown:
            told += [f"     not run here: {test}: {why}" for why in sorted(self.absent[test])]
        return "\n".join([said, *told])


def run(chosen: Sequence[str], *, full: bool) -> int:
    """
    Run the rows with these names, all without any; print each and the sum; 1 when one failed.

    With `full` the campaigns of the rows are played as well, one after the other.
    """
    tables = [[row for row in matrix.read(path).rows if not chosen or row.name in chosen]
              for path in (FAULTS, ATTACKS)]  # fmt: skip
    rows = [row for table in tables for row in table]
    tests = dict.fromkeys(f"tests/{test}" for row in rows for test in row.shown)
    tally = Tally()
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *tests], plugins=[tally])
    print(*(tally.line(row) for row in rows), sep="\n")
    broken = {row.name for row in rows if tally.failures(row)}
    if full:
        broken |= _campaigns(rows)
    faults, attacks = tables
    lost, let_in = (sum(row.name in broken for row in table) for table in tables)
    print(f"\n{len(faults)} faults, {len(attacks)} attacks, {lost} lost, {let_in} let in")
    return int(bool(broken) or not rows)


def _campaigns(rows: Iterable[Row]) -> set[str]:
    """Play each campaign once; the names of the rows whose campaign failed."""
    wanted = defaultdict[str, list[str]](list)
    for row in rows:
        if row.full:
            wanted[row.full].append(row.name)
    broken = set[str]()
    for words, names in wanted.items():
        print(f"\n== {', '.join(names)}: python -m {words}", flush=True)
        if subprocess.run([sys.executable, "-m", *words.split()], check=False).returncode:
            broken |= {*names}
    return broken


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    return str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ")
