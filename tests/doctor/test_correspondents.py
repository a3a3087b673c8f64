"""Whether each system that is kept in step lets Heal in, and whether it was told everything."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from bot.core.facts import TicketTold
from bot.doctor.finding import Finding, State
from bot.store.file import connect
from bot.store.view import View
from tests.desks import servicenow
from tests.doctor.bodies import Body, examined, healthy, listening
from tests.store.drafts import draft


async def found(body: Body, **settings: str) -> list[Finding]:
    """What is said of systems that are kept in step."""
    told = {f"HEAL_SERVICENOW_{name.upper()}": text for name, text in settings.items()}
    body.environment.update(told)
    names = {"servicenow in step", "tickets"}
    return [one for one in await examined(body) if one.name in names]


async def test_a_system_that_lets_heal_in_is_well_and_one_that_does_not_is_named(
    tmp_path: Path,
) -> None:
    async with listening() as port, servicenow.running() as (desk, url):
        body = healthy(tmp_path, port)
        [well] = await found(body, **servicenow.told(url))
        desk.lock()
        [shut] = await found(body)

    assert (well.name, well.state) == ("servicenow in step", State.OK)
    assert (shut.state, "HEAL_SERVICENOW_PASSWORD" in shut.found) == (State.FAILED, True)
    assert "docs/tickets.md" in shut.remedy


@pytest.mark.parametrize(
    ("settings", "state"), [({"urll": "x"}, State.FAILED), ({"url": "http://far"}, State.FAILED)]
)
async def test_a_setting_that_is_wrong_is_named(
    tmp_path: Path, settings: dict[str, str], state: State
) -> None:
    async with listening() as port:
        findings = await found(healthy(tmp_path, port), **settings)

    assert state in {one.state for one in findings}
    assert any("HEAL_SERVICENOW_URL" in one.found for one in findings)


async def test_what_was_given_up_is_told(tmp_path: Path) -> None:
    fact = TicketTold(
        system="servicenow", number=0, mark="inc-1.0", title="opened", tries=3, why_not="no"
    )
    async with listening() as port:
        body = healthy(tmp_path, port)
        with closing(connect(body.ledger, 0)) as db:
            View(db).append(draft("1", kind=fact.kind, incident="inc-1", body=fact.body))
        [one] = await found(body)

    assert (one.state, one.found) == (State.WARNING, "1 updates were not told to servicenow")
    assert "heal tickets" in one.remedy


async def test_a_cmdb_that_may_not_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    async with listening() as port, servicenow.running() as (desk, url):
        desk.shut = {"cmdb_ci_service"}
        [shut] = await found(healthy(tmp_path, port), **servicenow.told(url, cmdb="true"))

    assert shut.state == State.FAILED
    assert "cmdb_ci_service (403): mend it there, or give its user the right" in shut.found
