"""An incident of very many alerts keeps the first whole and counts what the others do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from random import Random

import pytest

from bot.core import facts, folding, rest
from bot.core.alert import Alert, AlertStatus, Severity, Thread
from bot.core.incident import Incident
from tests import builders


def joined(number: int, **changes: object) -> facts.Joined:
    return facts.Joined(alert=builders.an_alert(fingerprint=f"f{number}", **changes))


def over(number: int) -> facts.Joined:
    return joined(number, status=AlertStatus.RESOLVED)


def known(*story: facts.Joined) -> Incident:
    return builders.an_incident(builders.an_opening(), *story)


def step_by_step(*story: facts.Joined) -> Iterator[Incident]:
    """What is known after each of these."""
    first, *others = builders.entries(builders.an_opening(), *story)
    return accumulate(others, folding.follow, initial=folding.opened(first))


def size(incident: Incident) -> int:
    return len(incident.model_dump_json())


def test_ten_thousand_alerts_take_no_more_room_than_two_thousand() -> None:
    some, many = (known(*map(joined, range(2, count))) for count in (2000, 10_000))

    assert (some.seen, many.seen) == (1999, 9999)
    assert size(many) < size(some) * 1.01
    assert len(many.alerts) == rest.MOST
    assert len(many.story) == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_is_known_is_as_if_all_were_kept(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    story = list(flickering(Random(seed)))
    whole = list(step_by_step(*story))
    monkeypatch.setattr(rest, "MOST", 2)
    bounded = list(step_by_step(*story))

    assert [told(one) for one in bounded] == [told(one) for one in whole]
    assert max(len(one.alerts) for one in bounded) == 2


def flickering(chance: Random) -> Iterator[facts.Joined]:
    """Alerts as intake records them: each entry is news."""
    firing: dict[int, bool] = {}
    for _ in range(60):
        number = chance.randrange(2, 9)
        firing[number] = not firing.get(number, False)
        yield joined(number, name=f"Alert{number}") if firing[number] else over(number)


def told(incident: Incident) -> Iterable[object]:
    return incident.fires, incident.seen, incident.state, incident.told


def test_the_worst_of_those_that_are_not_kept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 1)
    mild = builders.an_opening(alert=builders.an_alert(severity=Severity.INFO))
    more = builders.an_incident(mild, joined(2, severity=Severity.INFO))
    worse = builders.an_incident(mild, joined(2, severity=Severity.CRITICAL, name="Another"))

    assert (more.severity, worse.severity) == (Severity.INFO, Severity.CRITICAL)
    assert worse.names == {"ServiceDown", "Another"}


def test_the_names_of_a_hostile_sender_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 1)
    incident = known(*(joined(number, name=f"Alert{number}") for number in range(2, 1000)))

    assert len(incident.names) == rest.NAMES + 1


def test_more_ends_than_beginnings_never_hide_what_fires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 1)
    story = (over(1), over(2), over(2), joined(3))

    assert known(*story).fires
    assert isinstance(known(*story).alerts["f1"], Alert)


def test_what_was_read_from_a_channel_is_kept_much_longer() -> None:
    """Its sender gives it no name by which the ledger could be asked for it."""
    thread = Thread(channel="C7", root="1.2")
    heard = known(*(joined(number, thread=thread) for number in range(2, 2000)))

    assert len(heard.alerts) == 1999
    assert heard.rest == rest.Rest()


def test_even_of_those_not_all_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 1)
    monkeypatch.setattr(rest, "READ", 3)
    thread = Thread(channel="C7", root="1.2")
    heard = known(*(joined(number, thread=thread) for number in range(2, 9)))

    assert (len(heard.alerts), heard.rest.firing) == (3, 5)
