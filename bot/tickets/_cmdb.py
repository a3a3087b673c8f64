"""ServiceNow's CMDB: owner, tier and dependants of a service, read live and kept for a while."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from bot import ports
from bot.clients.servicenow import OPERATORS, Api, Row
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core import visible
from bot.core.catalogue import Service
from bot.core.cmdb import Dependant, Entry
from bot.core.errors import ActionError, PermanentError, TemporaryError

TABLE, RELATIONS = "cmdb_ci_service", "cmdb_rel_ci"
FRESH = 300.0
"""Seconds for which what was read counts."""
KEPT = 1000
"""Services that are kept; the one that was read first goes first."""
WITHIN = 2.5
"""Seconds for all that is read of one service: a plan waits for it."""
REST = 60.0
"""Seconds for which nobody asks again what was down, slow or shut."""
MOST, LOOKED = 50, 200
"""Dependants that are read of one service, and relations that are looked through for them."""
NAMED = "cmdb_name"
"""The fact of services.yaml that says what a service is called there, where that differs."""
OTHERS = Dependant(name="others that were not read")


class _Kept(NamedTuple):
    at: float
    entry: Entry


class Cmdb:
    """
    Answers about a service out of what it read lately, else by three reads.

    What fails for the system itself is not tried again for a while: a plan is told so at once.
    """

    def __init__(
        self,
        settings: ServicenowSettings,
        api: Api,
        clock: ports.Clock,
        *,
        within: float = WITHIN,
        keeps: int = KEPT,
    ) -> None:
        self._within = within
        self._keeps = keeps
        self._settings = settings
        self._api = api
        self._clock = clock
        self._environments = dict(_pairs(settings.cmdb_environments))
        self._tiers = {said.casefold(): int(tier) for said, tier in _pairs(settings.cmdb_tiers)}
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._down = ""
        self._rests_until = 0.0

    async def entry(self, service: Service) -> Entry:
        name = str(service.facts.get(NAMED, service.name))
        used_for = self._environments.get(service.environment, service.environment)
        key, now = (name, used_for), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept.at < FRESH:
            return kept.entry
        if self._down and now < self._rests_until:
            raise TemporaryError(f"{self._down}; it is asked again in a minute at most")
        try:
            async with asyncio.timeout(self._within):
                entry = await self._read(name, used_for)
        except TimeoutError:
            raise self._rests(f"no answer within {self._within:g} s") from None
        except TemporaryError as error:
            raise self._rests(str(error)) from error
        except PermanentError as error:
            entry = Entry(unknown=str(error))
        self._down = ""
        self._keep(key, entry)
        return entry

    async def why_not(self) -> str:
        """For the doctor: what Heal's user cannot read; empty when it can."""
        columns = {
            TABLE: ("name", "used_for", self._settings.cmdb_criticality),
            RELATIONS: ("child", "parent", "type.name"),
        }
        try:
            for table, needed in columns.items():
                some = await self._api.rows(table, {needed[0]: "ISNOTEMPTY"}, needed, most=20)
                shut = [one for one in needed if not any(row.get(one) for row in some)]
                if shut:
                    return (f"ServiceNow shows Heal's user no {', '.join(shut)} in {table}: give "
                            "its user the right to read it, name the column that you use, or take "
                            "HEAL_SERVICENOW_CMDB away")  # fmt: skip
        except ActionError as error:
            return str(error)
        return ""

    def _rests(self, why: str) -> TemporaryError:
        self._down, self._rests_until = why, self._clock.monotonic() + REST
        return TemporaryError(why)

    def _keep(self, key: tuple[str, str], entry: Entry) -> None:
        self._kept.pop(key, None)
        self._kept[key] = _Kept(self._clock.monotonic(), entry)
        while len(self._kept) > self._keeps:
            del self._kept[next(iter(self._kept))]

    async def _read(self, name: str, used_for: str) -> Entry:
        """Exactly the service of this name that is used for this; none is guessed."""
        if any(word.startswith(OPERATORS) for word in (name, used_for)):
            raise PermanentError(f"ServiceNow takes the start of {name} for an operator")
        columns = ("support_group.name", "owned_by.name", self._settings.cmdb_criticality)
        wanted = {"name": name, "used_for": used_for}
        found = await self._api.rows(TABLE, wanted, columns, most=2)
        if len(found) != 1:
            count = "more than one service" if found else "no service"
            raise PermanentError(f"it has {count} {name} that is used for {used_for}")
        [row] = found
        owner = next(filter(None, (_text(row, column) for column in columns[:2])), "")
        return Entry(
            owner=owner,
            environment=_text(row, "used_for"),
            tier=self._tier(row),
            dependants=await self._dependants(row),
        )

    def _tier(self, row: Row) -> int | None:
        said = row.get(self._settings.cmdb_criticality).strip().casefold()
        return self._tiers.get(said) or self._tiers.get(said.partition(" - ")[0])

    async def _dependants(self, row: Row) -> tuple[Dependant, ...]:
        """The services that depend on it; there being more than are read is said as one."""
        related = await self._api.rows(
            RELATIONS, {"child": row.sys_id}, ("parent", "type.name"), most=LOOKED
        )
        if any(not one.get("type.name") or not one.get("parent") for one in related):
            raise TemporaryError(
                f"ServiceNow hides columns of {RELATIONS}: let Heal's user read it"
            )
        kinds = self._settings.cmdb_relations
        every = [one.get("parent") for one in related if one.get("type.name") in kinds]
        those = tuple(one for one in dict.fromkeys(every) if one != row.sys_id)
        if not those:
            return (OTHERS,) if len(related) == LOOKED else ()
        columns = ("name", self._settings.cmdb_criticality)
        services = await self._api.rows(
            TABLE, {"sys_id": those[:MOST]}, columns, most=len(those[:MOST])
        )
        found = [self._dependant(one) for one in services]
        strictest = sorted(found, key=lambda one: (one.name, -one.tier))
        made = tuple({one.name: one for one in reversed(strictest)}.values())[::-1]
        return (*made, OTHERS) if len(those) > MOST or len(related) == LOOKED else made

    def _dependant(self, row: Row) -> Dependant:
        name, tier = _text(row, "name") or "a service without a name", self._tier(row)
        return Dependant(name=name) if tier is None else Dependant(name=name, tier=tier)


def _pairs(words: tuple[str, ...]) -> list[tuple[str, str]]:
    parts = (word.rpartition("=") for word in words)
    return [(said.strip(), meant.strip()) for said, _, meant in parts]


def _text(row: Row, column: str) -> str:
    return visible.line(row.get(column))[:80]
