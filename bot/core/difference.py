"""Difference: what moved between the plan that was shown and the one that is built now."""

from __future__ import annotations

from bot.core.plan import Plan, PlannedStep


def difference(old: Plan, new: Plan) -> tuple[str, ...]:
    """Say in sentences what moved between the plan that was shown and the one built now."""
    watched = ("runbook_digest", "policy_digest", "params", "criteria", "way_back")
    moved = [
        f"{field.replace('_digest', '').replace('_', ' ')} changed"
        for field in watched
        if getattr(old, field) != getattr(new, field)
    ]
    moved += [line for line in new.because if line not in old.because]
    for before, now in zip(old.steps, new.steps, strict=False):
        if before.scope.blast_radius.fixed != now.scope.blast_radius.fixed:
            moved.append(
                f"step {now.number} would now touch: {now.scope.blast_radius.line} "
                f"(before: {before.scope.blast_radius.line})"
            )
        if before.scope.pre_state != now.scope.pre_state:
            moved.append(f"step {now.number} starts from another state: {_moved(before, now)}")
        if before.scope.says != now.scope.says:
            moved.append(f"step {now.number} is now: {now.scope.says}")
        if before.then != now.then:
            moved.append(f"what must hold after step {now.number} changed")
    if len(old.steps) != len(new.steps):
        moved.append(f"{len(new.steps)} steps instead of {len(old.steps)}")
    return tuple(moved) or ("the plan changed",)


def _moved(before: PlannedStep, now: PlannedStep) -> str:
    old, new = before.scope.pre_state, now.scope.pre_state
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    return ", ".join(f"{key} {old.get(key)} → {new.get(key)}" for key in changed)
