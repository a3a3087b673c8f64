"""Every row of the matrices is shown by tests that exist, one of which bears its name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests import matrix, tally
from tests.matrix import ATTACKS, FAULTS, Matrix, Row

ROW = Row("Z01", "injected", "holds", ("test_matrix.py::test_z01_is_shown",), "seen")


@pytest.mark.parametrize("table", [FAULTS, ATTACKS], ids=lambda one: one.parent.name)
def test_every_row_is_shown_by_tests_that_exist_and_one_bears_its_name(table: Path) -> None:
    assert list(matrix.flaws(matrix.read(table))) == []


def test_every_fault_that_was_thought_of_has_a_row() -> None:
    thought_of = {"D": 8, "E": 11, "F": 6, "H": 2}
    names = [f"{letter}{number:02}" for letter, most in thought_of.items()
             for number in range(1, most + 1)]  # fmt: skip

    assert [row.name for row in matrix.read(FAULTS).rows] == names


def test_a_row_whose_tests_are_not_there_is_told() -> None:
    [missing] = matrix.flaws(Matrix({"Z": "nothing"}, (ROW,)))

    assert missing == "Z01: there is no test_matrix.py::test_z01_is_shown"


def test_a_row_that_no_test_is_named_after_is_told() -> None:
    here = ("test_matrix.py::test_a_row_that_no_test_is_named_after_is_told",)
    row = Row("Z02", "injected", "holds", here, "seen")

    assert list(matrix.flaws(Matrix({"Z": "nothing"}, (row,)))) == ["Z02: no test bears its name"]


def test_what_shows_a_row_is_found_by_the_rows_name(request: pytest.FixtureRequest) -> None:
    """Of all tests that run with this one; by itself it finds none to ask."""
    shows = matrix.rows_of()
    unmarked = [
        one.nodeid
        for one in request.session.items
        if not one.extra_keyword_matches >= {*shows.get(matrix.called(one.nodeid), ())}
    ]

    assert unmarked == []


def test_a_row_of_which_a_test_failed_or_never_ran_does_not_hold() -> None:
    heard = tally.Tally()
    passed, failed, skipped = reported("passed"), reported("failed"), reported("skipped")

    assert heard.failures(ROW) == list(ROW.shown), "nothing was heard of it"
    heard.pytest_runtest_logreport(skipped)
    assert heard.failures(ROW) == []
    assert "not run here: test_matrix.py::test_z01_is_shown: no sshd" in heard.line(ROW)
    heard.pytest_runtest_logreport(passed)
    assert heard.line(ROW).startswith("Z01  holds      1 passed")
    heard.pytest_runtest_logreport(failed)
    assert heard.failures(ROW) == [failed.nodeid]
    assert heard.line(ROW).startswith("Z01  FAILED")


def reported(outcome: Literal["passed", "failed", "skipped"]) -> pytest.TestReport:
    why = ("", 1, "Skipped: no sshd") if outcome == "skipped" else None
    node = "tests/test_matrix.py::test_z01_is_shown[a]"
    return pytest.TestReport(node, ("", 1, ""), {}, outcome, why, "call")


def test_no_two_rows_have_one_name() -> None:
    names = [row.name for table in (FAULTS, ATTACKS) for row in matrix.read(table).rows]

    assert len(names) == len(set(names))
