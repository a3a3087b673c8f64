"""`kubernetes.set_image` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.set_image import PLUGIN, Imaged, SetImage
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster import objects
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, template

STEP = "inc-1:1"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[SetImage]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(space: Space, image: str = "shop:2", **more: object) -> Imaged:
    said = {
        "cluster": CONTEXT,
        "namespace": space.name,
        "name": "api",
        "container": "api",
        "image": image,
        **more,
    }
    return Imaged.model_validate(said)


async def test_a_new_image_is_rolled_out_and_the_former_one_is_put_back(
    action: SetImage, space: Space
) -> None:
    first = await space.deployment("api", 2)
    await space.standing("api")
    scope = await action.scope(to(space))

    done = await action.execute(to(space), scope.pre_state, STEP)
    there = await space.read(to(space))
    back = await action.undo(to(space), scope.pre_state, STEP)

    where = f"deployment api in {space.name}"
    assert scope.says == f"set image shop:2 in container api of {where} ({CONTEXT})"
    assert scope.undo_says == f"set image shop:1 in container api of {where} ({CONTEXT})"
    assert scope.blast_radius.notes[0] == "image shop:1 → shop:2"
    assert scope.blast_radius.touched == 2
    assert done == f"{where} runs shop:2: 2 of 2 pods are new and available"
    assert objects.image(there) == "shop:2"
    assert there["metadata"]["annotations"][MARK] == STEP
    assert back == f"{where} has its former image again: 2 of 2 pods are new and available"
    assert (await space.read(to(space)))["spec"] == first["spec"]
    assert (await action.scope(to(space))).pre_state == scope.pre_state


async def test_what_is_there_already_and_what_is_not_there_are_refused(
    action: SetImage, space: Space
) -> None:
    await space.deployment("api", 1)

    with pytest.raises(PermanentError, match="has it already: set image shop:1 in container"):
        await action.scope(to(space, "shop:1"))
    with pytest.raises(PermanentError, match=r"container .*'web' is unknown.*api"):
        await action.scope(to(space, container="web"))
    with pytest.raises(PermanentError, match=r"deployments/web in .*: there is none"):
        await action.scope(to(space, name="web"))


async def test_an_image_comes_only_from_where_the_setting_allows(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    ours = kubernetes.model_copy(update={"registries": ("eu.example.org/team",)})
    async with rigs.rig() as rig:
        action = PLUGIN(ours, rig)
        with pytest.raises(PermanentError, match=r"comes from docker.io/library/shop, and HEAL_"):
            await action.scope(to(space))
        with pytest.raises(PermanentError, match=r"comes from eu.example.org/teams/shop"):
            await action.scope(to(space, "eu.example.org/teams/shop:2"))
        scope = await action.scope(to(space, "eu.example.org/team/shop:2"))

    assert scope.says.startswith("set image eu.example.org/team/shop:2 in container api")


async def test_what_somebody_else_rolled_out_since_is_left_alone(
    action: SetImage, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space))
    await action.execute(to(space), scope.pre_state, STEP)
    await space.deployment("api", 1, template=template("shop:2", args=["--new"]))

    with pytest.raises(PermanentError, match="was changed by somebody else since: left alone"):
        await action.undo(to(space), scope.pre_state, STEP)

    assert objects.image(await space.read(to(space))) == "shop:2"


async def test_another_number_of_pods_does_not_keep_the_former_image_away(
    action: SetImage, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space))
    await action.execute(to(space), scope.pre_state, STEP)
    await space.scale("api", 2)

    await action.undo(to(space), scope.pre_state, STEP)

    found = await space.read(to(space))
    assert (objects.image(found), found["spec"]["replicas"]) == ("shop:1", 2)


async def test_a_change_between_plan_and_click_is_told_and_nothing_is_written(
    action: SetImage, space: Space
) -> None:
    await space.deployment("api", 1)
    scope = await action.scope(to(space))
    await space.deployment("api", 1, template=template("shop:9"))

    with pytest.raises(
        PermanentError, match="changed since it was planned for: images api=shop:1 → api=shop:9"
    ):
        await action.execute(to(space), scope.pre_state, STEP)

    assert MARK not in (await space.read(to(space)))["metadata"].get("annotations", {})


async def test_after_a_crash_its_own_mark_is_found_and_nothing_is_written_again(
    action: SetImage, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space))
    assert await action.landed(to(space), scope.pre_state, STEP) is False
    await action.execute(to(space), scope.pre_state, STEP)
    written = (await space.read(to(space)))["metadata"]["generation"]

    assert await action.landed(to(space), scope.pre_state, STEP) is True
    await action.execute(to(space), scope.pre_state, STEP)
    assert (await space.read(to(space)))["metadata"]["generation"] == written


@pytest.mark.parametrize("image", ["shop", "shop:latest", "https://shop:1", "shop:1 --all", ""])
def test_an_image_that_says_nothing_certain_is_a_mistake(image: str) -> None:
    with pytest.raises(ValidationError):
        Imaged.model_validate(
            {"namespace": "shop", "name": "api", "container": "api", "image": image}
        )
