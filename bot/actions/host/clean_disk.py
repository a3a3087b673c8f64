"""
`host.clean_disk`: make room by typed verbs: old files, the journal's past, the package cache.

What is removed is gone, so it is irreversible and a person always sees it. Nothing outside of
`HEAL_HOST_CLEANABLE` is touched, and nothing that is young, open, linked or hidden.
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
from bot.clients.rig import Rig
from bot.clients.systemd import LOCAL, READING, HostSettings, reach
from bot.core import durations, sizes
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts, Frozen

_TAKES = re.compile(r"take up ([0-9]+(?:\.[0-9]+)?)([KMGT]?)")
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class Journal(Frozen):
    """How much of systemd's journal stays."""

    keep: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,4}[KMGT]$")] = Field(
        description="its newest part, such as 500M: older archived files go"
    )


class Cleaning(Frozen):
    """What to remove; at least one of files, journal and packages."""

    files: tuple[Rule, ...] = Field(default=(), max_length=10, description="old files, by rules")
    journal: Journal | None = Field(default=None, description="trim systemd's journal")
    packages: bool = Field(default=False, description="empty the cache of downloaded packages")
    host: str = Field(
        default=LOCAL,
        max_length=253,
        description="the machine it is on: local is the one that Heal runs on",
    )

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.files or self.journal or self.packages):
            raise ValueError("nothing is to be cleaned: write files, journal or packages: true")
        return self


class CleanDisk:
    """Removes what the scope counted, each file looked at again a moment before it goes."""

    config = HostSettings
    params = Cleaning

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._rig = rig
        self._host = config.name
        self._sweep = Sweep(config.cleanable, rig.clock.monotonic)
        self._journalctl = shlex.split(config.journalctl)
        self._packages = shlex.split(config.package_cleaner)

    def way_back(self, params: Cleaning) -> Reversibility:
        return Reversibility.IRREVERSIBLE

    async def scope(self, params: Cleaning) -> Scope:
        reach(params.host)
        survey = await self._survey([(rule, self._until(rule)) for rule in params.files])
        journal = {"journal": await self._journal()} if params.journal else {}
        targets = tuple(self._targets(params))
        count = survey.files if params.files else len(targets)
        notes = [f"it leaves {one.left.says} under {one.rule.under}"
                 for one in survey.meant if one.left.why]  # fmt: skip
        if params.files and not busy.sees_all():
            notes.append("what other people's programs hold open cannot be told")
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
            says="; ".join(self._says(params, survey)),
        )

    async def execute(self, params: Cleaning, before: Facts, mark: str = "") -> str:
        reach(params.host)
        done: list[str] = []
        try:
            if params.packages:
                await self._run(*self._packages)
                done.append("emptied the package cache")
            if params.journal:
                await self._run(*self._vacuum(params.journal))
                done.append(f"trimmed the journal to {params.journal.keep}")
            for rule, newest in _shown(params, before):
                done.append(
                    await blocking.in_thread(partial(self._sweep.remove, rule, newest))
                )  # fmt: skip
        except PermanentError as error:
            raise PermanentError("; ".join([*done, str(error)])) from error
        return "; ".join(done)

    async def undo(self, params: Cleaning, before: Facts, mark: str = "") -> str:
        return "what was removed cannot be put back"

    async def landed(self, params: Cleaning, before: Facts, mark: str = "") -> bool | None:
        """Files that are left disprove it; of journal and package cache nothing can be told."""
        reach(params.host)
        if (await self._survey(_shown(params, before))).files:
            return False
        return None if params.journal or params.packages else True

    async def _survey(self, rules: list[tuple[Rule, int]]) -> Survey:
        return await blocking.in_thread(partial(self._sweep.survey, rules))

    def _until(self, rule: Rule) -> int:
        """Age counts from the full hour, so that a plan is the same when it is built again."""
        hour = self._rig.clock.now().replace(minute=0, second=0, microsecond=0)
        return int((hour - rule.older_than).timestamp())

    async def _run(self, *argv: str) -> None:
        ended = await self._rig.run(*argv, within=REMOVING)
        if ended.code:
            why = " ".join((ended.err or ended.out).split())[:200]
            raise PermanentError(f"{shlex.join(argv)} ended with {ended.code}: {why}")

    async def _journal(self) -> str:
        """Roughly how much it takes: it grows all the time, and a plan must hold still."""
        ended = await self._rig.run(*self._journalctl, "--disk-usage", within=READING)
        found = _TAKES.search(ended.out)
        if ended.code or not found:
            raise PermanentError("journalctl --disk-usage does not say how much the journal takes")
        size = float(found[1]) * 1024 ** _POWERS[found[2]]
        return f"about {sizes.in_words(int(float(f'{size:.0e}')))}"

    def _vacuum(self, journal: Journal) -> list[str]:
        return [*self._journalctl, f"--vacuum-size={journal.keep}"]

    def _targets(self, params: Cleaning) -> Iterator[Target]:
        host = self._host
        for under in dict.fromkeys(rule.under for rule in params.files):
            yield Target(key=f"host:{host}/files:{under}", name=f"{under} on {host}")
        if params.journal:
            yield Target(key=f"host:{host}/journal", name=f"journal of {host}")
        if params.packages:
            yield Target(key=f"host:{host}/packages", name=f"package cache of {host}")

    def _says(self, params: Cleaning, survey: Survey) -> Iterator[str]:
        if params.packages:
            yield f"{shlex.join(self._packages)} on {self._host}"
        if params.journal:
            yield f"{shlex.join(self._vacuum(params.journal))} on {self._host}"
        for one in survey.meant:
            named = "" if one.rule.matching == "*" else f" called {one.rule.matching}"
            size = sizes.in_words(one.size)
            yield (
                f"remove {counted(one.files)} ({size}){named} under {one.rule.under} on "
                f"{self._host}, untouched for {durations.in_words(one.rule.older_than)}"
            )


def _shown(params: Cleaning, before: Facts) -> list[tuple[Rule, int]]:
    """Each rule with the second that none of the files which people were shown is younger than."""
    newest = before.get("newest")
    if not isinstance(newest, list) or len(newest) != len(params.files):
        raise PermanentError("the state before does not fit the rules: nothing is removed")
    return [(rule, one) for rule, one in zip(params.files, newest, strict=True)
            if isinstance(one, int)]  # fmt: skip


PLUGIN = CleanDisk
