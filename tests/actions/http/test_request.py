"""One typed request is shown as it is sent, carries its secret, and goes where it may."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.actions.http.request import HttpRequest
from bot.core.errors import ActionError, PermanentError, TemporaryError
from tests.actions.http.asking import SECRET, wanted
from tests.clients.servers import Recorder


async def test_the_scope_reads_the_state_and_says_both_ways(
    action: HttpRequest, server: Recorder
) -> None:
    scope = await action.scope(wanted(server))

    assert f'PATCH {server.url("/pool")} {{"size": 50}}' == scope.says
    assert f'PATCH {server.url("/pool")} back to {{"size": 20}}' == scope.undo_says
    assert scope.pre_state == {"snapshot": {"size": 20}}
    assert server.methods == ["GET"]


async def test_one_target_is_counted_unless_the_runbook_knows_more(
    action: HttpRequest, server: Recorder
) -> None:
    one = (await action.scope(wanted(server))).blast_radius
    several = {"name": "checkout pool", "unit": "connection", "total": 50, "touched": 30}
    more = (await action.scope(wanted(server, target=several))).blast_radius

    assert f"{server.url('/pool')}: touches 1 of 1 setting, none down" == one.line
    assert more.line == "checkout pool: touches 30 of 50 connections, none down"
    assert f"http:{server.host}/pool" == one.targets[0].key == more.targets[0].key


async def test_the_same_request_carries_the_same_key_and_another_one_does_not(
    action: HttpRequest, server: Recorder
) -> None:
    params = wanted(server, method="POST")
    for size, mark in ((1, "inc-a:1"), (1, "inc-a:1"), (2, "inc-a:1"), (1, "inc-b:1")):
        await action.execute(params, {"snapshot": size}, mark)

    first, again, other, elsewhere = (each.headers["Idempotency-Key"] for each in server.seen)
    assert first == again
    assert len({first, other, elsewhere}) == 3


async def test_a_secret_is_sent_and_stands_nowhere_else(
    action: HttpRequest, server: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    params = wanted(server, secret="flags")
    scope = await action.scope(params)
    done = await action.execute(params, scope.pre_state)
    server.answers["/pool"] = web.Response(status=401, text=f"unknown token {SECRET}")
    with pytest.raises(PermanentError, match="answered 401: unknown token •••") as caught:
        await action.execute(params, scope.pre_state)

    assert {f"Bearer {SECRET}"} == {each.headers["Authorization"] for each in server.seen}
    said = (params.model_dump_json(), scope.model_dump_json(), done, repr(caught.value))
    assert SECRET not in "".join(said) + caplog.text + repr(action._settings)


async def test_a_secret_that_is_not_set_stops_the_plan(
    action: HttpRequest, server: Recorder
) -> None:
    with pytest.raises(PermanentError, match="set HEAL_HTTP_SECRET_OTHER"):
        await action.scope(wanted(server, secret="other"))

    assert server.seen == []


@pytest.mark.parametrize("part", ["url", "snapshot", "rollback"])
async def test_no_address_of_a_request_may_leave_the_list(
    action: HttpRequest, server: Recorder, part: str
) -> None:
    evil = "http://169.254.169.254/latest"
    params = wanted(server, **{part: evil if part == "url" else {"url": evil}})

    with pytest.raises(PermanentError, match="list it in HEAL_HTTP_ALLOWED_HOSTS"):
        await action.scope(params)

    assert "PATCH" not in server.methods


async def test_a_query_is_encoded_and_shown(action: HttpRequest, server: Recorder) -> None:
    params = wanted(server, query={"env": "prod&x=1", "a": "é #"})

    scope = await action.scope(params)
    await action.execute(params, scope.pre_state)

    assert server.seen[-1].path.replace("+", "%20") == "/pool?env=prod%26x%3D1&a=%C3%A9%20%23"
    assert "/pool?env=prod%26x%3D1&a=%C3%A9" in scope.says


@pytest.mark.parametrize(
    ("expected", "status", "error"),
    [
        ((), 204, None),
        ((409,), 409, None),
        ((200,), 204, PermanentError),
        ((), 302, PermanentError),
        ((), 429, TemporaryError),
    ],
)
async def test_only_an_expected_answer_means_that_it_is_done(
    action: HttpRequest,
    server: Recorder,
    expected: tuple[int, ...],
    status: int,
    error: type[ActionError] | None,
) -> None:
    server.answers["/pool"] = web.Response(status=status)
    params = wanted(server, expect_status=expected)

    if error is None:
        assert (await action.execute(params, {})).endswith(f"answered {status}")
        return
    with pytest.raises(error):
        await action.execute(params, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET"},
        {"snapshot": None},
        {"body": float("nan")},
        {"body": "x" * 10_001},
        {"rollback": {"method": "POST", "url": "http://a/"}},
        {"target": {"total": 1, "touched": 2}},
        {"secret": "../x"},
        {"headers": {"X": "y"}},
    ],
)
async def test_a_request_that_cannot_be_right_is_refused(
    server: Recorder, changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        wanted(server, **changes)
