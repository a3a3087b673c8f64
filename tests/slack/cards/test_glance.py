"""What stands in `status` beside the incidents: calm, short, and true of all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.core import batches
from bot.core.policy.verdict import Ruled, Ruling
from bot.ports import Door, Glance, Standstill
from bot.slack.cards import glance as cards
from bot.slack.cards import lists
from bot.slack.cards.message import Message
from tests.builders import START
from tests.core import alike
from tests.slack.cards import stories

Golden = Callable[[str, Any], Any]
HOSTILE = "<!here> *bold* `@channel`"
NOW = START + timedelta(minutes=5)
STORMY = Glance(
    since=START,
    doors=(
        Door("alertmanager", 1204, 3400, {"throttled": 12, "unauthentic": 2}),
        Door("grafana", 1, 1, {}),
    ),
    waiting=214,
    oldest=timedelta(seconds=12),
    ruled=(
        Ruled(Ruling.ALLOW, "", 12),
        Ruled(Ruling.ASK, "", 8),
        Ruled(Ruling.ASK, "risk level", 5),
        Ruled(Ruling.DENY, "", 4),
        *(Ruled(Ruling.DENY, f"rule {number}", 7 - number) for number in range(7)),
    ),
    standstills=(
        Standstill("the weekend", "everything in production", START + timedelta(hours=30)),
        Standstill("release days", "shop", None),
    ),
    untold={"servicenow": 3, "jira": 1},
)


def status(seen: Glance) -> Message:
    """As overviews.py puts it together."""
    open_ = [stories.incident("running"), stories.incident("queued"),
             *(alike.asking(number) for number in range(3))]  # fmt: skip
    questions = filter(None, map(batches.question, open_))
    together = cards.together(batches.batched(questions), NOW)
    return lists.status(
        open_, [], lists.Ordered(), (*cards.standstills(seen.standstills), *together),
        (*cards.queue(lists.in_line(open_)), *cards.blocks(seen)),
    )  # fmt: skip


def test_a_stormy_status_is_as_it_was_looked_at(golden: Golden) -> None:
    said = status(STORMY).model_dump(mode="json")

    assert golden("status", said) == said


def test_when_nothing_came_waits_or_was_held_back_nothing_is_said() -> None:
    assert list(cards.blocks(Glance(since=START))) == []
    assert list(cards.queue([stories.incident("running")])) == []
    assert list(cards.standstills(())) == []


def test_one_plan_alone_is_no_batch() -> None:
    alone = batches.Batch("x", tuple(filter(None, [batches.question(alike.asking(1))])))

    assert list(cards.together([alone], NOW)) == []


def test_names_of_others_are_only_words() -> None:
    hostile = Glance(
        since=START,
        doors=(Door(HOSTILE, 1, 1, {HOSTILE: 1}),),
        ruled=(Ruled(Ruling.DENY, "", 1), Ruled(Ruling.DENY, HOSTILE, 1)),
        standstills=(Standstill(HOSTILE, HOSTILE, START),),
    )
    shown = str([*cards.blocks(hostile), *cards.standstills(hostile.standstills)])

    assert "<!here>" not in shown
    assert "*bold*" not in shown


def test_more_than_ten_of_a_kind_are_counted() -> None:
    many = [Standstill(f"w{number}", "shop", START) for number in range(12)]

    assert list(cards.standstills(many))[-1] == "❄️ and 2 more"


def test_more_than_ten_doors_are_counted_too() -> None:
    many = tuple(Door(f"source{number}", 1, 1, {}) for number in range(12))

    assert "📨 and 2 more" in str([*cards.blocks(Glance(since=START, doors=many))])
