"""How far a runbook has come: only shown, always asked for, or left to the other rules."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.core import durations
from bot.core.durations import Duration
from bot.core.policy.sections.words import Count, Moment, Name, Percent, Where, fits
from bot.core.values import Frozen


class Stage(StrEnum):
    """From the strictest to the freest; a person moves a runbook on, by editing the policy."""

    DRY_RUN = "dry_run"
    ASK = "ask"
    AUTO = "auto"


ORDER = tuple(Stage)


class Staging(Where):
    """A stage for these runbooks on these services in these environments."""

    runbooks: tuple[Name, ...] = Field(
        default=("*",), min_length=1, description="names of runbooks; `*` stands for anything"
    )
    stage: Stage = Field(description="dry_run, ask or auto")
    since: Moment | None = Field(
        default=None,
        description="it holds from this instant on, and the record counts from there",
    )


class Stages(Frozen):
    """Where every runbook stands; of several lines that fit, the strictest holds."""

    default: Stage = Field(default=Stage.AUTO, description="where no line of `lines` fits")
    lines: tuple[Staging, ...] = Field(
        default=(), description="stages of some; where one fits, the default does not count"
    )

    def of(
        self, runbook: str, service: str, environment: str, now: datetime
    ) -> tuple[Stage, datetime | None]:
        """Return the stage, and since when, where the policy says that."""
        held = [
            line
            for line in self.lines
            if (line.since is None or line.since <= now)
            and fits(runbook, line.runbooks)
            and line.covers(service, environment)
        ]
        if not held:
            return self.default, None
        stage = min((line.stage for line in held), key=ORDER.index)
        return stage, max((one.since for one in held if one.since and one.stage is stage),
                          default=None)  # fmt: skip


class Promotion(Frozen):
    """What a record must show before the next stage; Heal says so, and a person edits the file."""

    dry_runs: Count = Field(
        default=10, description="before ask: so many plans for alerts were made and only shown"
    )
    asked: Count = Field(default=10, description="before auto: so many times people said yes")
    verified_percent: Annotated[Percent, Field(le=100)] = Field(
        default=90, description="before auto: so many of the runs that ended were verified"
    )
    no_relapse_for: Duration = Field(
        default=durations.parse("14d"),
        description="before auto: so long since the last relapse, or since the first run",
    )
