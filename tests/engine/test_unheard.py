"""An alert that comes while an incident ends is never lost with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core.alert import Alert, AlertStatus
from bot.core.errors import StoreUnavailable
from bot.core.lifecycle import State
from bot.durable.journal import Journal
from bot.engine.intake import _Batch
from tests import builders
from tests.engine.houses import WAITING, House, later

OTHER = builders.an_alert(fingerprint="f2")


def cleared(house: House) -> Alert:
    over = {"status": AlertStatus.RESOLVED, "ends_at": house.clock.now()}
    return builders.an_alert().model_copy(update=over)


@pytest.mark.parametrize("fires", [lambda: OTHER, lambda: later(200)])
async def test_what_fires_in_the_message_that_withdraws_a_question_is_asked_about(
    house: House, fires: Callable[[], Alert]
) -> None:
    first = await house.asked()
    await house.intake.take([cleared(house), fires()])
    await house.until(State.WITHDRAWN, name=first)
    known = await house.until(WAITING)

    assert known.id != first


async def test_what_fires_in_the_message_that_resolves_a_healed_run_is_looked_at(
    house: House,
) -> None:
    first = await house.healed()
    house.health.says({"status": 503})
    await house.intake.take([cleared(house), OTHER])
    await house.until(State.RESOLVED, name=first)
    known = await house.until(WAITING)

    assert known.id != first


async def test_what_fires_just_after_a_no_is_a_question_of_its_own(house: House) -> None:
    first = await house.asked()
    await house.vote(yes=False)
    second = await house.fire(OTHER)
    await house.until(WAITING, name=second)

    assert house.of(first).state is State.REJECTED


async def test_an_all_clear_that_could_not_be_told_is_told_when_it_is_repeated(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal, errors = Journal.signal, [StoreUnavailable("disk full")]

    async def failing(self: Journal, *args: object, **kwargs: object) -> object:
        if errors:
            raise errors.pop()
        return await signal(self, *args, **kwargs)  # type: ignore[arg-type]

    await house.asked()
    monkeypatch.setattr(Journal, "signal", failing)
    with pytest.raises(StoreUnavailable):
        await house.intake.take([cleared(house)])
    await house.intake.take([cleared(house)])

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_a_name_that_another_incident_bears_is_not_given_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [await house.asked(), "inc-b1"]
    monkeypatch.setitem(vars(house.world), "new_id", lambda _: names.pop(0))
    labels = {"service": "cart", "environment": "production"}

    assert await house.fire(builders.an_alert(fingerprint="f3", labels=labels)) == "inc-b1"


async def test_all_is_not_clear_while_another_alert_of_the_message_joins(house: House) -> None:
    name = await house.asked()
    await house.intake.take([OTHER, cleared(house)])
    await house.settle()

    assert (house.incident.id, house.incident.state) == (name, WAITING)
    assert [alert.fingerprint for alert in house.incident.firing] == [OTHER.fingerprint]


async def test_who_joins_an_incident_that_ends_meanwhile_is_a_question_of_its_own(
    house: House,
) -> None:
    first = await house.asked()
    batch = _Batch()
    await house.intake._take(OTHER, batch)
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    house.clock.advance(3601)  # earlier, more of the same would be with who rejected it
    await house.intake._land(batch)
    second = await house.until(WAITING)

    assert (second.id != first, list(second.alerts)) == (True, ["f2"])
    assert batch.names == [second.id]
    assert list(house.of(first).alerts) == ["f1"]
