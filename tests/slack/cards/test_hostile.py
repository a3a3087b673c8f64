"""No text of anybody else becomes markup, a mention or a link; no card is too large for Slack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.core import telling
from bot.core.incident import Incident
from bot.ports import Person
from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.slack.cards import home, lists, message, modals, notes, parts, private, progress, root
from bot.slack.cards.message import Message
from bot.slack.dressing import Dress
from tests import builders
from tests.slack.cards import hostile, stories

NOW = builders.START + timedelta(minutes=4)
OWN = re.compile(
    r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[0-9: -]+ UTC>|<@U0ANA>"
    r"|<https://evil\.example/[^<>|\s]*\|evil\.example>"
)
TEXTS = st.lists(st.sampled_from(hostile.FRAGMENTS) | st.text(max_size=8), max_size=12).map("".join)
TEXTS = TEXTS.filter(lambda text: not re.fullmatch(r"[SUW][A-Z0-9]+", text))  # ids may be named
READ = frozenset({"mrkdwn", "plain_text", "plan", "task_card"})
TOLD = ("awaiting", "awaiting_two", "changed", "running", "kept", "resolved", "rejected",
        "halted", "unmatched", "denied", "rollback_failed", "not_fixed", "dry_run", "reverted",
        "undoing")  # fmt: skip


def messages(incident: Incident) -> Iterator[Message]:
    yield root.card(incident, NOW)
    yield from filter(None, [progress.card(incident)])
    yield from (note.message for note in notes.notes(incident))
    yield lists.status([incident] * 30, [incident] * 30, lists.Ordered(builders.halted()))
    yield lists.history([incident] * 60)


def everywhere(incident: Incident) -> home.Seen:
    """A Home tab on which this incident stands wherever one can stand."""
    person = Person(waiting=(incident.id,) * 30, operates=True, doubts=incident.opened.title)
    ordered = lists.Ordered(builders.halted())
    return home.Seen(person, [incident] * 80, [incident] * 50, ordered,
                     lacking=[incident.opened.title])  # fmt: skip


def views(incident: Incident) -> Iterator[tuple[Surface, Any]]:
    yield Surface.MODAL, modals.reject(incident, 1)
    yield Surface.MODAL, modals.details(incident)
    yield (
        Surface.HOME,
        home.home(everywhere(incident)),
    )


def marked(part: JsonValue, kinds: frozenset[str] = READ) -> Iterator[str]:
    """Every text that Slack reads for markup or entities; rich text and cells are taken raw."""
    if isinstance(part, list):
        for one in part:
            yield from marked(one, kinds)
    elif isinstance(part, dict):
        if part.get("type") in kinds:
            yield str(part.get("text") or part["title"])
        for one in part.values():
            yield from marked(one, kinds)


def everything(incident: Incident, kinds: frozenset[str] = READ) -> Iterator[str]:
    for one in messages(incident):
        yield one.text
        yield from marked([*one.blocks], kinds)
    for _, view in views(incident):
        yield from marked(view, kinds)


@given(name=st.sampled_from(TOLD), text=TEXTS)
@settings(max_examples=40, deadline=None)
def test_c05_what_others_wrote_is_never_a_mention_or_a_link(name: str, text: str) -> None:
    incident = builders.an_incident(*hostile.poisoned(stories.STORIES[name](), text))

    for said in everything(incident):
        ours = OWN.sub("", said)

        assert "<" not in ours, said
        assert ">" not in ours, said


@given(name=st.sampled_from(TOLD), text=TEXTS)
@settings(max_examples=15, deadline=None)
def test_what_is_read_aloud_of_a_card_mentions_nobody_else(name: str, text: str) -> None:
    incident = builders.an_incident(*hostile.poisoned(stories.STORIES[name](), text))
    table = message.of("Readings", [parts.table(("name", "before"), [("health", text)])])

    for one in (*messages(incident), table):
        said = OWN.sub("", Dress().message(one).text)

        assert "<" not in said
        assert ">" not in said


@given(name=st.sampled_from(TOLD), text=TEXTS)
@settings(max_examples=25, deadline=None)
def test_what_others_wrote_never_opens_or_ends_code(name: str, text: str) -> None:
    incident = builders.an_incident(*hostile.poisoned(stories.STORIES[name](), text))

    for said in everything(incident, frozenset({"mrkdwn"})):
        for line in said.splitlines():
            assert line.count("`") % 2 == 0, line


@given(name=st.sampled_from(TOLD), text=TEXTS)
@settings(max_examples=25, deadline=None)
def test_hostile_cards_are_still_what_slack_takes(name: str, text: str) -> None:
    check_sizes(builders.an_incident(*hostile.poisoned(stories.STORIES[name](), text)))


@pytest.mark.parametrize("sign", ["&", "\u202e", "a\n"])
def test_enormous_incidents_are_still_what_slack_takes(sign: str) -> None:
    check_sizes(builders.an_incident(*hostile.enormous_story(sign)))
    check_sizes(builders.an_incident(*hostile.enormous_end(sign)))


def check_sizes(incident: Incident) -> None:
    for one in messages(incident):
        accepted([*one.blocks], Surface.MESSAGE)

        assert sum(map(message.size, one.blocks)) <= 13_000
        assert 0 < len(one.text) <= 300
    for surface, view in views(incident):
        accepted(view["blocks"], surface)


@pytest.mark.parametrize("text", ["\n", "\u200b"])
def test_blank_words_leave_no_empty_block(text: str) -> None:
    for name in TOLD:
        check_sizes(builders.an_incident(*hostile.poisoned(stories.STORIES[name](), text)))


def test_every_card_of_every_story_is_what_slack_takes() -> None:
    for name in stories.STORIES:
        check_sizes(stories.incident(name))


def test_the_buttons_survive_any_size() -> None:
    card = root.card(builders.an_incident(*hostile.enormous_story()), NOW)

    assert card.blocks[-1]["type"] == "actions"


def test_a_step_that_does_not_fit_is_said_to_be_cut() -> None:
    card = root.card(builders.an_incident(*hostile.enormous_story("x")), NOW)

    assert "the plan's file in the thread, before you decide" in str(card.blocks)


@given(text=TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_private_answer_notifies_nobody_but_names_people(text: str) -> None:
    answer = private.answer(text)
    accepted([*answer.blocks], Surface.MESSAGE)
    said = "".join(marked([*answer.blocks]))

    assert "<" not in re.sub(r"<@[UW][A-Z0-9]{3,20}>", "", said)


@given(text=TEXTS)
@settings(max_examples=15, deadline=None)
def test_a_transcript_stays_one_table_whatever_it_tells(text: str) -> None:
    story = hostile.poisoned(stories.STORIES["resolved"](), text)
    told = telling.transcript(builders.an_incident(*story), builders.entries(*story))
    rows = told.split("## Timeline")[1].split("\n## ")[0].strip().splitlines()

    assert len(story) + 2 == len(rows)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
