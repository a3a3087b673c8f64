"""The dialogs and the lists."""

from __future__ import annotations

from typing import Any

from bot.slack.cards import lists, manual, modals, private
from bot.slack.cards.escaping import code
from bot.slack.manual import BOOK
from bot.slack.verbs import Verb
from tests import builders
from tests.slack.cards import stories


def test_a_no_needs_a_reason_of_three_characters() -> None:
    view: Any = modals.reject(stories.incident("awaiting"), 1)

    assert view["blocks"][1]["element"]["min_length"] == 3
    assert view["private_metadata"] == "inc-7f3k2m.1"


def test_the_details_hold_what_the_card_leaves_out() -> None:
    view = str(modals.details(stories.incident("awaiting")))
    plan = builders.a_plan()
    wanted = ("state before", "host:web-1/unit:shop", plan.digest, plan.policy_digest,
              "no answer within 5 s", "scale-out", "load is 0.2", "systemd.restart")  # fmt: skip

    assert [one for one in wanted if one not in view] == []


def test_the_details_show_what_stands_around_a_target() -> None:
    incident = stories.incident("awaiting")
    assert incident.planned is not None
    seen = {"pods": "2 of 3 ready", "budget api": "0 may be evicted now"}
    radius = builders.a_scope().blast_radius.model_copy(update={"seen": seen})
    plan = builders.a_plan(steps=(builders.a_step(scope=builders.a_scope(blast_radius=radius)),))
    planned = incident.planned.model_copy(update={"plan": plan})

    view = str(modals.details(incident.model_copy(update={"planned": planned})))

    assert "pods: 2 of 3 ready\\nbudget api: 0 may be evicted now" in view
    assert "what stands around it" not in str(modals.details(incident))


def test_help_knows_every_word() -> None:
    told = str(manual.everything("/heal").blocks)

    assert [one.form for one in BOOK.values() if code(one.form, 200) not in told] == []
    assert all(code(f"/heal {BOOK[verb].example}") in str(manual.one(verb, "/heal").blocks)
               for verb in Verb)  # fmt: skip


def test_a_halted_house_says_so_first() -> None:
    card = lists.status([], [], lists.Ordered(builders.halted()))

    assert "All healing is halted" in str(card.blocks[0])


def test_an_answer_keeps_its_commands_and_names_people() -> None:
    told: Any = private.answer("Decided by <@U0ANA>, see `status` please").blocks[0]

    assert told["text"]["text"] == "Decided by <@U0ANA>, see `status` please"
