"""What an extract says to people: every figure is in it, and nothing from outside is markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from pydantic import JsonValue

from bot.core import chain, circle, facts
from bot.core.approval import Vote
from bot.core.chain import Head
from bot.core.extracts import Extract, Stated
from bot.core.telling import book, hypertext, markdown
from bot.core.transcript import Entry
from tests import builders
from tests.slack.cards import stories

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)>\'" onload="x\n'
    "# heading\n```\n</pre><b>\n| a | b |\n[x](javascript:alert(3)) `y` &lt; \u202e\u2028 ${7*7}"
)
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "code"),
    *("div", "table", "tr", "th", "td", "ul", "li", "pre"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "data-name"}


WIDE = ("edited", "glass_broken", "proposed", "in_increments", "rollback_failed", "not_fixed")
"""Stories that together hold nearly every kind of text from outside."""


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set[str](), set[str](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def extract(entries: list[Entry]) -> Extract:
    stated = Stated("2026-03-14T04:00:00.000000Z", "everything", len(entries),
                    Head(entries[-1].seq, entries[-1].hash), by="0.1.0")  # fmt: skip
    return Extract(stated, tuple(map(chain.row, entries)))


def text(*entries: Entry) -> str:
    return markdown.rendered(book.evidence(extract(list(entries))))


def page(*entries: Entry) -> str:
    return hypertext.rendered(book.TITLE, book.evidence(extract(list(entries))))


def hurt(value: JsonValue) -> JsonValue:
    """The same with something hostile behind every text that may be any text."""
    match value:
        case str() if re.search(r"[ .:/']", value) and not re.match(r"\d{4}-\d\d-\d\dT", value):
            return value + HOSTILE
        case list():
            return [hurt(one) for one in value]
        case dict():
            return {name: hurt(one) if name != "kind" else one for name, one in value.items()}
        case _:
            return value


def hostile(name: str) -> list[Entry]:
    told = []
    for entry in builders.entries(*stories.STORIES[name]()):
        body = json.dumps(hurt(json.loads(entry.body)))
        try:
            fact = facts.read(body)
        except ValueError:
            fact = facts.read(entry.body)
        told.append(builders.Told(fact, entry.actor + HOSTILE))
    return builders.entries(*told[:60], *told[-30:]) if len(told) > 90 else builders.entries(*told)


@pytest.mark.parametrize("name", WIDE)
def test_hostile_texts_anywhere_are_inert_on_a_page(name: str) -> None:
    entries = hostile(name)
    seen = Seen(page(*entries))

    assert "<script>alert(1)</script>" in seen.text, "it is there, as text"
    assert (seen.tags - TAGS, seen.attributes - ATTRIBUTES) == (set(), set())
    assert not re.search("[\u202e\u2028]", page(*entries))


@pytest.mark.parametrize("name", WIDE)
def test_hostile_texts_anywhere_are_inert_in_markdown(name: str) -> None:
    told = text(*hostile(name))
    around, fence, held = told.partition("\n```jsonl\n")
    others = re.sub(r"\n```json\n.*?\n```\n", "\n", around, flags=re.DOTALL)
    plain = re.sub(r"^ {4}.*$", "", others, flags=re.MULTILINE)

    escaped = re.sub(r"\\.", "", plain)
    commands = set(re.findall("`([^`]*)`", escaped))

    assert fence
    assert held.count("```\n") == 1
    assert not re.search(r"<|\]\(|&lt;", escaped)
    assert {one.partition(" inc-")[0] for one in commands} <= {
        "heal audit verify --ledger FILE", "--head", "heal audit show"}  # fmt: skip
    assert "# heading" not in {line.strip() for line in told.splitlines()}


@pytest.mark.parametrize("write", [text, page])
def test_a_page_needs_nothing_from_elsewhere(write: Callable[..., str]) -> None:
    told = write(*builders.entries(*stories.STORIES["resolved"]()))

    assert not re.search(r"<script|<link|<iframe|\bsrc=|href=|url\(|@import", told)
    if write is page:
        assert "default-src 'none'" in told
        assert "@media print" in told


def test_the_packet_of_a_run_has_every_figure_that_was_recorded() -> None:
    entries = builders.entries(*stories.STORIES["rollback_failed"]())
    known = builders.an_incident(*stories.STORIES["rollback_failed"]())
    plan, planned = known.plan, known.planned
    assert plan is not None
    assert planned is not None
    told = Seen(page(*entries)).text
    wanted = [
        planned.digest, plan.policy_digest, plan.runbook_digest, plan.criteria.success,
        *(step.scope.blast_radius.line for step in plan.steps),
        *(step.scope.says for step in plan.steps), *(step.scope.undo_says for step in plan.steps),
        *(reason for verdict in planned.verdicts for reason in (verdict.rule, verdict.reason)),
        *(step.says for step in (*known.steps, *known.undone)),
        *(chain.stamp(one.at) for one in known.story), *(vote.vote.who for vote in known.votes),
        *(one.hash for one in entries if one.kind != "alert.joined"), known.run,
    ]  # fmt: skip

    assert [one for one in wanted if one.strip() not in told] == []


def test_a_step_stands_with_when_it_began_and_ended_what_it_was_given_and_what_came_of_it() -> None:
    story = stories.STORIES["rolled_back"]()
    known = builders.an_incident(*story)
    told = text(*builders.entries(*story)).partition("## Steps carried out")[2].partition("## ")[0]
    rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| ")][2:]
    began = [one.at for one in known.story if isinstance(one.fact, facts.Claimed)]
    ended = [one.at for one in known.story if isinstance(one.fact, facts.Stepped)]

    assert [row[1] for row in rows] == list(map(chain.stamp, began))
    assert [row[2] for row in rows] == list(map(chain.stamp, ended))
    assert [row[0] for row in rows] == ["| 1", "| 2", "| 2, back", "| 1, back"]
    assert all("host=web-1, unit=shop" in row[4] for row in rows)


def test_what_was_read_before_and_after_stands_side_by_side() -> None:
    before = facts.Reading(name="web", probe="http.get", seen={"status": 502, "log": "a\nb"})
    after = facts.Reading(name="web", probe="http.get", seen={"status": 200})
    blind = facts.Reading(name="load", probe="p", error="no answer")
    plan = builders.a_plan()
    story = builders.entries(
        builders.an_opening(),
        facts.Chosen(runbook=plan.runbook),
        facts.Diagnosed(readings=(before, blind)),
        facts.Planned(round=1, plan=plan, digest=plan.digest),
        facts.Allowed(round=1, digest=plan.digest),
        facts.Started(digest=plan.digest, runbook=plan.runbook, service="shop",
                      environment="production", targets=("t",)),
        facts.Acted(),
        facts.Verified(passed=True, why="it holds", checks=1, held=1, seconds=1, readings=(after,)),
    )  # fmt: skip
    told = text(*story)

    assert "| web: status | 502 | 200 |" in told
    assert "| load | nothing seen: no answer |" in told
    assert "\n      a\n      b\n" in told, "the lines of a log as they are"


def test_every_click_stands_with_why_it_counted_and_who_could_have_decided() -> None:
    grounds = {"U1": ("approvers",), "U2": ("approvers",), "U3": ("U3",)}
    words = ("approvers", "U3", "pd:night")
    seen = [circle.seen(builders.START, words, grounds, {"pd:night": "no answer"}, who)
            for who in ("U1", "U3", "U9")]  # fmt: skip
    told = text(*builders.entries(
        builders.an_opening(),
        facts.Voted(round=1, vote=Vote(who="U1", yes=True), grounds={"U1": ("approvers",)},
                    seen=seen[0]),
        facts.Voted(round=1, vote=Vote(who="U3", yes=True), grounds=grounds, seen=seen[1]),
        facts.Barred(round=1, who="U9", why="Only approvers may decide this.", seen=seen[2]),
    ))  # fmt: skip
    rows = told.partition("## Who decided, and why they might")[2].partition("## ")[0]
    who = "read 2026-03-14T03:00:00.000000Z; approvers: U1, U2; U3: U3; "
    who += "pd:night could not be asked about: no answer"

    assert f"| one of approvers | {who} |" in rows
    assert f"| named by policy | {who} |" in rows
    assert f"| not allowed: Only approvers may decide this. | {who} |" in rows


def test_whoever_clicked_is_named_in_a_group_of_many() -> None:
    many = {f"U{number:03}": ("staff",) for number in range(200)}
    seen = circle.seen(builders.START, ("staff",), many, {}, "U150")

    assert seen.of("U150") == ("staff",)
    assert (len(seen.members["staff"]), seen.counts["staff"]) == (circle.MOST, 200)


def test_a_click_from_before_that_was_kept_says_so() -> None:
    vote = facts.Voted.model_validate({"round": 1, "vote": {"who": "U1", "yes": True}})
    told = text(*builders.entries(builders.an_opening(), vote))

    assert "checked at the click; by which group was not recorded then" in told
