"""A storm begins, lasts and ends by what happened alone, so every life sees the same storms."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import episode, facts
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.slack.weather import CALM, Storm, Weather, quiet
from tests import builders
from tests.builders import START, Told
from tests.slack import tales

CLOSED = facts.Closed(event=Event.ALERT_CLEARED, says="cleared by itself")


def opened(number: int, at: float = 0, **changes: object) -> Incident:
    """One that has just opened, so many seconds after the start."""
    start = START + timedelta(seconds=at)
    opening = builders.an_opening(**changes)
    return builders.an_incident(opening, name=f"inc-{number}", start=start)


def over(number: int, at: float = 0, after: float = 1) -> Incident:
    start = START + timedelta(seconds=at)
    story = (builders.an_opening(), Told(CLOSED, after=after))
    return builders.an_incident(*story, name=f"inc-{number}", start=start)


def seen(incidents: list[Incident], until: float) -> Weather:
    """The weather after all of this, live: each opening and each end as it came."""
    weather = Weather("C0ALERTS")
    moments = [(one.opened_at, opened(int(one.id[4:]), (one.opened_at - START).total_seconds()))
               for one in incidents]  # fmt: skip
    moments += [(one.closed_at, one) for one in incidents if one.closed_at]
    for at, one in sorted(moments, key=lambda moment: moment[0]):
        weather.follow(one, at)
    weather.settle(START + timedelta(seconds=until))
    return weather


def told(weather: Weather) -> list[tuple[object, ...]]:
    return [(s.name, tuple(s.met), sorted(s.within), s.last, s.over) for s in weather.storms]


def test_ten_that_opened_slowly_are_no_storm_and_the_eleventh_is_one() -> None:
    slowly = [opened(n, n * 60) for n in range(11)]

    assert told(seen(slowly[:10], 600)) == []
    (storm,) = seen(slowly, 600).storms
    assert (len(storm.met), storm.within) == (11, {"inc-10"})


def test_the_sixth_within_ten_seconds_begins_one() -> None:
    assert not seen([opened(n, n * 2) for n in range(5)], 10).storms
    assert not seen([opened(n, n * 2.1) for n in range(6)], 13).storms
    (storm,) = seen([opened(n, n * 2) for n in range(6)], 10).storms

    assert (len(storm.met), storm.within) == (6, {"inc-5"})


def test_it_is_over_a_minute_after_it_last_stormed() -> None:
    weather = seen([opened(n) for n in range(6)], 59)
    (storm,) = weather.storms
    lasted = not storm.over
    weather.settle(START + CALM)

    assert (lasted, storm.over) == (True, True)


def test_it_lasts_while_more_than_ten_are_open() -> None:
    eleven = [opened(n) for n in range(11)]
    assert not seen(eleven, 86_400).storms[0].over

    ended = [over(0, after=500), *eleven[1:]]
    assert (seen(ended, 559).storms[0].over, seen(ended, 560).storms[0].over) == (False, True)


def test_what_opens_after_it_is_not_in_it() -> None:
    weather = seen([opened(n) for n in range(6)] + [opened(6, 61)], 61)

    assert (weather.of("inc-5") is not None, weather.of("inc-6")) == (True, None)


def test_what_a_person_asked_for_is_never_in_a_storm() -> None:
    wish = facts.Wish(by="U0OLIVIA", runbook="restart-service")
    weather = Weather("C0ALERTS")
    for number in range(20):
        weather.follow(opened(number, alert=None, wish=wish), START)

    assert weather.storms == []


def test_each_channel_has_its_own_weather() -> None:
    weather = Weather("C0ALERTS")
    for number in range(10):
        weather.follow(opened(number, channel=f"C{number % 2}"), START)

    assert weather.storms == []


def test_a_change_that_is_healed_and_may_go_back_for_days_keeps_no_storm_alive() -> None:
    weather = Weather("C0ALERTS")
    for number in range(12):
        name = f"inc-{number}"
        weather.follow(builders.an_incident(*tales.looking()[:1], name=name), START)
        weather.follow(builders.an_incident(*tales.healed(), name=name), START)
    weather.settle(START + CALM)

    assert weather.storms[0].over


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=40))
def test_a_life_that_loads_the_past_sees_the_storms_that_an_earlier_one_saw(
    times: list[tuple[int, int]],
) -> None:
    incidents = [
        over(n, at, after) if after < 150 else opened(n, at) for n, (at, after) in enumerate(times)
    ]
    again = Weather("C0ALERTS")
    again.load(map(episode.of, incidents))
    again.settle(START + timedelta(seconds=1000))

    assert told(again) == told(seen(incidents, 1000))


def test_what_is_forgotten_is_in_no_storm_any_more() -> None:
    weather = seen([opened(n) for n in range(6)], 60)
    weather.forget(list[Storm](weather.storms))

    assert (weather.storms, weather.of("inc-5")) == ([], None)


def test_a_card_is_due_as_soon_as_somebody_is_needed_or_a_change_came_to_its_end() -> None:
    stories = {
        "looking": tales.looking(),
        "awaiting": tales.awaiting(),
        "rejected": tales.rejected(),
        "healed": tales.healed(),
        "cleared": (*tales.looking(), CLOSED),
        "escalated": (builders.an_opening(), facts.Escalated(to="oncall", why="no runbook")),
    }
    hidden = [name for name, story in stories.items() if quiet(builders.an_incident(*story))]

    assert hidden == ["looking", "cleared"]
