"""What the tests of the engine have people write down: one runbook, in several ways."""

from __future__ import annotations

from bot.core.library import Library
from bot.core.values import Facts
from tests import builders

POOL: Facts = {"do": "fake.pool", "with": {"to": 50}, "timeout": "30s"}
WEIGHT: Facts = {"do": "fake.weight", "with": {"to": 10}, "timeout": "30s"}
CACHE: Facts = {"do": "fake.cache", "with": {"to": 1}, "timeout": "30s"}
PURGE: Facts = {"do": "fake.purge", "with": {"to": 0}, "timeout": "30s"}
UNATTENDED = builders.a_library(
    builders.a_runbook(safety={"unattended": True, "cool_down": "1s"}),
    rulebook=builders.a_rulebook(
        production={"preapproved": [{"runbook": "raise-pool", "service": "shop"}]},
        ask_when_critical=False,
    ),
)
SHORT: Facts = {"do": "fake.pool", "with": {"to": 50}, "timeout": "100ms"}


def steps(*wanted: Facts) -> Library:
    """A library of one runbook with these steps."""
    return builders.a_library(builders.a_runbook(steps=list(wanted)))


def reverting(**rollback: object) -> Library:
    """A library of one runbook that goes back like this."""
    return builders.a_library(builders.a_runbook(rollback=rollback))
