"""Runbooks, policy and detectors are one library: all of it is right, or none of it is used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.catalog import shelving
from bot.catalog.library import load_library
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.plugins import Toolbox
from bot.rehearsal import library as towns

URLS = {"shop": "http://127.0.0.1:8080", "web": "http://127.0.0.1:8081"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return towns.write(tmp_path, URLS)


def load(directory: Path) -> Library:
    return load_library(directory, shelving.known_names(Toolbox(None, lambda _: {})))


def test_the_shipped_library_loads() -> None:
    found = load(Path(__file__).parents[2] / "runbooks")

    assert len(found.runbooks) >= 3
    assert found.services


def test_the_town_has_a_detector_for_each_trouble(directory: Path) -> None:
    names = [each.detector for each in load(directory).detectors]

    assert names == ["shop-degraded", "shop-down", "web-degraded", "web-down"]


def test_problems_of_every_part_are_listed_together(directory: Path) -> None:
    rules, services = directory / "policy/rules.yaml", directory / "policy/services.yaml"
    rules.write_text(rules.read_text() + "\nfrezes: []\n")
    services.write_text(services.read_text().replace('"tier": 3', '"tier": 9', 1))
    book = directory / "restart-dead-service.yaml"
    book.write_text(book.read_text().replace("do: host.restart_service", "do: host.restart_servce"))
    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    said = str(caught.value)
    assert "did you mean 'freezes'" in said
    assert "tier" in said
    assert "did you mean 'host.restart_service'" in said


def test_a_detector_of_an_unknown_service_stops_the_start(directory: Path) -> None:
    path = directory / "detectors/shop-down.yaml"
    path.write_text(path.read_text().replace("service: shop", "service: shopp"))
    with pytest.raises(ConfigurationError, match=r"shopp in demo is not in policy/services\.yaml"):
        load(directory)


def test_a_detector_that_names_an_unknown_probe_stops_the_start(directory: Path) -> None:
    path = directory / "detectors/shop-down.yaml"
    path.write_text(path.read_text().replace("http.status", "http.statsu"))
    with pytest.raises(ConfigurationError, match=r"did you mean 'http\.status'"):
        load(directory)


def test_a_change_of_any_service_changes_the_policy(directory: Path) -> None:
    before = load(directory).policy_digest
    services = directory / "policy/services.yaml"
    services.write_text(services.read_text().replace('"tier": 3', '"tier": 4', 1))

    assert load(directory).policy_digest != before


CHECK = {
    "probes": [{"probe": "http.status", "as": "pipeline", "with": {"url": "http://127.0.0.1:9"}}],
    "when": "pipeline.status == 200",
}


def with_check(directory: Path, **changes: object) -> None:
    """The first service of the town says how it is seen to be deployed."""
    path = directory / "policy/services.yaml"
    written = yaml.safe_load(path.read_text())
    written["services"][0]["deploying"] = {**CHECK, **changes}
    path.write_text(yaml.safe_dump(written))


def test_a_service_says_how_it_is_seen_to_be_deployed(directory: Path) -> None:
    with_check(directory)

    ((service, call),) = load(directory).checks

    assert (service.name, call.probe, call.name) == ("shop", "http.status", "pipeline")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"probes": [{"probe": "http.statsu", "as": "pipeline"}]}, "did you mean 'http.status'"),
        ({"when": "pipelin.status == 200"}, "'pipelin' is unknown"),
        ({"when": "service.tier > 2"}, "it looks at no probe: use one of pipeline"),
        ({"probes": [{**CHECK["probes"][0], "with": {"urll": "x"}}]}, "did you mean 'url'"),  # type: ignore[dict-item]
        ({"whn": "true"}, "did you mean 'when'"),
    ],
)
def test_a_check_that_could_never_tell_stops_the_start_with_its_line(
    directory: Path, changes: dict[str, object], expected: str
) -> None:
    with_check(directory, **changes)

    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    assert expected in str(caught.value)
    assert "services.yaml:" in str(caught.value)


def test_a_missing_policy_stops_the_start(directory: Path) -> None:
    shutil.rmtree(directory / "policy")
    with pytest.raises(ConfigurationError, match=r"rules\.yaml"):
        load(directory)


def test_a_policy_that_is_a_link_to_elsewhere_is_refused(directory: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text((directory / "policy/rules.yaml").read_text())
    (directory / "policy/rules.yaml").unlink()
    (directory / "policy/rules.yaml").symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="leads out of the directory"):
        load(directory)


HERE = Path(__file__).parents[2] / "runbooks"


def told(**sections: dict[str, str]) -> Library:
    return shelving.load(HERE, Toolbox(None, lambda system: sections.get(system, {})))


def test_runbooks_of_a_system_sleep_until_settings_name_all_that_they_need() -> None:
    cluster = {"kubeconfig": "/etc/heal/kubeconfig"}
    books = [path.stem for path in (HERE / "kubernetes").glob("*.yaml")]
    web = {"allowed_hosts": "127.0.0.1:8081"}

    nothing, some = told(kubernetes={"contexts": ""}), told(kubernetes=cluster, http=web)
    all_ = told(kubernetes=cluster, http=web, prometheus={"url": "http://127.0.0.1:9090"})

    assert nothing.asleep == dict.fromkeys(books, "kubernetes")
    assert not set(books) & {book.runbook for book in nothing.runbooks}
    assert shelving.asleep(nothing)[:1] == [
        f"{len(books)} that want kubernetes sleep: set HEAL_KUBERNETES_… to wake them"
    ]
    assert some.asleep == dict.fromkeys(some.asleep, "prometheus")
    assert set(books) - set(some.asleep) <= {book.runbook for book in some.runbooks}
    assert shelving.asleep(some)[:1] == [
        f"{len(some.asleep)} that want prometheus sleep: set HEAL_PROMETHEUS_… to wake them"
    ]
    assert (all_.asleep, shelving.asleep(all_)) == ({}, shelving.detectors_asleep(all_))
    assert set(books) <= {book.runbook for book in all_.runbooks}


def test_who_asks_for_a_sleeping_runbook_is_told_how_to_wake_it() -> None:
    library = told()

    assert library.unknown("undo-bad-deploy") == (
        "undo-bad-deploy sleeps: set HEAL_KUBERNETES_… to wake it"
    )
    assert library.unknown("restart-dead-servce").endswith("did you mean 'restart-dead-service'?")


ROLES = """
roles:
  sre: {groups: [sre]}
  payments: {schedules: ["roto:pay"]}
"""


def test_a_role_that_a_service_names_and_a_pager_must_be_there(directory: Path) -> None:
    rules, services = directory / "policy/rules.yaml", directory / "policy/services.yaml"
    rules.write_text(rules.read_text() + ROLES)
    named = '"approvers": {"high": ["payment"]}, "tier": 3'
    services.write_text(services.read_text().replace('"tier": 3', named, 1))
    with pytest.raises(ConfigurationError) as caught:
        load(directory)
    line = rules.read_text().splitlines().index('  payments: {schedules: ["roto:pay"]}') + 1

    said = str(caught.value)
    pager = "roles.payments.schedules[0]: the pager 'roto' is unknown: did you mean 'rota'?"
    assert f"rules.yaml:{line}: {pager}" in said
    role = "approvers.high[0]: the role 'payment' is unknown: did you mean 'payments'?"
    assert f"services.yaml:1: services[0].{role}" in said


DISKS = """
detector: {name}
for: has(service.facts.disk_path)
probes:
  - {{probe: host.disk_usage, as: disk, with: {{path: "${{service.facts.disk_path}}"}}}}
firing: disk.percent > 85.0
alert: {{name: DiskAlmostFull, summary: "${{service.name}} is full"}}
"""


def detectors(directory: Path, text: str = DISKS, name: str = "disks", folder: str = ".") -> None:
    """No detector but this one."""
    shutil.rmtree(directory / "detectors")
    (directory / "detectors" / folder).mkdir(parents=True)
    (directory / "detectors" / folder / f"{name}.yaml").write_text(text.format(name=name))


def with_disk(directory: Path, *names: str) -> None:
    path = directory / "policy/services.yaml"
    written = yaml.safe_load(path.read_text())
    for one in written["services"]:
        if one["name"] in names:
            one["facts"]["disk_path"] = "/"
    path.write_text(yaml.safe_dump(written))


def test_one_detector_looks_at_each_service_that_has_what_it_asks_for(directory: Path) -> None:
    detectors(directory)
    with_disk(directory, "shop", "web")

    assert list(load(directory).lookouts) == ["disks at shop in demo", "disks at web in demo"]


def test_a_detector_that_fits_no_service_sleeps_and_needs_nothing(directory: Path) -> None:
    detectors(directory)
    library = load(directory)

    assert (library.lookouts, [one.detector for one in library.idle]) == ({}, ["disks"])
    assert shelving.asleep(library) == [
        "the detector disks sleeps: no service of services.yaml fits has(service.facts.disk_path)"
    ]


def test_a_detector_of_a_system_sleeps_until_settings_name_it(directory: Path) -> None:
    detectors(directory, folder="host")
    with_disk(directory, "shop")
    known = shelving.known_names(Toolbox(None, lambda _: {}))
    asleep = load_library(directory, known, lambda system: system != "host")

    assert (asleep.detectors, asleep.detectors_asleep) == ((), {"disks": "host"})
    assert shelving.asleep(asleep)[-1:] == ["the detector disks sleeps: set HEAL_HOST_… to wake it"]
    assert list(load(directory).lookouts) == ["disks at shop in demo"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("for: has(service", "for: has(servce", "'servce' is unknown"),
        ("for: has(service.facts.disk_path)\n", "", "where does it look? Name the alert's service"),
        ("{{name: Disk", "{{service: shop, environment: demo, name: Disk", "`for` says where"),
        ("disk.percent > 85.0", "service.tier > 2", "it looks at no probe: use one of disk"),
        ("firing:", "resolved: dsk.percent < 80.0\nfiring:", "'dsk' is unknown"),
        ("firing:", "resolved: service.tier < 2\nfiring:", "it looks at no probe: use one of"),
        ("${{service.name}}", "${{servce.name}}", "'servce' is unknown"),
        ("{name}", "other", "'other' lies in disks.yaml: call both the same"),
    ],
)
def test_a_detector_that_cannot_be_meant_so_stops_the_start_with_its_line(
    directory: Path, old: str, new: str, expected: str
) -> None:
    assert old in DISKS
    detectors(directory, DISKS.replace(old, new))
    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    assert expected in str(caught.value)
    assert "detectors/disks.yaml:" in str(caught.value)


def test_shipped_detectors_sleep_until_a_service_asks_to_be_watched(directory: Path) -> None:
    shipped = load(Path(__file__).parents[2] / "runbooks")
    shutil.rmtree(directory / "detectors")
    shutil.copytree(Path(__file__).parents[2] / "runbooks/detectors", directory / "detectors")
    path = directory / "policy/services.yaml"
    written = yaml.safe_load(path.read_text())
    written["services"][0]["facts"] |= {
        "watched": True, "disk_host": "local", "disk_path": "/", "log_path": "/var/log",
    }  # fmt: skip
    path.write_text(yaml.safe_dump(written))

    assert shipped.lookouts == {}
    assert {one.detector for one in shipped.idle} == {one.detector for one in shipped.detectors}
    assert list(load(directory).lookouts) == [
        f"{one.detector} at shop in demo" for one in shipped.detectors
    ]


def test_files_of_detectors_that_would_be_overlooked_are_refused(directory: Path) -> None:
    detectors(directory, folder="hots")
    (directory / "detectors" / "disks.yml").write_text(DISKS.format(name="disks"))
    with pytest.raises(ConfigurationError) as caught:
        load(directory)

    assert "detectors/disks.yml:1: only .yaml is read: rename it" in str(caught.value)
    assert "detectors/hots:1: its files are not read: 'hots' is unknown" in str(caught.value)


def test_two_detectors_of_one_name_are_refused(directory: Path) -> None:
    detectors(directory)
    (directory / "detectors" / "host").mkdir()
    (directory / "detectors" / "host" / "disks.yaml").write_text(DISKS.format(name="disks"))
    with pytest.raises(ConfigurationError, match="'disks' is also in"):
        load(directory)
