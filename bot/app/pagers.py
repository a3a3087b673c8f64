"""Which pager knows a schedule: its first word says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx

from bot import ports
from bot.clients.paging import PagerdutySettings
from bot.core import spelling
from bot.core.errors import PermanentError
from bot.core.policy.rulebook import Rulebook
from bot.pagers._irm import IrmSchedules, IrmSettings
from bot.pagers._jsm import JsmSchedules, JsmSettings
from bot.pagers._oncall import PagerDuty
from bot.pagers._rota import Rotas
from bot.pagers._schedules import FindInSlack
from bot.plugins import Toolbox


class Pagers:
    """Answers ports.Pager by handing `rota:shop` to the pager `rota` as `shop`."""

    def __init__(self, pagers: Mapping[str, ports.Pager]) -> None:
        self._pagers = pagers

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        name, _, own = schedule.partition(":")
        if name not in self._pagers:
            raise PermanentError(f"the pager {spelling.unknown(name, self._pagers)}")
        return await self._pagers[name].who_is_on_call(own, at)


def joined(
    rulebook: Callable[[], Rulebook], toolbox: Toolbox, client: httpx.AsyncClient, find: FindInSlack
) -> Pagers:
    """Every pager that there is; ConfigurationError when a setting of one is wrong."""
    settings = toolbox.settings("pagerduty", PagerdutySettings)
    return Pagers({
        "pagerduty": PagerDuty(settings, client, find),
        "irm": IrmSchedules(toolbox.settings("irm", IrmSettings), client, find),
        "jsm": JsmSchedules(toolbox.settings("jsm", JsmSettings), client, find),
        "rota": Rotas(lambda: rulebook().rotas),
    })  # fmt: skip
