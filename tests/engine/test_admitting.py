"""Each source has its quota, which no stranger can use up; a flood fills neither ledger nor log."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.errors import AlertRejected, InboxFull, TooFast
from bot.core.posted import Posted, Receipt
from bot.engine.admitting import REASONS
from bot.engine.arrivals import LATE, LINES, Arrivals, Outcome
from bot.engine.receiving import Receiving
from bot.sources.alertmanager import Alertmanager
from bot.store.inbox import Inbox
from tests import builders
from tests.engine.houses import House
from tests.fakes import FakeClock, FakeSource

KEY = {"authorization": "open sesame"}


class Limited(FakeSource):
    """A source that may send two messages a minute."""

    quota = 2


def a_body(number: int) -> bytes:
    return builders.an_alert(fingerprint=f"f{number}").model_dump_json().encode()


class Doors:
    """Two sources, of which one is limited; every message is another alert."""

    def __init__(self, house: House, inbox: Inbox, limited: FakeSource) -> None:
        doors = {"limited": limited, "free": FakeSource()}
        self.room = Receiving(house.world, inbox, house.intake.take, doors)
        self.arrivals = self.room.arrivals
        self._sent = 0

    async def post(self, name: str, word: str = "open sesame") -> Receipt:
        self._sent += 1
        return await self.room.receive(name, {"authorization": word}, a_body(self._sent))

    def count(self, name: str, outcome: Outcome) -> int:
        return self.arrivals.messages[name, outcome]


async def a_house_with(
    house: House, *, bound: int = 1000, limited: FakeSource | None = None
) -> Doors:
    return Doors(house, await Inbox.open(house.writer, bound=bound), limited or Limited())


async def test_what_is_over_the_quota_is_told_when_to_come_again(house: House) -> None:
    doors = await a_house_with(house)
    await doors.post("limited")
    house.clock.advance(20)
    await doors.post("limited")
    house.clock.advance(10.5)
    with pytest.raises(TooFast, match="more than 2 messages came within a minute") as refused:
        await doors.post("limited")

    assert (refused.value.status, refused.value.retry_after) == (429, 30)
    assert doors.count("limited", Outcome.THROTTLED) == 1
    house.clock.advance(30)
    assert (await doors.post("limited")).accepted == 1


async def test_a_quota_is_of_one_source_only(house: House) -> None:
    doors = await a_house_with(house)
    for _ in range(3):
        await doors.post("free")
    await doors.post("limited")

    assert doors.count("free", Outcome.ACCEPTED) == 3
    assert doors.count("limited", Outcome.ACCEPTED) == 1


async def test_what_is_refused_or_throttled_takes_nothing_of_the_quota(house: House) -> None:
    doors = await a_house_with(house)
    for _ in range(50):
        with pytest.raises(AlertRejected):
            await doors.post("limited", "guess")
    await doors.post("limited")
    await doors.post("limited")
    for _ in range(5):
        with pytest.raises(TooFast):
            await doors.post("limited")
    house.clock.advance(60)

    assert (await doors.post("limited")).accepted == 1
    assert doors.count("limited", Outcome.UNAUTHENTIC) == 50


async def test_a_sender_that_would_drop_it_hears_the_status_after_which_it_comes_again(
    house: House,
) -> None:
    class Dropping(Limited):
        later = Alertmanager.later

    doors = await a_house_with(house, limited=Dropping())
    for _ in range(2):
        await doors.post("limited")
    with pytest.raises(TooFast) as refused:
        await doors.post("limited")

    assert refused.value.status == 503
    assert doors.count("limited", Outcome.THROTTLED) == 1


async def test_a_flood_of_strangers_is_one_entry_a_minute_and_a_few_lines(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    doors = await a_house_with(house)
    before = house.writer.commits
    for _ in range(200):
        with pytest.raises(AlertRejected):
            await doors.post("limited", "guess")
    first, lines = house.writer.commits - before, caplog.text.count("not authentic")
    house.clock.advance(60)
    with pytest.raises(AlertRejected):
        await doors.post("limited", "guess")

    assert (first, lines) == (1, LINES)
    assert len(await house.facts(facts.Refused)) == 2
    assert doors.count("limited", Outcome.UNAUTHENTIC) == 201


async def test_a_name_that_a_stranger_types_is_counted_nowhere(house: House) -> None:
    doors = await a_house_with(house)
    for number in range(20):
        with pytest.raises(AlertRejected):
            await doors.post(f"made-up-{number}")

    assert not doors.arrivals.messages


async def test_a_full_inbox_says_when_there_may_be_room(house: House) -> None:
    doors = await a_house_with(house, bound=3)
    for _ in range(3):
        await doors.post("free")
    with pytest.raises(InboxFull) as stuck:
        await doors.post("free")
    await doors.post("limited")

    assert stuck.value.retry_after == LATE, "nothing goes on, so nobody knows"
    assert doors.count("free", Outcome.UNAVAILABLE) == 1
    house.tasks.start(doors.room.work(), name="work")
    await house.until_known()
    while doors.room._queue or len(doors.room._inbox):  # type: ignore[arg-type]
        await house.turn()
    assert (await doors.post("free")).accepted == 1


@pytest.mark.parametrize(
    ("pending", "dealt", "seconds"),
    [(50_000, 10_000, 5), (50_000, 100, LATE), (10, 10_000, 1), (50_000, 0, LATE)],
)
def test_a_sender_comes_again_when_a_tenth_is_dealt_with_as_fast_as_it_goes(
    pending: int, dealt: int, seconds: int
) -> None:
    clock = FakeClock()
    arrivals = Arrivals(clock)
    arrivals.settled(99_999)
    clock.advance(11)
    arrivals.settled(dealt)

    assert arrivals.until_room(pending) == seconds


async def test_what_came_twice_is_a_duplicate_and_a_greeting_is_no_alert(house: House) -> None:
    doors = await a_house_with(house)
    for _ in range(2):
        await doors.room.receive("free", {**KEY, "delivery": "d1"}, a_body(1))
    await doors.room.receive("free", KEY, b"hello")

    assert [doors.count("free", outcome) for outcome in Outcome][:3] == [1, 1, 1]
    assert doors.arrivals.alerts["free"] == 1


class Repeating(FakeSource):
    """Says what it was sent, as no source should."""

    async def authentic(self, posted: Posted) -> str:
        return f"{posted.headers['authorization']} is not the word"


async def test_a_stranger_who_says_something_new_each_time_fills_no_ledger(house: House) -> None:
    room = Receiving(house.world, await Inbox.open(house.writer), house.intake.take,
                     {"repeating": Repeating()})  # fmt: skip
    for number in range(REASONS + 20):
        with pytest.raises(AlertRejected):
            await room.receive("repeating", {"authorization": f"guess {number}"}, a_body(number))
    before = len(await house.facts(facts.Refused))
    house.clock.advance(60)
    with pytest.raises(AlertRejected):
        await room.receive("repeating", {"authorization": "guess 0"}, a_body(0))

    assert before == REASONS
    assert len(await house.facts(facts.Refused)) == REASONS + 1
