"""`kubernetes.scale` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.scale import PLUGIN, Scale, Scaled
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

STEP = "inc-1:1"


@pytest.fixture
async def scale(kubernetes: KubernetesSettings) -> AsyncIterator[Scale]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(space: Space, replicas: int, most: int = 12) -> Scaled:
    return Scaled(cluster=CONTEXT, namespace=space.name, name="api", replicas=replicas, most=most)


async def wanted(space: Space) -> int:
    return int((await space.read(to(space, 1)))["spec"]["replicas"])


async def test_more_pods_come_and_go_again(scale: Scale, space: Space) -> None:
    await space.deployment("api", 2)
    await space.standing("api")
    scope = await scale.scope(to(space, 4))

    done = await scale.execute(to(space, 4), scope.pre_state, STEP)
    pods = len(await space.pods())
    back = await scale.undo(to(space, 4), scope.pre_state, STEP)

    assert scope.blast_radius.line == (
        f"deployment api in {space.name} (local): touches 2 of 2 pods, none down; from 2 to 4"
    )
    assert done.startswith(f"scaled deployment api in {space.name} from 2 to 4: 4 of 4")
    assert pods == 4
    assert back.startswith(f"scaled deployment api in {space.name} back to 2: 2 of 2")


async def test_a_second_increment_stands_on_our_own_first(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scopes = [await scale.scope(to(space, count)) for count in (2, 3)]

    await scale.execute(to(space, 2), scopes[0].pre_state, "inc-1:1")
    before = await scale.landed(to(space, 3), scopes[1].pre_state, "inc-1:2")
    await scale.execute(to(space, 3), scopes[1].pre_state, "inc-1:2")

    assert before is False
    assert await wanted(space) == 3


async def test_what_another_incident_did_is_no_step_of_ours(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scopes = [await scale.scope(to(space, count)) for count in (2, 3)]
    await scale.execute(to(space, 2), scopes[0].pre_state, "inc-2:1")

    with pytest.raises(PermanentError, match="changed since it was planned for"):
        await scale.execute(to(space, 3), scopes[1].pre_state, "inc-1:2")

    assert await wanted(space) == 2


async def test_a_number_that_somebody_else_set_meanwhile_is_left_alone(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await scale.scope(to(space, 2))
    await scale.execute(to(space, 2), scope.pre_state, STEP)
    await space.scale("api", 3)

    with pytest.raises(PermanentError, match="has 3 pods, which somebody else has set: left alone"):
        await scale.undo(to(space, 2), scope.pre_state, STEP)

    assert await wanted(space) == 3


async def test_an_autoscaler_is_not_fought_with(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.autoscaler("api", 1, 3)

    with pytest.raises(PermanentError, match="would overwrite another: change its limits instead"):
        await scale.scope(to(space, 2))


async def test_more_than_the_runbook_allows_and_the_same_again_are_refused(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 2)

    with pytest.raises(PermanentError, match=r"9 pods of deployment api .* more than the 8"):
        await scale.scope(to(space, 9, most=8))
    with pytest.raises(PermanentError, match="has 2 pods already"):
        await scale.scope(to(space, 2))


@pytest.mark.parametrize("wrong", [{"replicas": 0}, {"replicas": 1001}, {"kind": "daemonset"}])
def test_nothing_is_scaled_to_nothing_and_no_daemonset_at_all(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scaled.model_validate(
            {"namespace": "shop", "name": "api", "replicas": 2, "most": 12, **wrong}
        )
