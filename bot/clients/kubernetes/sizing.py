"""Sizing: how many there are to be, in which increments, and what the added ones cost: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bot.clients.kubernetes import quantities
from bot.clients.kubernetes.settings import KubernetesSettings

BEFORE = "heal/before"
"""The annotation that says how many there were before Heal's last change."""
GIGABYTE = Decimal(1024**3)


def raised(now: int, percent: int, most: int) -> int:
    """
    So many percent more, rounded down so that it is never a larger share, and at least one more.

    >>> raised(6, 25, 12), raised(12, 25, 14), raised(2, 25, 12)
    (7, 14, 3)
    """
    return min(now + max(1, now * percent // 100), most)


def increments(now: int, to: int, by: int | None) -> tuple[int, ...]:
    """
    The sizes on the way, up or down, ending with the one that is wanted.

    >>> increments(6, 12, 3), increments(12, 7, 2), increments(3, 8, None)
    ((9, 12), (10, 8, 7), (8,))
    """
    step = by or abs(to - now) or 1
    if to < now:
        return (*range(now - step, to, -step), to)
    return (*range(now + step, to, step), to)


def cost(template: Mapping[str, Any], more: int, prices: KubernetesSettings) -> str:
    """
    What so many more pods (fewer, when negative) add to the bill, and how that is reckoned.

    What the pods request is counted; a container that requests nothing makes the sum a least one.
    Empty without prices.
    """
    if not (prices.price_cpu_hour or prices.price_gb_hour) or not more:
        return ""
    cpu, memory, unknown = requested(template)
    if not (cpu or memory):
        return "not known: its pods request nothing"
    one = cpu * _money(prices.price_cpu_hour) + memory / GIGABYTE * _money(prices.price_gb_hour)
    word, about = ("more" if more > 0 else "less"), ("at least" if unknown else "about")
    pods = "1 pod" if abs(more) == 1 else f"{abs(more)} pods"
    shares = " and ".join(_shares(cpu, memory, prices))
    return f"{about} {one * abs(more):.2f} {prices.currency}/h {word}: {pods} with {shares}"


def _shares(cpu: Decimal, memory: Decimal, prices: KubernetesSettings) -> Iterator[str]:
    """What one pod has that has a price, with that price."""
    for much, unit, price in (
        (cpu, "CPU", prices.price_cpu_hour),
        (memory / GIGABYTE, "GiB", prices.price_gb_hour),
    ):
        if much and price:
            yield f"{float(much):.3g} {unit} at {price:g} {prices.currency}"


def requested(template: Mapping[str, Any]) -> tuple[Decimal, Decimal, bool]:
    """CPUs and bytes that one pod of it requests, and whether a container does not say all."""
    cpu, memory, unknown = Decimal(0), Decimal(0), False
    for one in template["spec"]["containers"]:
        resources = one.get("resources") or {}
        wants = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
        cpu += quantities.read(str(wants.get("cpu", "0")))
        memory += quantities.read(str(wants.get("memory", "0")))
        unknown = unknown or not {"cpu", "memory"} <= wants.keys()
    return cpu, memory, unknown


def _money(price: float) -> Decimal:
    return Decimal(str(price))
