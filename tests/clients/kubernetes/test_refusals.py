"""An API server's no, as a person or the engine needs it."""

from __future__ import annotations

import json

import pytest

from bot.clients.kubernetes.refusals import (
    Asked,
    BudgetError,
    ForbiddenError,
    MissingError,
    StaleError,
    lost,
    refused,
)
from bot.core.errors import PermanentError, TemporaryError

PATH = "/apis/apps/v1/namespaces/shop/deployments/api"
ASKED = Asked("prod", "PATCH", PATH)


def answer(message: str, **more: object) -> bytes:
    return json.dumps({"kind": "Status", "message": message, **more}).encode()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, PermanentError),
        (403, ForbiddenError),
        (404, MissingError),
        (409, StaleError),
        (400, PermanentError),
        (429, TemporaryError),
        (500, TemporaryError),
        (503, TemporaryError),
        (302, PermanentError),
    ],
)
def test_each_no_names_cluster_verb_and_object(status: int, kind: type[Exception]) -> None:
    actual = refused(ASKED, status, {}, answer("because"))

    assert type(actual) is kind
    assert str(actual).startswith("cluster prod: patch deployments/api in shop: ")


def test_a_test_that_failed_in_a_json_patch_is_a_change_meanwhile() -> None:
    said = answer("the server rejected our request due to an error in our request")

    assert type(refused(ASKED, 422, {}, said)) is StaleError
    assert type(refused(ASKED, 422, {}, answer("spec.replicas: Invalid"))) is PermanentError


def test_a_budget_without_room_is_told_from_a_busy_server() -> None:
    full = {"causes": [{"reason": "DisruptionBudget", "message": "needs 2 healthy pods"}]}

    assert type(refused(ASKED, 429, {}, answer("no", details=full))) is BudgetError
    assert type(refused(ASKED, 429, {}, answer("no", details={}))) is TemporaryError


@pytest.mark.parametrize(("told", "waits"), [("7", 7.0), ("900", 60.0), ("soon", 1.0), ("-1", 1.0)])
def test_a_busy_server_says_when_to_come_again(told: str, waits: float) -> None:
    actual = refused(ASKED, 503, {"Retry-After": told}, b"")

    assert isinstance(actual, TemporaryError)
    assert actual.retry_after == waits


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"message": 7}', b"\xff\x00" * 400])
def test_an_answer_that_is_no_status_is_harmless(body: bytes) -> None:
    actual = str(refused(ASKED, 400, {}, body))

    assert actual.isprintable()
    assert len(actual) < 500


def test_a_lost_write_says_that_it_may_have_been_done() -> None:
    assert "may have been done" in str(lost(ASKED, "timeout"))
    assert "may have been done" not in str(lost(Asked("prod", "GET", PATH), "timeout"))
    assert "may have been done" not in str(lost(Asked("prod", "PATCH", PATH, dry=True), "timeout"))
