"""SECURITY.md promises nothing that no row shows, and leaves out no attack."""

from __future__ import annotations

import re

from tests import matrix
from tests.matrix import ATTACKS, FAULTS
from tests.rules import house

PAGE = (house.ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROW = re.compile(r"\b[A-G]\d\d\b")
KNOWN = {row.name: row for path in (FAULTS, ATTACKS) for row in matrix.read(path).rows}


def test_every_row_that_the_page_names_is_there_with_its_tests() -> None:
    named = set(ROW.findall(PAGE))

    assert named <= KNOWN.keys()
    assert all(KNOWN[name].shown for name in named)


def test_every_promise_names_the_rows_that_show_it() -> None:
    promises = PAGE.partition("## Boundaries")[2].partition("\n## ")[0]
    told = [line for line in promises.splitlines() if line.startswith("- ")]

    assert len(told) > 20
    assert [
        line for line in told if not re.search(r": \[[A-G]\d\d(?:, [A-G]\d\d)*\]\.$", line)
    ] == []


def test_every_attack_is_named_on_the_page() -> None:
    assert {row.name for row in matrix.read(ATTACKS).rows} <= set(ROW.findall(PAGE))
