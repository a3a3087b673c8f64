"""The sections of `rules.yaml`: spans, limits, caps and people, each strict and described."""

from __future__ import annotations

from bot.core.policy.sections.alerts import Dependencies, Grouping, Least, Settle, Severities
from bot.core.policy.sections.blast import Blast, BlastLimit
from bot.core.policy.sections.escalation import Escalation, Ladder, NextLevel
from bot.core.policy.sections.glass import BreakGlass
from bot.core.policy.sections.hours import WorkingHours
from bot.core.policy.sections.limits import (
    Breaker,
    Per,
    Queue,
    Rate,
    Recurring,
    Scaling,
    Tries,
)
from bot.core.policy.sections.people import (
    Approvers,
    Called,
    Panel,
    Preapproval,
    Production,
    Role,
)
from bot.core.policy.sections.permits import Permits
from bot.core.policy.sections.rotas import Rota
from bot.core.policy.sections.spans import Freeze, Maintenance, Window
from bot.core.policy.sections.staging import Promotion, Stage, Stages, Staging
from bot.core.policy.sections.storms import Storm
from bot.core.policy.sections.tickets import Tickets
from bot.core.policy.sections.words import (
    Count,
    Exact,
    Moment,
    Name,
    Percent,
    Switch,
    Tier,
    Where,
    fits,
)

__all__ = [
    "Approvers",
    "Blast",
    "BlastLimit",
    "BreakGlass",
    "Breaker",
    "Called",
    "Count",
    "Dependencies",
    "Escalation",
    "Exact",
    "Freeze",
    "Grouping",
    "Ladder",
    "Least",
    "Maintenance",
    "Moment",
    "Name",
    "NextLevel",
    "Panel",
    "Per",
    "Percent",
    "Permits",
    "Preapproval",
    "Production",
    "Promotion",
    "Queue",
    "Rate",
    "Recurring",
    "Role",
    "Rota",
    "Scaling",
    "Settle",
    "Severities",
    "Stage",
    "Stages",
    "Staging",
    "Storm",
    "Switch",
    "Tickets",
    "Tier",
    "Tries",
    "Where",
    "Window",
    "WorkingHours",
    "fits",
]
