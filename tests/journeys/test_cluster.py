"""What a person reads when a workload of a real cluster is in trouble, and what is done to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.refusals import ForbiddenError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from tests.cluster import gates
from tests.cluster.fixtures import seen_by
from tests.cluster.observed import Observed
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import APPS, Space
from tests.journeys import clusters
from tests.journeys.clusters import Ground

PAGE = Path(__file__).parents[2] / "docs" / "kubernetes-thread.md"
HEAD = """# An alert of a cluster, as its thread tells it

Pods crash; the plan is shown, approved and carried out; the new pods are ready; the alert clears.
This is what people read in Slack. `tests/journeys/test_cluster.py` wrote it down, before a real API
server with real controllers and kubelets ({version}), as a user who has
[the shipped role](../deploy/kubernetes/role.yaml) and no more. Its kubelets run nothing that could
write a log; elsewhere the container's last lines stand there.
`GOLDEN=write` writes it anew; names, times and counts that differ between runs are placeholders.
"""


@pytest.fixture
async def ground(tmp_path: Path, plane: Plane, space: Space) -> AsyncIterator[Ground]:
    async with (
        gates.a_gate() as gate,
        clusters.opened(tmp_path, plane, space, gate) as made,
    ):
        yield made


async def test_the_whole_thread_of_a_crash_loop_is_as_it_was_read(ground: Ground) -> None:
    await ground.deploy("shop:1")
    await ground.space.service("api")
    await ground.scene.start()
    ground.gate.open.clear()
    crashes = [asyncio.create_task(ground.crash(pod)) for pod in await ground.space.pods()]
    await ground.space.until("api", lambda one: not one["status"].get("availableReplicas"))
    await ground.alert("KubePodCrashLooping")
    card = await ground.asked()
    asked = ground.told(card)
    await ground.says(card, "🔔")  # who decides before it is posted is not asked any more
    await ground.scene.press("approve_recovery")
    await ground.scene.reached(State.RUNNING)
    ground.gate.open.add("/shop:1")
    await ground.scene.reached(State.HEALED, State.ESCALATED)
    await asyncio.gather(*crashes)
    await ground.alert("KubePodCrashLooping", "resolved")
    await ground.scene.reached(State.RESOLVED)
    await ground.says(card, "📎 Transcript")
    await ground.says(card, "📎 events")

    version = (await ground.space.admin.get("/version"))["gitVersion"]
    page = "\n".join(
        (
            HEAD.format(version=version),
            *_part("The card, when people are asked", [asked]),
            *_part("Its thread", ground.thread(card)),
            *_part("The card, at the end", [ground.told(card)]),
        )
    )
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def _part(title: str, messages: list[str]) -> list[str]:
    return [f"## {title}\n", *(f"```text\n{one}\n```\n" for one in messages)]


async def test_a_bad_version_is_undone_even_after_a_restart_and_never_returned_to(
    ground: Ground,
) -> None:
    await ground.deploy("shop:1")
    await ground.release("shop:2")
    await ground.restart_by_hand()
    await ground.scene.start()
    await ground.alert("KubeDeploymentReplicasMismatch")
    card = await ground.asked()

    assert "back to the pods" in ground.told(card)
    assert ": shop:1`" in ground.told(card)

    await ground.approved(State.HEALED)
    assert await ground.image() == "shop:1"

    await ground.alert("KubeDeploymentReplicasMismatch", "resolved")
    await ground.scene.reached(State.RESOLVED)
    ground.gate.open.clear()
    await ground.space.until("api", lambda one: not one["status"].get("availableReplicas"))
    await ground.alert("KubePodNotReady")
    again = await ground.scene.reached(State.ESCALATED, State.AWAITING_APPROVAL)

    assert again.state is State.ESCALATED
    assert again.escalated is not None
    assert again.escalated.why.startswith("this is for a person to heal: The version is old, or")
    assert await ground.image() == "shop:1"


async def test_a_version_that_does_not_come_up_either_is_taken_back_and_told(
    ground: Ground,
) -> None:
    await ground.deploy("shop:1", "shop:2", progressDeadlineSeconds=3)
    await ground.scene.start()
    ground.gate.open.remove("/shop:1")
    crashes = [asyncio.create_task(ground.crash(pod)) for pod in await ground.space.pods()]
    await ground.until_shown()
    await ground.alert("KubePodCrashLooping")
    card = await ground.asked()
    ended = await ground.approved(State.ESCALATED, State.HEALED)
    for one in crashes:
        one.cancel()

    assert ended.acted is not None
    assert "has timed out progressing" in ended.acted.failed
    assert ended.rolled_back is not None
    assert ended.rolled_back.clean, ended.rolled_back
    assert ended.escalated is not None
    assert ended.escalated.say.startswith("They crash as before")
    assert await ground.image() == "shop:2"
    assert "has timed out progressing" in ground.told(card)


async def test_what_somebody_scales_between_card_and_click_is_shown_as_the_difference(
    ground: Ground,
) -> None:
    await ground.deploy("shop:1")
    await ground.scene.start()
    ground.gate.open.clear()
    await ground.space.until("api", lambda one: not one["status"].get("availableReplicas"))
    crashes = [asyncio.create_task(ground.crash(pod)) for pod in await ground.space.pods()]
    await ground.alert("KubePodCrashLooping")
    card = await ground.asked()
    await ground.space.scale("api", 4)
    await ground.space.until("api", lambda one: one["status"].get("replicas") == 4)
    await ground.scene.workspace.click("andre", "alerts", card, "approve_recovery")
    await ground.scene.until(lambda: "changed since it was shown" in ground.scene.shown(card))
    for one in crashes:
        one.cancel()

    assert "step 1 starts from another state: replicas 3 → 4, spec " in ground.told(card)
    assert ground.scene.incidents()[-1].state is State.AWAITING_APPROVAL


async def test_a_life_that_ends_between_patch_and_record_is_not_lived_twice(
    ground: Ground, plane: Plane
) -> None:
    await ground.deploy("shop:1")
    ground.gate.open.clear()
    await ground.space.until("api", lambda one: not one["status"].get("availableReplicas"))
    seen = Observed(plane, ground.space)
    await ground.live_until("after:patch")
    await ground.alert("KubePodCrashLooping")
    await ground.scene.press("approve_recovery")

    assert await ground.scene.death() == -9
    written = (await ground.space.read(ground.api))["metadata"]
    assert written["annotations"]["heal/step"].startswith(ground.scene.incidents()[-1].id)

    ground.gate.open.add("/shop:1")
    await ground.scene.start()
    healed = await ground.scene.reached(State.HEALED, State.ESCALATED)
    found = (await ground.space.read(ground.api))["metadata"]

    assert healed.state is State.HEALED
    assert [step.ending for step in healed.steps] == [StepEnding.FOUND_DONE]
    assert found["generation"] == written["generation"]
    assert len([one for one in seen.writes if ground.space.name in one]) == 1


async def test_an_image_that_cannot_be_pulled_is_explained_and_nothing_is_written(
    ground: Ground, plane: Plane
) -> None:
    await ground.deploy("shop:1")
    await ground.release("shop:typo")
    await ground.scene.start()
    seen = Observed(plane, ground.space)
    await ground.alert("KubeContainerWaiting", severity="warning")
    ended = await ground.scene.reached(State.ESCALATED, State.AWAITING_APPROVAL)

    assert ended.state is State.ESCALATED
    assert ended.escalated is not None
    assert ended.escalated.to == "oncall"
    await ground.scene.until(lambda: ground.scene.card("its pull secret"))
    card = ground.scene.card("its pull secret")
    for said in ("images=shop:typo", "@oncall", "Nothing was executed"):
        await ground.says(card, said)
    assert [one for one in seen.writes if ground.space.name in one] == []


async def test_the_role_lets_heal_do_this_and_no_more(ground: Ground, plane: Plane) -> None:
    await ground.deploy("shop:1", replicas=1)
    settings = seen_by(plane, "heal").model_copy(update={"namespaces": ("*", "default")})
    heal = Cluster(CONTEXT, settings)
    (pod,) = await ground.space.pods()
    core, apps = f"/api/v1/namespaces/{ground.space.name}", f"{APPS}/{ground.space.name}"

    for path in (f"{core}/secrets", f"{APPS}/default/deployments/api", "/api/v1/namespaces"):
        with pytest.raises(ForbiddenError, match="forbidden; give Heal's role the verb for it"):
            await heal.get(path)
    for path in (f"{core}/pods/{pod}/exec", f"{core}/pods", f"{apps}/deployments"):
        with pytest.raises(ForbiddenError):
            await heal.post(path, {}, dry=True)
    await heal.get(f"{apps}/deployments/api")
