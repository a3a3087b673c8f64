"""However large a plan is, Slack takes its card, and what that leaves out is said and attached."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import facts
from bot.core.incident import Incident
from bot.core.policy.verdict import Ruling
from bot.core.telling import planned
from bot.ports import Person
from bot.rehearsal.workspace.kit import surfaces
from bot.slack.cards import escaping, home, lists, message, notes, parts, root
from tests import builders
from tests.slack import tales
from tests.slack.cards import stories
from tests.slack.house import House

WORDS = st.text("abcdefgh ijkl-/=", min_size=1, max_size=900).map(lambda one: f"x{one.strip()}x")


def story(says: list[str], readings: int) -> tuple[Any, ...]:
    """People are asked about a plan of so many steps, after so many readings."""
    plan = builders.a_plan()
    steps = tuple(
        plan.steps[0].model_copy(
            update={
                "number": number,
                "scope": plan.steps[0].scope.model_copy(update={"says": one}),
            }
        )
        for number, one in enumerate(says, 1)
    )
    large = plan.model_copy(update={"steps": steps})
    opening, chosen, *_ = tales.awaiting()
    seen = tuple(
        facts.Reading(name=f"probe{n}", probe="http.get", seen={"status": "5" * 300})
        for n in range(readings)
    )
    asked = tales.awaiting()[-1]
    return (opening, chosen, facts.Diagnosed(readings=seen),
            facts.Planned(round=1, plan=large, digest=large.digest, ruling=Ruling.ASK),
            asked)  # fmt: skip


def fits(shown: message.Message) -> bool:
    """Whether it is within what Slack takes of one message."""
    blocks: list[Any] = shown.blocks
    texts = [block["text"]["text"] for block in blocks if "text" in block]
    return (
        len(shown.blocks) <= message.MOST_BLOCKS
        and sum(map(message.size, shown.blocks)) <= message.MOST_CHARACTERS
        and all(0 < len(str(text)) <= 3000 for text in texts)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30), st.integers(0, 60))
def test_every_word_of_a_plan_is_on_the_card_or_the_card_says_that_it_is_not(
    says: list[str], readings: int
) -> None:
    incident: Incident = builders.an_incident(*story(says, readings))
    card = root.card(incident, builders.START)
    shown, told = str(card.blocks), json.dumps(planned.plan(incident), ensure_ascii=False)
    whole = all(escaping.code(one, 9999) in shown for one in says)

    assert whole or message.is_cut(card)
    assert all(json.dumps(one, ensure_ascii=False) in told for one in says), "the file has all"
    assert fits(card)
    assert all(fits(note.message) for note in notes.notes(incident))


async def test_what_does_not_fit_a_card_stands_in_its_thread_as_a_file_at_once(
    house: House,
) -> None:
    says = [f"step {number} of many: {'word ' * 100}end" for number in range(1, 13)]
    house.cases.tell(*story(says, 3))
    card = await house.card()
    await house.workspace.until(lambda: house.workspace.files)
    await house.idle()
    (content,) = house.files(card).values()

    assert all(one in content for one in says)
    assert message.NOT_WHOLE in str(house.workspace.thread("alerts", card)[0]["blocks"])


async def test_a_card_that_says_all_attaches_nothing(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.card()
    await house.idle()

    assert house.workspace.files == {}


def everything() -> list[Incident]:
    """Very many incidents, some in each state."""
    return [stories.incident(name).model_copy(update={"id": f"inc-{place}{number}"})
            for place, name in enumerate(stories.STORIES) for number in range(12)]  # fmt: skip


def huge_status() -> message.Message:
    froze = facts.Froze(by="U1", service="s" * 80, until=builders.START, why="why " * 100)
    known = everything()
    ordered = lists.Ordered(None, [froze] * 60, ["allowed " * 30] * 60, (), "storm " * 50)
    return lists.status([one for one in known if not one.over], known, ordered, ["said " * 50] * 20)


def huge_problems() -> message.Message:
    names = tuple(f"inc-{number:06}" for number in range(400))
    one = facts.Proposed(by="U1", title="t" * 150, service="shop", environment="production",
                         incidents=names)  # fmt: skip
    return lists.problems([one] * 60)


def huge_runbooks() -> message.Message:
    known = builders.a_runbook()
    return lists.runbooks([known.model_copy(update={"runbook": f"rb-{n}"}) for n in range(500)])


@pytest.mark.parametrize(
    "answer", [lambda: lists.history(everything()), huge_status, huge_problems, huge_runbooks],
    ids=["history", "status", "problems", "runbooks"],
)  # fmt: skip
def test_however_much_there_is_to_list_slack_takes_it_and_it_says_how_much_is_left_out(
    answer: Callable[[], message.Message],
) -> None:
    said = answer()

    assert surfaces.accepted(said.blocks, surfaces.Surface.MESSAGE)
    assert fits(said)
    assert message.is_cut(said) or "more" in str(said.blocks)


def test_however_much_goes_on_slack_takes_the_home_tab() -> None:
    known = everything()
    person = Person(waiting=tuple(one.id for one in known if not one.over))
    links = {one.id: "https://local.slack.com/archives/C0/p1" for one in known}
    seen = home.Seen(person, [one for one in known if not one.over], known,
                     lacking=["a scope " * 40] * 40, links=links)  # fmt: skip

    assert surfaces.accepted(home.home(seen)["blocks"], surfaces.Surface.HOME)


def test_one_line_that_is_longer_than_a_section_is_shortened_and_says_so() -> None:
    [block] = parts.sections("", [", ".join(f"`inc-{n:06}`" for n in range(400))], 9000)
    text = str(block["text"])

    assert len(text) < 3000
    assert message.SHORTENED in text
    assert text.count("`") % 2 == 0, "nothing is cut in the middle of a name"


async def test_a_list_that_is_longer_than_a_message_comes_to_who_asked_as_a_file(
    house: House,
) -> None:
    known = builders.a_runbook()
    house.requests.books = [known.model_copy(update={"runbook": f"rb-{n}"}) for n in range(300)]
    await house.workspace.command("ana", "alerts", "/heal", "list")
    files = house.workspace.files
    await house.workspace.until(lambda: [one for one in files.values() if one.shared])
    [file] = files.values()
    content = (file.content or b"").decode()
    [note] = house.workspace.ephemerals

    assert all(f"`rb-{n}`" in content for n in range(300))
    assert "comes to you as a file" in str(note.message["blocks"])


async def test_a_list_that_fits_is_no_file(house: House) -> None:
    house.requests.books = [builders.a_runbook()]
    await house.workspace.command("ana", "alerts", "/heal", "list")
    [note] = await house.workspace.until(lambda: house.workspace.ephemerals)
    await house.idle()

    assert "1 runbooks" in str(note.message["blocks"])
    assert house.workspace.files == {}


SIGNS = st.characters(codec="utf-8") | st.sampled_from("<>&*_~`|:@#漢🧨́")
NAMES = st.text(SIGNS, max_size=300)
COUNTS = st.one_of(st.integers(1, 60), st.integers(60, 500))


def numbered(count: int, words: str) -> list[str]:
    """So many texts, each known by its number, in somebody else's words."""
    return [f"n{number:03}n {escaping.escape(words, 400)}" for number in range(count)]


def all_told(blocks: list[message.Block], count: int) -> bool:
    """Whether each of them is shown or counted; or it is said that not all is told here."""
    said = json.dumps(blocks, ensure_ascii=False)
    shown = len(set(re.findall(r"n\d{3}n", said)))
    counted = sum(map(int, re.findall(r"and (\d+) more", said)))
    return shown + counted >= count or message.SHORTENED in said


@settings(max_examples=15, deadline=None)
@given(COUNTS, NAMES, st.sampled_from(["", "title"]), st.integers(100, 12_000))
def test_lines_in_any_number_and_script_are_shown_or_counted(
    count: int, words: str, title: str, most: int
) -> None:
    said = message.of(words, parts.sections(title, numbered(count, words), most))

    assert surfaces.accepted(said.blocks, surfaces.Surface.MESSAGE)
    assert all_told(said.blocks, count)


@settings(max_examples=40, deadline=None)
@given(COUNTS, NAMES, st.integers(1, 5), st.integers(0, 80))
def test_a_table_of_any_size_and_what_stands_beside_it_is_taken_and_its_rows_are_counted(
    count: int, words: str, columns: int, beside: int
) -> None:
    rows = [[first, *[words] * (columns - 1)] for first in numbered(count, words)]
    lines = parts.sections("beside", [words * 3] * beside, 5600)
    said = message.of(words, [*lines, parts.table(["name"] * columns, rows)])

    assert surfaces.accepted(said.blocks, surfaces.Surface.MESSAGE)
    assert all_told(said.blocks[-1:], count)


@settings(max_examples=40, deadline=None)
@given(COUNTS, NAMES)
def test_blocks_in_any_number_are_taken_and_those_left_out_are_counted(
    count: int, words: str
) -> None:
    said = message.of(words, map(parts.section, numbered(count, words)))

    assert surfaces.accepted(said.blocks, surfaces.Surface.MESSAGE)
    assert all_told(said.blocks, count)


@settings(max_examples=15, deadline=None)
@given(COUNTS, NAMES)
def test_readings_in_any_number_are_told_or_counted_in_every_post_that_tells_them(
    count: int, words: str
) -> None:
    seen = tuple(
        facts.Reading(name=name[:100], probe="http.get", seen={"status": words})
        for name in numbered(count, words)
    )
    told: list[facts.Fact] = []
    for one in tales.healed():
        fact = one.fact if isinstance(one, builders.Told) else one
        if isinstance(fact, facts.Diagnosed | facts.Verified):
            told.append(fact.model_copy(update={"readings": seen}))
        else:
            told.append(fact)
    incident = builders.an_incident(*told)
    for note in notes.notes(incident):
        assert surfaces.accepted(note.message.blocks, surfaces.Surface.MESSAGE), note.slot
        if note.slot in {"evidence", "verified"}:
            assert all_told(note.message.blocks, count), note.slot
