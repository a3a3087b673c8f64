"""`host.journal`: what a service unit said last in systemd's journal, with trouble marked."""

from __future__ import annotations

import re
import shlex

from pydantic import Field

from bot.clients.hosts import Host, Hosts, HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import READING, OnUnit
from bot.core import excerpt
from bot.core.errors import PermanentError
from bot.core.excerpt import Pattern
from bot.core.values import Facts

_ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\dT\S+ )", re.MULTILINE)
BLIND = "not seeing messages"
"""What journalctl says to somebody whom it shows nothing but their own, and then it ends well."""


class OfJournal(OnUnit):
    """Whose journal, and how much of it."""

    lines: int = Field(default=40, ge=1, le=excerpt.SEEN, description="how many lines are told")
    pattern: Pattern = excerpt.TROUBLE


class Journal:
    """
    Reads log, an excerpt of the newest 200 entries in UTC, and matches, how many lines are marked.

    What looks like a secret is blacked out. A unit that said nothing has an empty log; a journal
    that may not be read is an error.
    """

    config = HostSettings
    params = OfJournal

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._hosts = Hosts(config, rig)

    async def read(self, params: OfJournal) -> Facts:
        host = self._hosts.at(params.host)
        ended = await host.read(*asking(host, params), within=READING)
        if ended.code or BLIND in ended.err:
            why = " ".join(ended.err.split())[:200] or f"journalctl ended with {ended.code}"
            raise PermanentError(
                f"the journal of {params.short} on {host.name} cannot be read: {why}"
            )
        newest_last = "".join(
            one if one.endswith("\n") else f"{one}\n"
            for one in reversed(_ENTRY.split(ended.out))
            if _ENTRY.match(one)
        )
        told = excerpt.of(newest_last, params.lines, params.pattern)
        return {"log": told.log, "matches": told.matches}


def asking(host: Host, which: OnUnit) -> list[str]:
    """
    The command that reads the journal of a unit.

    The newest come first, so that of a flood the oldest are cut. It is the same however many lines
    are told: one line of sudoers allows it.
    """
    words = (f"--unit={which.service}", f"--lines={excerpt.SEEN}", "--reverse", "--utc")
    return [*shlex.split(host.tools.journalctl), *words, "--output=short-iso", "--no-pager"]


PLUGIN = Journal
