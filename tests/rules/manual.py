"""What docs/slack.md owes to the code: every word that can be asked for."""

from __future__ import annotations

from bot.slack.manual import BOOK, Group
from tests.rules import house
from tests.rules.tables import table

PAGE = house.ROOT / "docs" / "slack.md"


def words() -> str:
    """A table for each group."""
    return "\n".join(f"### {group}\n\n{_of(group)}" for group in Group)


def _of(group: Group) -> str:
    rows = [
        (f"`{_cell(one.form)}`", one.says, one.who, f"`{_cell(one.example)}`")
        for one in BOOK.values()
        if one.group is group
    ]
    return table(("write", "to", "who may", "for example"), rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PARTS = {"words": words}
