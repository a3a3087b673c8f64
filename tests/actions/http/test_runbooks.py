"""The runbooks of breaker, rate limit and failover ask for what they promise, to the letter."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.catalog import shelving
from bot.catalog.runbooks import load_runbooks
from bot.core.runbook import Runbook
from bot.plugins import Toolbox
from tests.clients import rigs

SHIPPED = Path(__file__).parents[3] / "runbooks"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
async def books() -> dict[str, Runbook]:
    async with rigs.rig() as rig:
        loaded = load_runbooks(SHIPPED, shelving.known_names(Toolbox(rig, lambda _: {})))
    return {book.runbook: book for book in loaded}


def asked(book: Runbook) -> Any:
    """The one request that it makes."""
    (step,) = book.steps
    return step.params["body"]


async def test_a_breaker_open_for_a_minute_with_three_tries_five_times_an_hour(
    books: dict[str, Runbook],
) -> None:
    book = books["open-circuit-breaker"]

    assert asked(book) == {"state": "open", "open_for_s": 60, "half_open_requests": 3}
    assert (book.match.min_confidence, book.safety.unattended) == (0.85, True)
    assert [(one.limit, one.within) for one in book.safety.attempts] == [(5, HOUR)]
    assert (book.rollback.after, book.estimate.recovery) == (5 * MINUTE, 2 * MINUTE)


async def test_a_limit_is_a_hundred_a_minute_for_half_an_hour_ten_times_an_hour(
    books: dict[str, Runbook],
) -> None:
    book = books["apply-rate-limit"]

    wanted = {"client": "${params.client}", "limit": 100, "window_s": 60, "for_s": 1800}
    assert asked(book) == wanted
    assert (book.match.min_confidence, book.safety.min_confidence) == (0.75, 0.75)
    assert book.safety.unattended
    assert [(one.limit, one.within) for one in book.safety.attempts] == [(10, HOUR)]
    assert book.estimate.recovery == MINUTE


async def test_a_failover_is_asked_for_twice_an_hour_at_most_and_reverts_on_recovery(
    books: dict[str, Runbook],
) -> None:
    book = books["failover-upstream"]

    assert asked(book) == {"active": "${service.facts.backup}", "health_interval_s": 10}
    assert (book.match.min_confidence, book.safety.unattended) == (0.85, False)
    assert [one.value for one in book.match.severity] == ["critical"]
    assert [(one.limit, one.within) for one in book.safety.attempts] == [(2, HOUR)]
    assert (book.rollback.after, book.rollback.on_recovery) == (None, "primary.status == 200")
    assert book.estimate.recovery == 5 * MINUTE


@pytest.mark.parametrize("name", ["open-circuit-breaker", "apply-rate-limit", "failover-upstream"])
async def test_the_page_names_every_fact_that_a_runbook_needs(
    books: dict[str, Runbook], name: str
) -> None:
    page = (SHIPPED.parent / "docs" / "gateway.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| \[{name}\]\([^)]*\) \| (.*?) \|", page, re.MULTILINE)
    used = set(re.findall(r"service\.facts\.(\w+)", books[name].model_dump_json()))
    wanted = set(re.findall(r"has\(service\.facts\.(\w+)\)", books[name].match.when or ""))

    assert set(re.findall(r"`(\w+)`", row)) == used == wanted
