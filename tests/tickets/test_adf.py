"""Whatever an alert says is a document that Jira takes, and only text in it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core import visible
from bot.core.telling.blocks import Table
from bot.tickets import jira
from bot.tickets._notes import Note
from tests.desks import adf
from tests.tickets.test_markdown import TEXTS


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=3).map("\n".join), st.lists(TEXTS, min_size=2, max_size=2))
@example("\ud800", "\0\n\n", ["", "[~accountid:1]"])
def test_any_note_is_a_valid_document_that_reads_the_same(
    title: str, text: str, cells: list[str]
) -> None:
    table = Table(("Before", "After"), (tuple(cells),))
    document = jira.document(Note(title, text, table, "", "inc-1", ("inc-1.0",)))
    row = "".join(f"{visible.line(cell)}\t" for cell in cells)
    lines = [visible.line(title), *map(visible.line, text.splitlines())]

    assert adf.why_not(document) == ""
    assert [line for line in adf.text_of(document["content"]).splitlines() if line] == [
        *filter(None, lines), "Before\tAfter\t", row, "heal:inc-1.0",
    ]  # fmt: skip
    assert {one["type"] for one in adf.inline(document)} <= {"text", "hardBreak"}


def test_a_link_of_ours_is_one() -> None:
    link = "https://heal.example/incidents/inc-1"
    document = jira.document(Note("t", "", None, link, "inc-1", ("inc-1.0",)))
    marks = [mark for one in adf.inline(document) for mark in one.get("marks", [])]

    assert {"type": "link", "attrs": {"href": link}} in marks
    assert adf.why_not(document) == ""


def test_the_double_refuses_what_jira_refuses() -> None:
    empty = {"type": "text", "text": ""}
    mention = {"type": "mention", "attrs": {"id": "1"}}
    loose = {"type": "text", "text": "x"}

    assert "Atlassian Document" in adf.why_not("a string")
    for inline in (empty, mention):
        paragraph = {"type": "paragraph", "content": [inline]}
        assert adf.why_not({"version": 1, "type": "doc", "content": [paragraph]})
    assert adf.why_not({"version": 1, "type": "doc", "content": [loose]})
