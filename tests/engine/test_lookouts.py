"""One detector at many services: apart from each other, never silent, and taken back when gone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from bot.core.detector import Detector
from bot.core.errors import PermanentError, StoreUnavailable
from bot.core.lifecycle import State
from bot.core.lookout import BLIND, Lookout
from bot.core.values import Facts
from bot.engine.detecting import AT_ONCE
from tests import builders
from tests.engine.houses import WAITING, House


class OfHost(BaseModel):
    """Whose disk."""

    host: str


class Disks:
    """How full the disk of each host is; one without a number cannot be read, one may hang."""

    params: type[BaseModel] = OfHost

    def __init__(self, **percent: float) -> None:
        self.percent = percent
        self.hangs: set[str] = set()
        self.free = asyncio.Event()
        self.busy = self.most = 0

    async def reading(self, count: int = 1) -> None:
        """Wait until so many read."""
        async with asyncio.timeout(180):
            while self.busy < count:
                await asyncio.sleep(0)

    async def read(self, params: Any) -> Facts:
        host = params.host
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            if host in self.hangs:
                await self.free.wait()
        finally:
            self.busy -= 1
        if host not in self.percent:
            raise PermanentError("no such disk")
        return {"percent": self.percent[host]}


def detector(**changes: Any) -> Detector:
    written = {
        "detector": "disk-almost-full",
        "for": "has(service.facts.disk)",
        "probes": [{"probe": "fake.disk", "as": "disk", "with": {"host": "${service.facts.disk}"}}],
        "every": "10s",
        "firing": "disk.percent > 85.0",
        "resolved": "disk.percent < 80.0",
        "sustain": "0s",
        "alert": {"name": "ServiceDown", "summary": "${service.name}: ${disk.percent} %"},
    }
    return Detector.model_validate({**written, **changes})


def furnished(house: House, disks: Disks, *names: str) -> None:
    """The probe, and a service for each of these hosts."""
    house.plugins.probes["fake.disk"] = disks
    services = tuple(builders.a_service(name=name, facts={"disk": name}) for name in names)
    house.library = replace(house.library, services=services)


def of(house: House, service: str) -> Lookout:
    return next(one for one in house.library.lookouts.values() if one.service == service)


async def test_each_service_has_an_incident_of_its_own_that_says_what_was_read(
    house: House,
) -> None:
    furnished(house, Disks(one=91.5, two=40, three=86), "one", "two", "three")
    await house.look(detector())

    assert {one.opened.title for one in house.cases.recent(9)} == {"one: 91.5 %", "three: 86 %"}


async def test_a_value_around_the_line_neither_ends_the_alert_nor_tells_it_again(
    house: House,
) -> None:
    disks = Disks(one=85.1)
    furnished(house, disks, "one")
    for percent in (85.1, 84.9, 85.1, 84.9, 80.0, 85.1):
        disks.percent["one"] = percent
        await house.look(detector())
        await house.pass_(10)

    assert len(house.cases.recent(9)) == house.incident.seen == 1
    assert house.incident.state is WAITING

    disks.percent["one"] = 79.9
    await house.look(detector())

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_between_the_lines_no_alert_begins_and_the_wait_for_it_begins_anew(
    house: House,
) -> None:
    disks = Disks(one=86)
    furnished(house, disks, "one")
    for percent in (86, 84, 86, 84):
        disks.percent["one"] = percent
        await house.look(detector(times=2))

    assert house.cases.recent(9) == []


async def test_what_cannot_be_seen_three_times_in_a_row_is_said_until_it_is_seen(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    disks = Disks(two=10)
    furnished(house, disks, "one", "two")
    for _ in range(2):
        await house.look(detector())

    assert house.detecting.notes() == []

    for _ in range(3):
        await house.look(detector())

    said = "the detector disk-almost-full at one in production sees nothing: disk: no such disk"
    assert house.detecting.notes() == [said]
    assert caplog.messages.count(said) == 1
    assert house.cases.recent(9) == []

    disks.percent["one"] = 10
    await house.look(detector())

    assert house.detecting.notes() == []


async def test_hundreds_that_see_nothing_are_counted(house: House) -> None:
    furnished(house, Disks(), *(f"web-{n}" for n in range(30)))
    for _ in range(3):
        await house.look(detector())
    notes = house.detecting.notes()

    assert (len(notes), notes[-1]) == (21, "and 10 more detectors see nothing")


async def test_blindness_is_an_alert_where_the_detector_says_so_and_ends_with_it(
    house: House,
) -> None:
    disks = Disks()
    furnished(house, disks, "one")
    blind = detector(unreadable=4)
    for _ in range(3):
        await house.look(blind)

    assert house.cases.recent(9) == []

    for _ in range(3):
        await house.look(blind)
        await house.settle()
    known = house.incident

    assert [one.name for one in known.firing] == [BLIND]
    assert known.opened.title == "disk-almost-full cannot see one: disk: no such disk"
    assert (len(house.cases.recent(9)), known.seen) == (1, 1)

    disks.percent["one"] = 10
    await house.look(blind)
    await house.settle()

    assert house.incident.firing == ()


async def test_blindness_that_was_told_before_a_restart_is_not_told_again(house: House) -> None:
    furnished(house, Disks(), "one")
    blind = detector(unreadable=2)
    for _ in range(2):
        await house.look(blind)
    await house.settle()
    await house.restart()
    for _ in range(3):
        await house.look(blind)
    await house.settle()

    assert (len(house.cases.recent(9)), house.incident.seen) == (1, 1)


async def test_a_probe_without_parameters_for_this_service_sees_nothing(house: House) -> None:
    furnished(house, Disks(), "one")
    wrong = {"probe": "fake.disk", "as": "disk", "with": {"host": "${service.facts.hsot}"}}
    for _ in range(3):
        await house.look(detector(probes=[wrong]))

    assert "hsot" in house.detecting.notes()[0]


async def test_an_alert_whose_detector_was_taken_out_is_withdrawn_and_says_why(
    house: House,
) -> None:
    furnished(house, Disks(one=90, two=90), "one", "two")
    await house.look(detector())
    await house.until(WAITING)
    house.library = replace(house.library, detectors=())
    await house.detecting.settle()
    await house.detecting.settle()
    for known in house.cases.recent(9):
        over = await house.until(State.WITHDRAWN, name=known.id)

        assert over.firing == ()
        assert over.closed is not None
        assert over.closed.says == (
            "its detector was taken out of the runbooks: nothing was executed"
        )
    assert len(house.cases.recent(9)) == 2


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (
            detector(detector="disk-full", alert={"name": "DiskFull", "summary": "it is full"}),
            "its detector was taken out of the runbooks",
        ),
        (
            detector(alert={"name": "DiskFull", "summary": "it is full"}),
            "its detector was changed, and does not raise this alert any more",
        ),
        (
            detector(**{"for": 'service.name == "two"'}),
            "its detector does not look at this service any more",
        ),
    ],
)
async def test_a_restart_takes_back_what_no_detector_raises_any_more(
    house: House, after: Detector, why: str
) -> None:
    furnished(house, Disks(one=90, two=10), "one", "two")
    await house.look(detector())
    await house.until(WAITING)
    house.library = replace(house.library, detectors=(after,))
    await house.restart()
    await house.detecting.settle()
    over = await house.until(State.WITHDRAWN)

    assert over.closed is not None
    assert over.closed.says == f"{why}: nothing was executed"


async def test_an_alert_of_somebody_else_and_one_that_still_has_its_detector_stay(
    house: House,
) -> None:
    furnished(house, Disks(one=90), "one", "shop")
    await house.look(detector())
    await house.fire()
    await house.settle()
    await house.detecting.settle()
    await house.settle()

    assert [known.state for known in house.cases.recent(9)] == [WAITING, WAITING]


async def test_a_changed_detector_knows_what_it_told_and_ends_it_by_its_new_words(
    house: House,
) -> None:
    disks = Disks(one=90)
    furnished(house, disks, "one")
    await house.look(detector())
    await house.until(WAITING)
    disks.percent["one"] = 84
    await house.look(detector(resolved="disk.percent < 85.0"))

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_a_changed_detector_counts_anew_and_by_its_new_number(house: House) -> None:
    furnished(house, Disks(one=90), "one")
    for _ in range(2):
        await house.look(detector(times=5))
    await house.look(detector(times=2))

    assert house.cases.recent(9) == []

    await house.look(detector(times=2))

    assert len(house.cases.recent(9)) == 1


async def test_an_incident_that_is_over_hears_too_that_its_detector_is_gone(house: House) -> None:
    furnished(house, Disks(one=90), "one")
    await house.look(detector())
    await house.until(WAITING)
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    house.library = replace(house.library, detectors=())
    await house.detecting.settle()

    assert (house.incident.firing, house.incident.state) == ((), State.REJECTED)


async def test_nobody_is_told_any_more_of_a_blind_detector_that_is_gone(house: House) -> None:
    furnished(house, Disks(), "one")
    for _ in range(3):
        await house.look(detector())
    house.library = replace(house.library, detectors=())
    await house.detecting.settle()

    assert house.detecting.notes() == []


async def test_a_look_that_was_under_way_when_its_detector_went_tells_nothing(
    house: House,
) -> None:
    disks = Disks(one=90)
    disks.hangs = {"one"}
    furnished(house, disks, "one")
    house.library = replace(house.library, detectors=(detector(),))
    look = house.tasks.start(house.detecting.look(of(house, "one")), name="look")
    await disks.reading()
    house.library = replace(house.library, detectors=())
    await house.detecting.settle()
    disks.free.set()
    await look

    assert house.cases.recent(9) == []


async def test_a_probe_that_hangs_keeps_no_other_service_from_being_seen(house: House) -> None:
    disks = Disks(one=90, two=90)
    disks.hangs = {"one"}
    furnished(house, disks, "one", "two")
    house.library = replace(house.library, detectors=(detector(),))
    look = house.tasks.start(house.detecting.look(of(house, "one")), name="look")
    await disks.reading()
    await house.detecting.look(of(house, "two"))

    assert [known.service for known in house.cases.recent(9)] == ["two"]

    disks.free.set()
    await look
    assert len(house.cases.recent(9)) == 2


async def test_a_probe_that_never_answers_saw_nothing(house: House) -> None:
    disks = Disks(one=90)
    disks.hangs = {"one"}
    furnished(house, disks, "one")
    for _ in range(2):
        await house.look(detector(every="1s", unreadable=2))

    assert house.detecting.notes()[0].endswith("sees nothing: disk: no answer in 1 s")


async def test_only_so_many_look_at_once_and_every_one_has_its_turn(house: House) -> None:
    names = [f"web-{n}" for n in range(AT_ONCE * 2)]
    disks = Disks(**dict.fromkeys(names, 10.0))
    disks.hangs = set(names)
    furnished(house, disks, *names)
    house.library = replace(house.library, detectors=(detector(),))
    looks = [
        house.tasks.start(house.detecting.look(one), name=one.name)
        for one in house.library.lookouts.values()
    ]
    await disks.reading(AT_ONCE)
    for _ in range(20):
        await asyncio.sleep(0)
    disks.free.set()
    await asyncio.gather(*looks)

    assert disks.most == AT_ONCE


async def test_what_could_not_be_taken_back_is_taken_back_at_the_next_try(house: House) -> None:
    furnished(house, Disks(one=90), "one")
    await house.look(detector())
    await house.until(WAITING)
    house.library = replace(house.library, detectors=())
    take = house.detecting._take

    async def refuses(_: Any) -> None:
        raise StoreUnavailable("the disk is full")

    house.detecting._take = refuses
    with pytest.raises(StoreUnavailable):
        await house.detecting.settle()
    house.detecting._take = take
    await house.detecting.settle()

    assert (await house.until(State.WITHDRAWN)).firing == ()
