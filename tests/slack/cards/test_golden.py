"""Every card of every story looks as it was looked at; a change shows in the golden files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.prospects import report
from bot.ports import Person
from bot.slack.cards import home, lists, manual, modals, notes, private, progress, root
from tests import builders
from tests.slack import test_editing
from tests.slack.cards import stories

NOW = builders.START + timedelta(minutes=4)
Golden = Callable[[str, Any], Any]


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_root_card_is_as_it_was_looked_at(name: str, golden: Golden) -> None:
    incident = stories.incident(name)
    card = root.card(incident, NOW).model_dump(mode="json")

    assert golden(f"root/{name}", card) == card


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_thread_is_as_it_was_looked_at(name: str, golden: Golden) -> None:
    incident = stories.incident(name)
    tasks = progress.card(incident)
    thread = {
        "progress": tasks.model_dump(mode="json") if tasks else None,
        "notes": [note.model_dump(mode="json") for note in notes.notes(incident)],
    }

    assert golden(f"thread/{name}", thread) == thread


def test_the_dialogs_are_as_they_were_looked_at(golden: Golden) -> None:
    incident = stories.incident("awaiting")
    views = {
        "reject": modals.reject(incident, 1),
        "details": modals.details(incident),
        "edit": test_editing.form(),
        "stop": modals.order(modals.STOP),
        "resume": modals.order(modals.RESUME),
    }

    assert golden("modals", views) == views


def test_the_home_tabs_are_as_they_were_looked_at(golden: Golden) -> None:
    open_ = [stories.incident(name).model_copy(update={"id": f"inc-{name}"})
             for name in ("awaiting", "running", "queued")]  # fmt: skip
    past = [stories.incident("resolved"), stories.incident("rejected")]
    waits, link = open_[0].id, {open_[0].id: "https://local.example/archives/C0ALERTS/p1"}
    ana = Person(("approvers",), operates=True, resumes=True, waiting=(waits,))
    week = report((), NOW - timedelta(days=7), NOW)
    told = {
        "approver": home.home(home.Seen(ana, open_, past, week=week, links=link)),
        "halted": home.home(home.Seen(ana, ordered=lists.Ordered(builders.halted()))),
        "guest": home.home(home.Seen(Person(doubts="Slack did not answer"), open_, past,
                                     lacking=["approval by reaction needs reactions:read"])),
    }  # fmt: skip

    assert golden("home", told) == told


def test_the_lists_are_as_they_were_looked_at(golden: Golden) -> None:
    open_ = [stories.incident("awaiting"), stories.incident("running")]
    past = [stories.incident("resolved"), stories.incident("rejected")]
    frozen = [
        facts.Froze(by="U0ANA", service="*", environment="production",
                    until=builders.START, why="<!here> the release")
    ]  # fmt: skip
    ordered = lists.Ordered(builders.halted(), frozen)
    told = {
        "help": manual.everything("/heal").model_dump(mode="json"),
        "status": lists.status(open_, past, ordered).model_dump(mode="json"),
        "calm": lists.status([], [], lists.Ordered()).model_dump(mode="json"),
        "history": lists.history(past).model_dump(mode="json"),
        "runbooks": lists.runbooks([]).model_dump(mode="json"),
        "private": private.answer("Write `help`. U0ANA was first.").model_dump(mode="json"),
    }

    assert golden("lists", told) == told
