"""The limits hold in every window of time, however the calls come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pacing import Pace, Pacer


def most_within(window: float, moments: list[float]) -> int:
    """The most moments that any window of this many seconds holds."""
    return max(sum(start <= at < start + window for at in moments) for start in moments)


def test_in_any_minute_there_are_at_most_45_edits() -> None:
    pacer, now, moments = Pacer(Pace()), 0.0, []
    for number in range(200):
        now += pacer.before_edit("chat.update", f"slot {number}", now)
        pacer.edited(f"slot {number}", now)
        moments.append(now)

    assert most_within(60, moments) <= 45


@given(st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=60))
def test_a_channel_gets_a_burst_and_then_one_post_a_second(pauses: list[float]) -> None:
    pacer, now, moments = Pacer(Pace()), 0.0, []
    for number, pause in enumerate(pauses):
        now += pause
        now += pacer.before_post("chat.postMessage", "C1", now)
        pacer.posted("C1", f"slot {number}", now)
        moments.append(now)

    assert most_within(10, moments) <= 13


def test_one_message_is_edited_once_a_second() -> None:
    pacer = Pacer(Pace())
    pacer.posted("C1", "slot", 100.0)

    assert pacer.before_edit("chat.update", "slot", 100.5) == 0.5


def test_channels_do_not_wait_for_each_other() -> None:
    pacer = Pacer(Pace(post_burst=1))
    pacer.posted("C1", "slot", 100.0)

    assert pacer.before_post("chat.postMessage", "C2", 100.0) == 0


def test_a_method_that_slack_held_waits_and_others_do_not() -> None:
    pacer = Pacer(Pace())
    pacer.hold("chat.update", 130.0)

    assert (
        pacer.before_edit("chat.update", "slot", 100.0),
        pacer.before_post("chat.postMessage", "C1", 100.0),
    ) == (30.0, 0.0)


def test_what_only_tells_leaves_room_for_questions() -> None:
    pacer = Pacer(Pace())
    pacer.posted("C1", "news", 100.0)

    assert pacer.before_post("chat.postMessage", "C1", 100.0, asks=False) == 1.0
    for number in range(2):
        assert pacer.before_post("chat.postMessage", "C1", 100.0) == 0
        pacer.posted("C1", f"question {number}", 100.0)
    assert pacer.before_post("chat.postMessage", "C1", 100.0) == 1.0


def test_what_only_tells_is_not_kept_waiting_for_ever_by_a_small_burst() -> None:
    pacer = Pacer(Pace(post_burst=1))
    pacer.posted("C1", "news", 100.0)

    assert pacer.before_post("chat.postMessage", "C1", 101.0, asks=False) == 0
