"""The ledger records a key once, in order, and tells of it after the commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta, timezone

import pytest

from bot.core import chain
from bot.core.transcript import Entry
from bot.store.ledger import Ledger
from bot.store.view import View
from tests.store.drafts import NOON, draft


async def test_the_first_entry_begins_the_chain_and_the_next_continues_it(ledger: Ledger) -> None:
    first, _ = await ledger.append(draft("one"))
    second, _ = await ledger.append(draft("two"))

    assert (first.seq, first.prev) == (1, chain.GENESIS)
    assert (2, first.hash) == (second.seq, second.prev)
    assert chain.Head(2, second.hash) == await ledger.head()


async def test_a_key_is_recorded_once_and_the_first_one_stands(ledger: Ledger) -> None:
    first, fresh = await ledger.append(draft("one", body='{"say":"first"}'))
    again, repeated = await ledger.append(draft("one", body='{"say":"second"}'))

    assert (fresh, repeated) == (True, False)
    assert first == again


async def test_of_many_at_the_same_time_one_is_new(ledger: Ledger) -> None:
    told = await asyncio.gather(*(ledger.append(draft("one", body=str(n))) for n in range(50)))

    assert sum(new for _, new in told) == 1
    assert len({entry.hash for entry, _ in told}) == 1


async def test_an_entry_is_read_back_as_it_was_appended(ledger: Ledger) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-8))) + timedelta(microseconds=1)
    entry, _ = await ledger.append(draft("näme", body='{"say":"żółw 🐢"}', at=there))

    assert entry == await ledger.find("näme")


async def test_all_of_several_or_none(ledger: Ledger) -> None:
    def half(view: View) -> None:
        view.append(draft("half"))
        raise LookupError("the other half is missing")

    told = await ledger.transaction(
        lambda view: [view.append(draft(key)) for key in ("one", "two", "one")]
    )
    with pytest.raises(LookupError):
        await ledger.transaction(half)

    assert [new for _, new in told] == [True, True, False]
    assert await ledger.find("half") is None


async def test_a_transcript_is_one_incident_in_order(ledger: Ledger) -> None:
    for number in range(6):
        await ledger.append(draft(f"key-{number}", incident=f"inc-{number % 2}"))

    assert [entry.key for entry in await ledger.of("inc-1")] == ["key-1", "key-3", "key-5"]


async def test_an_incident_is_open_from_its_opening_to_its_closing(ledger: Ledger) -> None:
    for incident in ("a", "b", "c"):
        await ledger.append(draft(f"{incident}:open", incident=incident, kind="incident.opened"))
    await ledger.append(draft("b:close", incident="b", kind="incident.closed"))

    assert [entry.incident for entry in await ledger.open_incidents()] == ["a", "c"]


async def test_a_long_ledger_is_read_page_by_page(ledger: Ledger) -> None:
    await asyncio.gather(*(ledger.append(draft(f"key-{number}")) for number in range(2500)))

    assert list(range(101, 2501)) == [entry.seq async for entry in ledger.all(after=100)]


async def test_subscribers_hear_every_new_entry_in_the_order_of_the_chain(ledger: Ledger) -> None:
    heard: list[int] = []
    stop = ledger.subscribe(lambda entry: heard.append(entry.seq))
    await asyncio.gather(*(ledger.append(draft(f"key-{n % 150}")) for n in range(300)))
    stop()
    await ledger.append(draft("unheard"))

    assert list(range(1, 151)) == heard


async def test_an_append_returns_after_its_subscribers_have_heard(ledger: Ledger) -> None:
    heard: list[Entry] = []
    ledger.subscribe(heard.append)
    entry, _ = await ledger.append(draft("one"))

    assert [entry] == heard


async def test_a_subscriber_that_fails_stops_no_other(ledger: Ledger) -> None:
    heard, errors = [], []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
    ledger.subscribe(lambda entry: [][entry.seq])
    ledger.subscribe(lambda entry: heard.append(entry.seq))
    await ledger.append(draft("one"))

    assert ([1], [IndexError]) == (heard, [type(error) for error in errors])


async def test_what_failed_is_not_told(ledger: Ledger) -> None:
    heard: list[Entry] = []
    ledger.subscribe(heard.append)

    def fail(view: View) -> None:
        view.append(draft("one"))
        raise LookupError("no")

    with pytest.raises(LookupError):
        await ledger.transaction(fail)

    assert heard == []
