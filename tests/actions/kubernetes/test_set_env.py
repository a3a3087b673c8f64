"""`kubernetes.set_env` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.set_env import PLUGIN, Env, SetEnv
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clock import Clock
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, template

POOL = [{"name": "POOL_SIZE", "value": "20"}]


class Interrupted(Clock):
    """A clock on which something happens during the first long sleep."""

    def __init__(self, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._happens = happens

    async def sleep(self, seconds: float) -> None:
        if seconds >= 30:
            await self._happens()
        else:
            await super().sleep(seconds)


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[SetEnv]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(space: Space, **more: object) -> Env:
    where = {"cluster": CONTEXT, "namespace": space.name, "name": "api", "container": "api"}
    return Env.model_validate({**where, "variable": "POOL_SIZE", **more})


async def made(space: Space, *env: Json) -> Json:
    found = await space.deployment("api", 1, template=template("shop:1", env=[*POOL, *env]))
    await space.standing("api")
    return found


async def env(space: Space) -> list[Json]:
    found = await space.read(to(space, value="x"))
    there: list[Json] = found["spec"]["template"]["spec"]["containers"][0].get("env") or []
    return there


async def test_a_pool_grows_by_ten_in_three_steps_and_goes_back_at_once(
    action: SetEnv, space: Space
) -> None:
    """One plan sees 20 in all its steps; the last one is stopped by the most that is allowed."""
    first = await made(space)
    steps = [to(space, by=by, most=45) for by in (10, 20, 30)]
    scopes = [await action.scope(one) for one in steps]
    sizes = []

    for number, (one, scope) in enumerate(zip(steps, scopes, strict=True), 1):
        assert await action.landed(one, scope.pre_state, f"inc-1:{number}") is False
        await action.execute(one, scope.pre_state, f"inc-1:{number}")
        sizes.append((await env(space))[0]["value"])
    with pytest.raises(AlreadyThere):
        await action.scope(steps[0])
    for number in (3, 2, 1):
        scope = scopes[number - 1]
        await action.undo(steps[number - 1], scope.pre_state, f"inc-1:{number}")

    assert [one.blast_radius.notes[0] for one in scopes] == [
        "POOL_SIZE 20 → 30", "POOL_SIZE 20 → 40", "POOL_SIZE 20 → 45"
    ]  # fmt: skip
    assert sizes == ["30", "40", "45"]
    assert (await space.read(steps[0]))["spec"] == first["spec"]
    assert (await action.scope(steps[0])).pre_state == scopes[0].pre_state


async def test_another_incident_may_take_all_of_it_back_later(action: SetEnv, space: Space) -> None:
    """Two steps on different values; what undoes them belongs to an incident of its own."""
    first = await made(space, {"name": "SIZE", "value": "1"})
    steps = [to(space, value=50), to(space, variable="SIZE", value=2)]
    scopes = [await action.scope(one) for one in steps]
    for number in (0, 1):
        await action.execute(steps[number], scopes[number].pre_state, f"inc-1:{number}")

    for number in (1, 0):
        await action.undo(steps[number], scopes[number].pre_state, f"inc-2:{2 - number}")

    assert (await space.read(steps[0]))["spec"] == first["spec"]


async def test_a_variable_that_is_added_is_taken_away_again(action: SetEnv, space: Space) -> None:
    first = await space.deployment("api", 1)
    await space.standing("api")
    with pytest.raises(PermanentError, match=r"has no variable POOL_SIZE \(it has none\); say add"):
        await action.scope(to(space, value=50))
    which = to(space, value=50, add=True)
    scope = await action.scope(which)

    await action.execute(which, scope.pre_state, "inc-1:1")
    there = await env(space)
    await action.undo(which, scope.pre_state, "inc-1:1")

    assert there == [{"name": "POOL_SIZE", "value": "50"}]
    assert scope.undo_says.startswith("remove POOL_SIZE in container api of deployment api")
    assert (await space.read(which))["spec"] == first["spec"]


async def test_pods_that_do_not_stay_ready_stop_the_next_step(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    """A step that settles looks again; between the two looks somebody rolls out broken pods."""
    await made(space)
    broken = {"containers": [{"name": "api", "resources": {"requests": {"memory": "90Ti"}}}]}
    clock = Interrupted(lambda: space.deployment("api", 1, template={"spec": broken}))
    async with rigs.rig() as rig:
        action = PLUGIN(kubernetes, dataclasses.replace(rig, clock=clock))
        which = to(space, by=10, most=50, settle="30s")
        scope = await action.scope(which)

        with pytest.raises(PermanentError, match="did not stay so"):
            await action.execute(which, scope.pre_state, "inc-1:1")


async def test_what_is_drawn_from_elsewhere_or_secret_is_not_touched(
    action: SetEnv, space: Space
) -> None:
    drawn = {"secretKeyRef": {"name": "db", "key": "size", "optional": True}}
    url = "postgres://app:hunter22@db/shop"
    await made(space, {"name": "DRAWN", "valueFrom": drawn}, {"name": "DATABASE_URL", "value": url})

    for more, why in (
        ({"variable": "DRAWN", "value": "5"}, "is drawn from elsewhere"),
        ({"variable": "DB_PASSWORD", "value": "x", "add": True}, "looks like the name of a secret"),
        ({"variable": "DATABASE_URL", "value": "postgres://db"}, "looks like a secret"),
        ({"value": "token=abcdefgh"}, "looks like a secret"),
        ({"variable": "DATABASE_URL", "by": 1, "most": 2}, "is no whole number"),
    ):
        with pytest.raises(PermanentError, match=why) as refused:
            await action.scope(to(space, **more))
        assert "hunter22" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"value": "1", "by": 1, "most": 2}, {"by": 10}, {"by": -10, "most": 50},
        {"value": True}, {"value": "1", "variable": "A-B"}, {"value": {"secretKeyRef": {}}},
    ],
)  # fmt: skip
def test_a_value_and_its_bounds_must_make_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Env.model_validate(
            {
                "namespace": "shop",
                "name": "api",
                "container": "api",
                "variable": "POOL_SIZE",
                **wrong,
            }
        )


@pytest.mark.parametrize(
    ("said", "now", "wanted"),
    [
        ({"by": -10, "least": 15}, "20", "15"),
        ({"by": -10, "least": 15}, "10", "10"),
        ({"by": 10, "most": 50}, "60", "60"),
        ({"by": 10, "most": 50}, "45", "50"),
        ({"value": 1.5}, "45", "1.5"),
    ],
)
def test_a_bound_is_never_passed_and_never_moves_it_the_other_way(
    said: dict[str, object], now: str, wanted: str
) -> None:
    where = {"namespace": "shop", "name": "api", "container": "api", "variable": "POOL_SIZE"}
    assert Env.model_validate({**where, **said}).wanted(now) == wanted
