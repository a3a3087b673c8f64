"""A plan is bound by its hash, and says what moved when it is not the same any more."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import difference
from bot.core.blast_radius import BlastRadius, Target
from bot.core.deployment import Deployment, Stage
from bot.core.plan import Reversibility, WayBack
from tests.builders import a_plan, a_scope, a_step

OTHER = Target(key="host:web-2/unit:shop", name="unit shop on web-2")
WIDER = BlastRadius(targets=(OTHER,), touched=2, down_at_once=2, total=3)
NOW_TOUCHES = (
    "step 1 would now touch: unit shop on web-2: touches 2 of 3 processes, 2 (66.7 %) down at the "
    "worst moment (before: unit shop on web-1: touches 1 of 3 processes, 1 (33.3 %) down at the "
    "worst moment)"
)


@pytest.mark.parametrize(
    "changes",
    [
        {"params": {"host": "web-2", "unit": "shop"}},
        {"policy_digest": "c" * 64},
        {"runbook_digest": "c" * 64},
        {"cost": "much"},
        {"steps": (a_step(params={"host": "web-2", "unit": "shop"}),)},
        {"steps": (a_step(scope=a_scope(pre_state={"active": False})),)},
        {"incident": "inc-other"},
    ],
)
def test_any_change_of_what_would_be_done_changes_its_hash(changes: dict[str, object]) -> None:
    assert a_plan(**changes).digest != a_plan().digest


def test_the_same_plan_built_twice_has_the_same_hash() -> None:
    assert a_plan().digest == a_plan().digest


ROLLOUT = Deployment(what="deployment api", stage=Stage.GIVEN_UP, says="it has timed out")


@pytest.mark.parametrize("moved", [{"seen": {"pods ready": "2 of 3"}}, {"deploying": (ROLLOUT,)}])
def test_what_moves_by_itself_is_shown_and_asks_nobody_again(moved: dict[str, Any]) -> None:
    around = a_scope().blast_radius.model_copy(update=moved)
    later = a_plan(steps=(a_step(scope=a_scope(blast_radius=around)),), deploying=(ROLLOUT,))

    assert later.digest == a_plan().digest
    assert difference.difference(a_plan(), later) == ("the plan changed",)


def test_a_target_of_several_steps_is_named_once() -> None:
    wide = a_step(2, scope=a_scope(blast_radius=WIDER))
    made = a_plan(steps=(a_step(1), wide, a_step(3)))

    assert [target.name for target in made.targets] == ["unit shop on web-1", "unit shop on web-2"]


def test_it_can_go_back_when_one_step_has_something_to_undo() -> None:
    reversible = a_step(2, reversibility=Reversibility.REVERSIBLE)

    assert not a_plan().can_go_back
    assert a_plan(steps=(a_step(1), reversible)).can_go_back
    assert not a_plan(steps=(reversible.model_copy(update={"back": True}),)).can_go_back


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runbook_digest": "c"}, ("runbook changed",)),
        ({"policy_digest": "c"}, ("policy changed",)),
        ({"params": {}}, ("params changed",)),
        ({"way_back": WayBack(after=60)}, ("way back changed",)),
        ({"cost": "much"}, ("the plan changed",)),
        ({"steps": (a_step(), a_step(2))}, ("2 steps instead of 1",)),
        (
            {"steps": (a_step(scope=a_scope("systemctl restart shop on web-2")),)},
            ("step 1 is now: systemctl restart shop on web-2",),
        ),
        (
            {"steps": (a_step(scope=a_scope(pre_state={"active": False, "pid": 7})),)},
            ("step 1 starts from another state: active True → False, pid None → 7",),
        ),
        (
            {"steps": (a_step(scope=a_scope(blast_radius=WIDER)),)},
            (NOW_TOUCHES,),
        ),
    ],
)
def test_what_moved_is_said_in_sentences(changes: dict[str, object], said: tuple[str, ...]) -> None:
    assert difference.difference(a_plan(), a_plan(**changes)) == said
