"""A request knows the state before it, puts it back, and sees whether it was done."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bot.actions.http.request import HttpRequest
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility
from tests.actions.http.asking import wanted
from tests.clients.servers import Recorder


async def test_what_was_said_is_done_and_put_back(action: HttpRequest, server: Recorder) -> None:
    params = wanted(server)
    before = (await action.scope(params)).pre_state

    done = await action.execute(params, before)
    between = dict(server.kept["/pool"])
    back = await action.undo(params, before)
    await action.undo(params, before)

    assert between == {"size": 50, "busy": 3}
    assert server.kept["/pool"] == {"size": 20, "busy": 3}
    assert f"PATCH {server.url('/pool')} answered 200" == done
    assert back.endswith('back to {"size": 20}: answered 200')


async def test_one_field_of_the_snapshot_can_be_put_back(
    action: HttpRequest, server: Recorder
) -> None:
    server.kept["/flag"] = {"state": {"on": True}, "version": 7}
    url = server.url("/flag")
    params = wanted(
        server,
        method="PUT",
        url=server.url("/flag/on"),
        body=False,
        snapshot={"url": url},
        rollback={"url": server.url("/flag/on"), "field": "state.on"},
    )
    before = (await action.scope(params)).pre_state

    await action.execute(params, before)
    await action.undo(params, before)

    assert server.kept["/flag/on"] is True


async def test_a_way_back_needs_a_rollback(action: HttpRequest, server: Recorder) -> None:
    assert Reversibility.REVERSIBLE is action.way_back(wanted(server))
    assert Reversibility.IRREVERSIBLE is action.way_back(wanted(server, rollback=None))
    with pytest.raises(PermanentError, match="nothing can be put back"):
        await action.undo(wanted(server, rollback=None), {})


@pytest.mark.parametrize(
    ("now", "landed"),
    [
        ({"size": 50, "busy": 9}, True),
        ({"size": 20, "busy": 9}, False),
        ({"size": 35, "busy": 9}, None),
        ({"size": True, "busy": 9}, None),
    ],
)
async def test_what_is_there_now_tells_whether_it_was_done(
    action: HttpRequest, server: Recorder, now: Any, landed: bool | None
) -> None:
    params = wanted(server)
    before = (await action.scope(params)).pre_state
    server.kept["/pool"] = now

    assert landed is await action.landed(params, before)


async def test_what_leaves_no_trace_cannot_be_told(action: HttpRequest, server: Recorder) -> None:
    blind = wanted(server, snapshot=None, rollback=None)
    empty = wanted(server, method="POST", body=None)

    assert [await action.landed(blind, {}), await action.landed(empty, {})] == [None, None]
    assert server.seen == []


@pytest.mark.parametrize(("gone", "landed"), [(True, True), (False, False)])
async def test_a_deletion_is_seen_by_what_is_missing(
    action: HttpRequest, server: Recorder, gone: bool, landed: bool
) -> None:
    params = wanted(server, method="DELETE", body=None)
    before = (await action.scope(params)).pre_state
    if gone:
        await action.execute(params, before)

    assert landed is await action.landed(params, before)


@pytest.mark.parametrize(
    ("kept", "reason"), [([1], "has no size"), ({"busy": 3}, "has no size"), (None, "has no size")]
)
async def test_a_snapshot_that_is_not_what_it_should_be_stops_the_plan(
    action: HttpRequest, server: Recorder, kept: Any, reason: str
) -> None:
    server.kept["/pool"] = kept

    with pytest.raises(PermanentError, match=reason):
        await action.scope(wanted(server))


async def test_what_was_created_is_put_back_by_a_deletion(
    action: HttpRequest, server: Recorder
) -> None:
    made = server.url("/canary")
    params = wanted(server, method="PUT", url=made, rollback={"method": "DELETE", "url": made})
    before = (await action.scope(params)).pre_state
    await action.execute(params, before)
    server.answers["/canary"] = web.Response(status=404)

    back = await action.undo(params, before)

    assert back == f"DELETE {made}: answered 404"


async def test_a_rollback_that_the_server_refuses_is_an_error(
    action: HttpRequest, server: Recorder
) -> None:
    server.answers["/pool"] = web.Response(status=403)

    with pytest.raises(PermanentError, match=r"PATCH .* answered 403"):
        await action.undo(wanted(server), {"snapshot": {"size": 20}})


async def test_a_field_that_the_snapshot_lacks_stops_the_plan(
    action: HttpRequest, server: Recorder
) -> None:
    rollback = {"url": server.url("/pool"), "field": "size.max"}

    with pytest.raises(PermanentError, match=r"the snapshot has no field size\.max"):
        await action.scope(wanted(server, rollback=rollback))


async def test_a_snapshot_that_cannot_be_read_now_may_be_read_later(
    action: HttpRequest, server: Recorder
) -> None:
    server.answers["/pool"] = web.Response(status=500)

    with pytest.raises(TemporaryError, match=r"GET .* answered 500"):
        await action.scope(wanted(server))


async def test_a_plain_value_is_seen_when_it_landed(action: HttpRequest, server: Recorder) -> None:
    server.kept["/flag"] = True
    params = wanted(server, body=True, snapshot={"url": server.url("/flag")})

    assert await action.landed(params, {"snapshot": False}) is True
