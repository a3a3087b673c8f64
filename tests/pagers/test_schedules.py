"""Schedules of JSM Operations and Grafana IRM: whoever has the turn at the click, by address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.app.pagers import Pagers
from bot.core.errors import PermanentError, TemporaryError
from bot.pagers._irm import IrmSchedules, IrmSettings
from bot.pagers._jsm import JsmSchedules, JsmSettings
from tests.desks import irms, jsms, stands
from tests.desks.irms import IrmDouble
from tests.desks.jsms import JsmDouble

NOW = datetime(2026, 11, 20, 3, 0, 0, 500_000, tzinfo=UTC)
SHOP, JSM = "SBM7DV7BKFUYU", "schedule-1111"
KNOWN = {"bea@example.com": "U0BEA"}


async def find(email: str) -> str:
    if email not in KNOWN:
        raise PermanentError(f"Slack knows nobody of {email!r}")
    return KNOWN[email]


@pytest.fixture
async def irm() -> AsyncIterator[IrmDouble]:
    async with irms.opened() as double:
        yield double


@pytest.fixture
async def jsm() -> AsyncIterator[JsmDouble]:
    async with jsms.opened() as double:
        yield double


@pytest.fixture
async def asked(irm: IrmDouble, jsm: JsmDouble) -> AsyncIterator[Pagers]:
    """Both, asked as the engine asks: by the whole name of a schedule."""
    async with stands.a_rig() as rig:
        ours = IrmSettings(**stands.of_irm(irm))
        theirs = JsmSettings(cloud=jsms.CLOUD, user=jsms.USER, token=jsms.TOKEN, url=jsm.url)
        yield Pagers(
            {
                "irm": IrmSchedules(ours, rig.http, find, within=60),
                "jsm": JsmSchedules(theirs, rig.http, find, within=60),
            }
        )


async def test_whoever_has_the_shift_is_named_as_in_slack(asked: Pagers, irm: IrmDouble) -> None:
    irm.on_call(SHOP, "Bea@Example.com")

    assert await asked.who_is_on_call(f"irm:{SHOP}", NOW) == {"U0BEA"}
    assert irm.asked[-1] == {"start_date": "2026-11-20", "end_date": "2026-11-21"}


@pytest.mark.parametrize(("start", "end"), [
    ("2026-11-20T03:00:01Z", "2026-11-21T00:00:00Z"),
    ("2026-11-20T00:00:00Z", "2026-11-20T03:00:00Z"),
])  # fmt: skip
async def test_a_shift_before_or_after_the_click_counts_for_nothing(
    asked: Pagers, irm: IrmDouble, start: str, end: str
) -> None:
    irm.on_call(SHOP, "bea@example.com", start=start, end=end)

    assert await asked.who_is_on_call(f"irm:{SHOP}", NOW) == frozenset()


async def test_accounts_on_call_are_found_by_their_addresses(asked: Pagers, jsm: JsmDouble) -> None:
    jsm.schedules[JSM] = [jsms.BEA]

    assert await asked.who_is_on_call(f"jsm:{JSM}", NOW) == {"U0BEA"}
    assert jsm.asked == [{"flat": "true", "date": "2026-11-20T03:00:00+00:00"}]


async def test_an_account_whose_address_nobody_tells_is_nobody(
    asked: Pagers, jsm: JsmDouble
) -> None:
    jsm.schedules[JSM] = ["gone-1111"]

    with pytest.raises(PermanentError, match="without an address"):
        await asked.who_is_on_call(f"jsm:{JSM}", NOW)


async def test_a_schedule_that_is_not_there_is_named_with_the_remedy(asked: Pagers) -> None:
    for schedule in ("irm:SNOTHERE", "jsm:not-there-1", "irm:../users", "jsm:.."):
        with pytest.raises(PermanentError, match=r"knows no schedule .*write the id"):
            await asked.who_is_on_call(schedule, NOW)


@pytest.mark.parametrize("pager", ["irm", "jsm"])
async def test_a_pager_that_lets_nobody_in_makes_nobody_eligible(
    asked: Pagers, irm: IrmDouble, jsm: JsmDouble, pager: str
) -> None:
    irm.lock()
    jsm.lock()
    with pytest.raises(TemporaryError, match="does not take HEAL_"):
        await asked.who_is_on_call(f"{pager}:SCHEDULE1", NOW)


@pytest.mark.parametrize(("pager", "needs"), [
    ("irm", "HEAL_IRM_URL and HEAL_IRM_TOKEN"),
    ("jsm", "HEAL_JSM_CLOUD, HEAL_JSM_USER, HEAL_JSM_TOKEN"),
])  # fmt: skip
async def test_without_its_settings_it_says_which(pager: str, needs: str) -> None:
    async with stands.a_rig() as rig:
        known = {
            "irm": IrmSchedules(IrmSettings(), rig.http, find),
            "jsm": JsmSchedules(JsmSettings(), rig.http, find),
        }
        with pytest.raises(PermanentError, match=f"cannot be asked: set {needs}"):
            await known[pager].who_is_on_call("SCHEDULE1", NOW)
