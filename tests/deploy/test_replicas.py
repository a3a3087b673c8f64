"""The variant of deploy/kubernetes for several replicas: its patches fit what they patch."""

from __future__ import annotations

import copy
import json
from typing import Any

import yaml

from bot.app.replica import FOLLOW_EVERY
from tests.cluster.spaces import Space
from tests.deploy.test_manifests import PLACE, ROOTS, lost, the

VARIANT = PLACE / "replicas"
TOLD: dict[str, Any] = yaml.safe_load((VARIANT / "kustomization.yaml").read_text())


def patched(kind: str) -> dict[str, Any]:
    """What is applied in place of the single pod's, by RFC 6902 as kustomize does it."""
    found = copy.deepcopy(the(kind, "heal"))
    for one in TOLD["patches"]:
        if one["target"]["kind"] == kind:
            for change in json.loads((VARIANT / one["path"]).read_text()):
                _change(found, change)
    return found


def _change(whole: Any, change: dict[str, Any]) -> None:
    *way, last = change["path"].split("/")[1:]
    for part in way:
        whole = whole[int(part)] if isinstance(whole, list) else whole[part]
    if isinstance(whole, list) and last == "-":
        whole.append(change["value"])
    elif isinstance(whole, list):
        assert change["op"] == "replace"
        whole[int(last)] = change["value"]
    else:
        assert (last in whole) == (change["op"] == "replace"), f"{change['path']} is not as it was"
        whole[last] = change["value"]


async def test_a_real_api_server_takes_what_the_patches_make(space: Space) -> None:
    for sent in (patched("Deployment"), patched("NetworkPolicy")):
        sent["metadata"]["namespace"] = space.name
        kept = await space.admin.post(ROOTS[sent["kind"]].format(space.name), sent, dry=True)
        assert list(lost(sent, kept)) == []


def test_three_pods_follow_on_disks_of_their_own_and_are_replaced_one_by_one() -> None:
    spec = patched("Deployment")["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    volumes = {one["name"]: one for one in spec["template"]["spec"]["volumes"]}

    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}
    assert "emptyDir" in volumes["ledger"], "two pods cannot have one file"
    assert "tmp" in volumes
    budget = yaml.safe_load((VARIANT / "disruption.yaml").read_text())["spec"]
    assert (budget["maxUnavailable"], budget["selector"]) == (1, spec["selector"])
    assert container["readinessProbe"]["httpGet"]["path"] == "/standing"
    assert container["readinessProbe"]["periodSeconds"] > FOLLOW_EVERY


def test_the_pods_reach_each_other_and_postgres() -> None:
    spec = patched("NetworkPolicy")["spec"]
    ours = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "heal"}}}

    assert any(ours in rule.get("from", []) for rule in spec["ingress"])
    assert any(ours in rule.get("to", []) for rule in spec["egress"])
    assert any({"port": 5432, "protocol": "TCP"} in rule["ports"] for rule in spec["egress"])


def test_it_stands_on_all_of_the_single_pod_s_and_lists_what_it_adds() -> None:
    listed = {*TOLD["resources"], *(one["path"] for one in TOLD["patches"])}
    there = {path.name for path in VARIANT.iterdir()} - {"kustomization.yaml", "README.md"}

    assert listed == {"..", *there}
