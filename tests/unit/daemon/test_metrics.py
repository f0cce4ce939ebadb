"""The figures: what is shown is what happened, what is shown is documented, and nobody's data is among it."""

from __future__ import annotations

import re
import socket
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from connectors.memory import Faults
from syncd.daemon import Door, Metrics
from tests.conftest import ROOT
from tests.support.service import SETTINGS, Service

ROW = re.compile(r"^\| `(syncd_[a-z_]+)` \|([^|]*)\|", re.MULTILINE)
SUFFIXES = {"counter": "_total", "info": "_info"}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path, SETTINGS)


@pytest.fixture
def metrics(service: Service) -> Metrics:
    made = Metrics(service.following)
    service.watched([made])
    return made


def shown(metrics: Metrics) -> dict[str | tuple[str, ...], float]:
    """Return each value by its name, and by its labels' values where it has any."""
    return {
        (sample.name, *sample.labels.values()) if sample.labels else sample.name: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
    }


def test_a_day_is_counted_as_it_went(service: Service, metrics: Metrics) -> None:
    for number in range(5):
        service.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=3)
    service.runs_for(3600)
    now = shown(metrics)

    cycles = [it for it in service.seen.turns if it.report is not None]
    assert now["syncd_turns_total", "reconcile", "done"] == 1
    assert now["syncd_cycle_duration_seconds_count"] == len(cycles)
    assert now["syncd_rows_read_total", "main", "customers"] == sum(
        it.report.pulled["main"]["customers"] for it in cycles if it.report
    )
    assert now["syncd_changes_total", "add"] == sum(it.report.applied["add"] for it in cycles if it.report) > 0
    assert now["syncd_segment_members", "many"] == 5
    assert now["syncd_segment_ok", "many"] == now["syncd_service_ok", "main"] == now["syncd_service_ok", "news"] == 1
    assert service.clock.now() - 330 <= now["syncd_segment_as_of_timestamp_seconds", "many"] <= service.clock.now()
    assert now["syncd_next_turn_timestamp_seconds"] > service.clock.now() - 1
    assert now["syncd_mirror_size_bytes"] > 10_000
    assert now["syncd_mirror_disk_free_bytes"] > 0
    assert now["syncd_backup_timestamp_seconds"] > 0


def test_what_fails_is_counted_and_the_last_success_stands_still(service: Service, metrics: Metrics) -> None:
    service.runs_for(700)
    before = shown(metrics)["syncd_last_success_timestamp_seconds", "cycle"]
    service.world.faults = Faults(unreachable=True)
    service.runs_for(700)
    now = shown(metrics)

    assert now["syncd_last_success_timestamp_seconds", "cycle"] == before
    assert now["syncd_last_turn_timestamp_seconds", "cycle"] > before
    assert now["syncd_failures_total", "check", "connection"] >= 2
    assert now["syncd_turns_total", "cycle", "partial"] >= 2
    assert now["syncd_segment_ok", "many"] == 0


def test_wrong_settings_are_shown_and_segments_that_are_gone_are_not(service: Service, metrics: Metrics) -> None:
    service.runs_for(400)
    right = service.house.settings_text
    service.write(right.replace("[segments.lately]", "[segments.LATELY]"))
    service.runs_for(10)
    assert shown(metrics)["syncd_settings_refused"] == 1

    service.write(right.partition("[segments.lately]")[0])
    service.runs_for(400)
    now = shown(metrics)
    assert now["syncd_settings_refused"] == 0
    assert ("syncd_segment_members", "lately") not in now
    assert now["syncd_segment_members", "many"] == 0


def test_every_figure_is_documented_with_its_labels_and_no_other(metrics: Metrics) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = {name: set(re.findall(r"`([a-z]+)`", labels)) for name, labels in ROW.findall(text)}
    families = {
        family._name + SUFFIXES.get(family._type, ""): set(family._labelnames)
        for family in vars(metrics).values()
        if hasattr(family, "_labelnames")
    }

    assert documented == families | {"syncd_build_info": {"version"}}


def test_names_are_as_prometheus_wants_them(metrics: Metrics) -> None:
    for family in metrics.registry.collect():
        assert re.fullmatch(r"(syncd|process)_[a-z_]+[a-z]", family.name)
        assert family.documentation.strip()
        if family.type == "gauge":
            assert not family.name.endswith(("_total", "_count"))
        assert not re.search(r"_(minutes|hours|ms|milliseconds|megabytes|percent)$", family.name)


def test_nobody_is_among_the_figures(service: Service, metrics: Metrics) -> None:
    service.world.put_customer(1, email="zoe.canary@person.example", first_name="Zoelinda", number_of_orders=3)
    service.runs_for(700)
    page = generate_latest(metrics.registry).decode()

    assert "syncd_segment_members" in page
    assert not re.search("zoe|person.example", page, re.IGNORECASE)


def listening(service: Service, listen: str) -> None:
    service.write(service.house.settings_text.partition("[metrics]")[0] + f'[metrics]\nlisten = "{listen}"\n')
    service.following.take_over()


def asked(port: int) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return answer.read().decode()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_nobody_listens_unless_the_settings_say_where(service: Service, metrics: Metrics) -> None:
    door = Door(service.following, metrics.registry)

    assert door._server is None


def test_the_page_is_what_prometheus_reads(service: Service, metrics: Metrics, free_port: int) -> None:
    listening(service, f"127.0.0.1:{free_port}")
    door = Door(service.following, metrics.registry)
    try:
        names = {it.name for it in text_string_to_metric_families(asked(free_port))}
    finally:
        door.stopped(0)

    assert {"syncd_turns", "syncd_build_info", "process_resident_memory_bytes"} <= names


def test_a_place_that_is_taken_is_tried_again_with_the_next_settings(
    service: Service, metrics: Metrics, free_port: int
) -> None:
    listening(service, f"127.0.0.1:{free_port}")
    first, second = Door(service.following, metrics.registry), Door(service.following, metrics.registry)
    assert second._server is None
    first.stopped(0)
    second.settings_taken(service.following)
    try:
        assert "syncd_build_info" in asked(free_port)
    finally:
        second.stopped(0)


def test_the_place_moves_with_the_settings(service: Service, metrics: Metrics, free_port: int) -> None:
    listening(service, f"127.0.0.1:{free_port}")
    door = Door(service.following, metrics.registry)
    service.write(service.house.settings_text.partition("[metrics]")[0])
    service.following.take_over()
    door.settings_taken(service.following)

    with pytest.raises(OSError, match="refused"):
        asked(free_port)
