"""Decisions are numbered, short and in Nygard's four parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules import house

RECORDS = sorted((house.ROOT / "docs" / "adr").glob("*.md"))
PARTS = ["Status", "Context", "Decision", "Consequences"]
LONGEST = 60


def test_the_numbers_run_from_one_without_a_gap_or_a_twin() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in RECORDS]

    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_has_its_four_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    number = path.name.partition("-")[0].lstrip("0")

    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert text.startswith(f"# {number}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == PARTS
    assert len(text.splitlines()) <= LONGEST
