"""The manual tells of every word, and each example is one that Heal understands."""

from __future__ import annotations

import pytest

from bot.slack import words
from bot.slack.manual import BOOK
from bot.slack.verbs import Order, Unclear, Verb


def known(word: str) -> str | None:
    return word if word.startswith(("inc-", "run-", "p-")) else None


@pytest.mark.parametrize("verb", Verb)
def test_every_example_is_an_order_of_its_word(verb: Verb) -> None:
    order = words.parse(BOOK[verb].example, known)

    assert isinstance(order, Order), order
    assert order.verb is verb
    assert BOOK[verb].form.split()[0] == verb


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("aprove inc-7f3k2m", "did you mean 'approve'? For example `approve inc-7f3k2m`"),
        ("snoze", "For example `snooze inc-7f3k2m 30m`"),
        ("help snoze", "For example `snooze inc-7f3k2m 30m`"),
        ("audit", "write `audit verify`"),
        ("tickets", "write `tickets retry`"),
        ("snooze inc-7f3k2m soon", "is not a duration"),
        ("snooze 30m", "no incident is called '30m'"),
        ("retry", "which one"),
    ],
)
def test_a_slip_is_answered_with_the_right_word_and_an_example(typed: str, says: str) -> None:
    found = words.parse(typed, known)

    assert isinstance(found, Unclear)
    assert says in found.says


def test_help_knows_about_which_word_it_is_asked() -> None:
    order = words.parse("help FREEZE", known)

    assert isinstance(order, Order)
    assert (order.verb, order.about) == (Verb.HELP, Verb.FREEZE)


def test_in_a_thread_a_snooze_needs_no_id_and_half_an_hour_is_usual() -> None:
    order = words.parse("snooze", known, here="inc-7f3k2m")

    assert isinstance(order, Order)
    assert (order.incident, order.lasts) == ("inc-7f3k2m", words.SNOOZED)
