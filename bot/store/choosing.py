"""Choosing: which entries an export is about, where that takes a look into the ledger itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from bot.store import reading, searching
from bot.store.reading import Choice
from bot.store.searching import Sentence

PERMITS = """
    select entry.seq from entry where incident = '' and kind glob 'house.permit.*'
    and json_extract(body, '$.permit') in (
        select coalesce(json_extract(body, '$.permit.id'), json_extract(body, '$.permit'))
        from entry where kind in ('run.started', 'approval.decided')
        and incident in (select value from json_each(?1)))
"""
POLICIES = """
    select seq from entry where kind = 'house.policy_taken' and json_extract(body, '$.digest') in (
        select json_extract(body, '$.plan.policy_digest') from entry
        where kind = 'plan.made' and incident in (select value from json_each(?1)))
"""
STOPS = """
    select entry.seq from entry join (
        select min(seq) as first, max(seq) as last,
            max(case kind when 'incident.opened' then json_extract(body, '$.service') end)
                as service
        from entry where incident in (select value from json_each(?1)) group by incident
    ) as story on entry.seq between story.first and story.last
    where incident = '' and (kind in ('house.halted', 'house.resumed')
        or (kind in ('house.frozen', 'house.thawed')
            and json_extract(body, '$.service') in ('*', story.service)))
"""
ORDERS = """
    select seq from entry where incident = '' and {span}
    and coalesce(json_extract(body, '$.service'), json_extract(body, '$.wanted.service'))
        in ('*', ?)
"""


def settled(path: Path, choice: Choice, sentence: Sentence, *, whole: bool) -> Choice:
    """
    Say which incidents and which entries of the house a choice comes to.

    An incident brings along what it hung on: the pre-approval that it ran by, the policy that it
    was judged by, stops and freezes while it lasted. With `whole` it comes with all of its entries
    when one of them was chosen. Words choose incidents; all of them must stand in one entry.
    """
    if not (choice.service or choice.environment or choice.words or choice.incident or whole):
        return choice
    held = searching.matching(path, choice.words, sentence) if choice.words else None
    with reading.whole(path) as conn:
        names = _names(conn, choice, held[0] if held else None, whole=whole)
        house = {seq for seq, in conn.execute(f"{PERMITS} union {POLICIES} union {STOPS}",
                                              [json.dumps(names)])}  # fmt: skip
        house |= held[1] if held and not choice.incident else set()
        house |= _orders(conn, choice)
    return choice._replace(names=tuple(names), house=tuple(sorted(house)), whole=whole)


def _names(
    conn: sqlite3.Connection, choice: Choice, held: Iterable[str] | None, *, whole: bool
) -> list[str]:
    terms, values = ["incident <> ''"], list[str]()
    if choice.incident:
        terms.append("incident = ?")
        values.append(choice.incident)
    if held is not None:
        terms.append("incident in (select value from json_each(?))")
        values.append(json.dumps(sorted(held)))
    for field, wanted in (("service", choice.service), ("environment", choice.environment)):
        if wanted:
            terms.append(
                "incident in (select incident from entry where kind = 'incident.opened' "
                "and json_extract(body, '$.' || ?) = ?)"
            )
            values += [field, wanted]
    if whole:
        span, more = choice.span
        terms.append(span)
        values += more
    where = " and ".join(terms)
    found = conn.execute(f"select distinct incident from entry where {where}", values)  # noqa: S608 - where is ours
    return [name for (name,) in found]


def _orders(conn: sqlite3.Connection, choice: Choice) -> set[int]:
    """What was ordered for the house: of a service what names it, and all where none is chosen."""
    if choice.incident or choice.words:
        return set()
    span, values = choice.span
    if choice.service:
        found = conn.execute(ORDERS.format(span=span), [*values, choice.service])
    elif choice.environment:
        return set()
    else:
        found = conn.execute(f"select seq from entry where incident = '' and {span}", values)  # noqa: S608 - span is ours
    return {seq for (seq,) in found}
