from __future__ import annotations

from pathlib import Path

from bot.core.policy import page

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"


def test_the_page_says_what_the_code_does() -> None:
    """When this fails, write the page anew with page.filled."""
    text = PAGE.read_text()

    assert text == page.filled(text)


def test_every_table_is_on_the_page() -> None:
    text = PAGE.read_text()

    assert [text.count(f"<!-- table: {name} -->") for name in ("rules", "points", "fields")] == [
        1,
        1,
        1,
    ]


def test_what_stands_outside_the_markers_is_left_as_it_is() -> None:
    actual = page.filled("before\n<!-- table: points -->\nold\n<!-- end -->\nafter\n")

    assert actual.startswith("before\n<!-- table: points -->\n| points | when |\n")
    assert actual.endswith("|\n<!-- end -->\nafter\n")


def test_every_key_of_the_policy_is_described() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.endswith("|  |")] == []
