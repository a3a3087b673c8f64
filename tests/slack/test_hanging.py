"""Evidence hangs in its thread once, unless a storm's digest tells enough of its incident."""

from __future__ import annotations

import pytest

from bot.core import exhibit, facts
from bot.core.exhibit import CSV, PNG
from bot.core.incident import Incident
from bot.rehearsal.workspace import Workspace
from bot.slack.hanging import Hanging
from bot.store.outbox import Outbox
from tests import builders
from tests.fakes import FakeClock
from tests.slack.rows import Start, idle, want

PICTURE = exhibit.exhibited("graph.png", b"png", media=PNG, title="Signals", says="they fall")
TABLE = exhibit.exhibited("before-after.csv", b"a,b", media=CSV, title="Readings", says="two")


def hanging(outbox: Outbox, *, hidden: bool = False) -> Hanging:
    return Hanging(outbox, FakeClock(), "C0ALERTS", lambda: None, lambda _: hidden)


def shown(**opening: object) -> Incident:
    return builders.an_incident(builders.an_opening(**opening), PICTURE.said, TABLE.said)


async def test_pictures_hang_in_the_thread_once_and_tables_do_not(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    incident = shown()
    await want(outbox, f"{incident.id}/card", "card")
    for _ in range(2):
        hung = hanging(outbox)
        hung.told(incident, builders.entries(builders.an_opening(), PICTURE.said)[-1])
        await hung.close()
    await start()
    await idle(outbox)
    [file] = workspace.world.files.values()

    assert file.about["name"] == f"{incident.id}-graph.png"
    assert file.content == b"Signals is not here any more: they fall"


@pytest.mark.parametrize(
    ("hidden", "opening"), [(True, {}), (False, {"quiet": {"until": builders.START, "why": "it"}})]
)
async def test_nothing_hangs_where_nobody_is_told(
    outbox: Outbox, hidden: bool, opening: dict[str, object]
) -> None:
    hung = hanging(outbox, hidden=hidden)
    quiet = facts.Quiet.model_validate(opening["quiet"]) if opening else None
    hung.renew([shown(quiet=quiet)])
    await hung.close()

    assert await outbox.pending() == 0
