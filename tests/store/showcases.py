"""An incident with a graph and a log to show."""

from __future__ import annotations

from pathlib import Path

from bot.core import exhibit
from bot.core.exhibit import PNG, TEXT, Exhibit
from bot.core.facts import Closed
from bot.core.lifecycle import Event
from bot.core.transcript import Draft
from bot.store.exhibits import Exhibits
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests import builders
from tests.store.drafts import NOON

GRAPH = exhibit.exhibited(
    "graph-errors.png", b"\x89PNG graph", media=PNG, title="Errors", says="they fall to 0"
)
LOG = exhibit.exhibited(
    "log-shop.txt", b"boom\n", media=TEXT, title="Log of shop", says="1 line", about="log"
)


def drafted(one: Exhibit, incident: str = "inc-1") -> Draft:
    key = exhibit.key(incident, one.said.name)
    body, kind = one.said.body, one.said.kind
    return Draft(at=NOON, incident=incident, actor="heal", kind=kind, key=key, body=body)


async def filled(path: Path, *, closed: bool = False) -> tuple[Writer, Exhibits]:
    """A ledger with one incident, which has a graph and a log to show."""
    writer = await Writer.open(path)
    ledger = Ledger(writer)
    exhibits = Exhibits(path, ledger.keep)
    opening = builders.an_opening(workflow="heal-1")
    await ledger.append(
        Draft(
            at=NOON, incident="inc-1", actor="heal", kind=opening.kind, key="o", body=opening.body
        )
    )
    await exhibits.keep([(drafted(GRAPH), GRAPH.octets), (drafted(LOG), LOG.octets)])
    if closed:
        end = Closed(event=Event.ALERT_CLEARED, says="over")
        await ledger.append(
            Draft(at=NOON, incident="inc-1", actor="heal", kind=end.kind, key="c", body=end.body)
        )
    return writer, exhibits
