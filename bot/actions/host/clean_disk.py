"""
`host.clean_disk`: make room by typed verbs: old files, the journal's past, the package cache.

What is removed is gone, so it is irreversible and a person always sees it. Of files nothing
outside of `HEAL_HOST_CLEANABLE` is touched, and nothing that is young, open, linked or hidden;
that is held by open descriptors, so only here. The other verbs are commands, on any machine.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bot.actions.host._old import Rule
from bot.actions.host._sweep import REMOVING, Survey, Sweep, counted
from bot.clients import blocking, busy
from bot.clients.hosts import Host, Hosts, HostSettings, OnHost
from bot.clients.rig import Rig
from bot.clients.systemd import READING
from bot.core import durations, sizes
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts, Frozen

_TAKES = re.compile(r"take up ([0-9]+(?:\.[0-9]+)?)([KMGT]?)")
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
ONLY_HERE = "files are removed through open folders, so that no name can be swapped meanwhile"


class Journal(Frozen):
    """How much of systemd's journal stays."""

    keep: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,4}[KMGT]$")] = Field(
        description="its newest part, such as 500M: older archived files go"
    )


class Cleaning(OnHost):
    """What to remove; at least one of files, temporary, journal and packages."""

    files: tuple[Rule, ...] = Field(
        default=(), max_length=10, description="old files, by rules; only on Heal's own machine"
    )
    temporary: bool = Field(
        default=False, description="what systemd-tmpfiles calls old by the machine's own rules"
    )
    journal: Journal | None = Field(default=None, description="trim systemd's journal")
    packages: bool = Field(default=False, description="empty the cache of downloaded packages")

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.files or self.temporary or self.journal or self.packages):
            raise ValueError(
                "nothing is to be cleaned: write files, temporary: true, journal or packages: true"
            )
        return self


class CleanDisk:
    """Removes what the scope counted, each file looked at again a moment before it goes."""

    config = HostSettings
    params = Cleaning

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._rig = rig
        self._hosts = Hosts(config, rig)
        self._sweep = Sweep(config.cleanable, rig.clock.monotonic)

    def way_back(self, params: Cleaning) -> Reversibility:
        return Reversibility.IRREVERSIBLE

    async def scope(self, params: Cleaning) -> Scope:
        host = self._host(params)
        survey = await self._survey([(rule, self._until(rule)) for rule in params.files])
        journal = {"journal": await _journal(host)} if params.journal else {}
        targets = tuple(_targets(params, host.name))
        count = survey.files if params.files else len(targets)
        notes = [f"it leaves {one.left.says} under {one.rule.under}"
                 for one in survey.meant if one.left.why]  # fmt: skip
        if params.files and not busy.sees_all():
            notes.append("what other people's programs hold open cannot be told")
        if params.temporary:
            notes.append("which temporary files are old, only the machine's own rules tell")
        return Scope(
            blast_radius=BlastRadius(
                targets=targets,
                unit="file" if params.files else "cache",
                touched=count,
                down_at_once=0,
                total=count,
                notes=tuple(notes),
            ),
            pre_state=survey.state | journal,
            says="; ".join(_says(params, survey, host)),
        )

    async def execute(self, params: Cleaning, before: Facts, mark: str = "") -> str:
        host = self._host(params)
        done: list[str] = []
        try:
            for argv, said in commands(params, host):
                await _run(host, *argv)
                done.append(said)
            for rule, newest in _shown(params, before):
                done.append(
                    await blocking.in_thread(partial(self._sweep.remove, rule, newest))
                )  # fmt: skip
        except PermanentError as error:
            raise type(error)("; ".join([*done, str(error)])) from error
        return "; ".join(done)

    async def undo(self, params: Cleaning, before: Facts, mark: str = "") -> str:
        return "what was removed cannot be put back"

    async def landed(self, params: Cleaning, before: Facts, mark: str = "") -> bool | None:
        """Files that are left disprove it; of what commands removed nothing can be told."""
        host = self._host(params)
        if (await self._survey(_shown(params, before))).files:
            return False
        return None if any(commands(params, host)) else True

    def _host(self, params: Cleaning) -> Host:
        if params.files:
            self._hosts.here(params.host, ONLY_HERE)
        return self._hosts.at(params.host)

    async def _survey(self, rules: list[tuple[Rule, int]]) -> Survey:
        return await blocking.in_thread(partial(self._sweep.survey, rules))

    def _until(self, rule: Rule) -> int:
        """Age counts from the full hour, so that a plan is the same when it is built again."""
        hour = self._rig.clock.now().replace(minute=0, second=0, microsecond=0)
        return int((hour - rule.older_than).timestamp())


def commands(params: Cleaning, host: Host) -> Iterator[tuple[list[str], str]]:
    """What is left to commands of the machine, each with what it has done afterwards."""
    if params.packages:
        yield shlex.split(host.tools.package_cleaner), "emptied the package cache"
    if params.journal:
        trims = [*shlex.split(host.tools.journalctl), f"--vacuum-size={params.journal.keep}"]
        yield trims, f"trimmed the journal to {params.journal.keep}"
    if params.temporary:
        yield shlex.split(host.tools.temporary_cleaner), "removed what was temporary and old"


def asking(host: Host) -> list[str]:
    """The command that says how much the journal takes."""
    return [*shlex.split(host.tools.journalctl), "--disk-usage"]


async def _run(host: Host, *argv: str) -> None:
    ended = await host.run(*argv, within=REMOVING)
    if ended.code:
        why = " ".join((ended.err or ended.out).split())[:200]
        raise PermanentError(f"{shlex.join(argv)} ended with {ended.code}: {why}")


async def _journal(host: Host) -> str:
    """Roughly how much it takes: it grows all the time, and a plan must hold still."""
    ended = await host.read(*asking(host), within=READING)
    found = _TAKES.search(ended.out)
    if ended.code or not found:
        raise PermanentError("journalctl --disk-usage does not say how much the journal takes")
    size = float(found[1]) * 1024 ** _POWERS[found[2]]
    return f"about {sizes.in_words(int(float(f'{size:.0e}')))}"


def _targets(params: Cleaning, host: str) -> Iterator[Target]:
    for under in dict.fromkeys(rule.under for rule in params.files):
        yield Target(key=f"host:{host}/files:{under}", name=f"{under} on {host}")
    if params.temporary:
        yield Target(key=f"host:{host}/temporary", name=f"old temporary files of {host}")
    if params.journal:
        yield Target(key=f"host:{host}/journal", name=f"journal of {host}")
    if params.packages:
        yield Target(key=f"host:{host}/packages", name=f"package cache of {host}")


def _says(params: Cleaning, survey: Survey, host: Host) -> Iterator[str]:
    for argv, _ in commands(params, host):
        yield f"{shlex.join(argv)} on {host.name}"
    for one in survey.meant:
        named = "" if one.rule.matching == "*" else f" called {one.rule.matching}"
        yield (
            f"remove {counted(one.files)} ({sizes.in_words(one.size)}){named} under "
            f"{one.rule.under} on {host.name}, untouched for "
            f"{durations.in_words(one.rule.older_than)}"
        )


def _shown(params: Cleaning, before: Facts) -> list[tuple[Rule, int]]:
    """Each rule with the second that none of the files which people were shown is younger than."""
    newest = before.get("newest")
    if not isinstance(newest, list) or len(newest) != len(params.files):
        raise PermanentError("the state before does not fit the rules: nothing is removed")
    return [(rule, one) for rule, one in zip(params.files, newest, strict=True)
            if isinstance(one, int)]  # fmt: skip


PLUGIN = CleanDisk
