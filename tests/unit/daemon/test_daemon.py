"""The daemon, day after day on a clock that a test moves: turns, settings, troubles, quiet hours."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from connectors.memory import Faults
from syncd.daemon import Following, Observer, Turn
from syncd.daemon.agenda import Work
from syncd.errors import ConfigError
from tests.support.service import DAY, SETTINGS, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_a_day_has_its_cycles_a_comparison_a_backup_and_a_tidying_up(service: Service) -> None:
    service.runs_for(DAY)

    assert 250 <= len(service.seen.works(Work.CYCLE)) <= 290
    assert [len(service.seen.works(work)) for work in (Work.RECONCILE, Work.BACKUP, Work.TIDY)] == [1, 1, 1]
    assert all(it.error is None for it in service.seen.turns)
    assert {it.report.result for it in service.seen.turns if it.report} == {"done"}


def test_it_is_ready_once_every_account_was_asked_and_waits_for_none_that_is_away(service: Service) -> None:
    service.world.faults = Faults(unreachable=True)
    with structlog.testing.capture_logs() as said:
        service.runs_for(1)

    first = [it["event"] for it in said if it["event"] in {"account_not_ready", "ready"}]
    assert first == ["account_not_ready", "ready"]


def test_who_joins_is_labelled_at_the_next_turn(service: Service) -> None:
    service.runs_for(600)
    service.world.put_customer(1, email="a@x.example", number_of_orders=3)
    service.runs_for(400)

    assert "many" in (service.world.customer(1) or pytest.fail("gone")).tags


def test_days_turn_at_the_shops_midnight_though_its_own_turn_is_far(service: Service) -> None:
    service.scheduled('every = "7d"')
    service.world.put_customer(1, email="a@x.example", created_at=service.clock.now())
    service.runs_for(60)
    assert "lately" in (service.world.customer(1) or pytest.fail("gone")).tags
    service.runs_for(int(1.6 * DAY))

    assert "lately" not in (service.world.customer(1) or pytest.fail("gone")).tags


def test_new_settings_are_in_force_from_the_next_turn_on(service: Service) -> None:
    service.world.put_customer(1, email="a@x.example", number_of_orders=3)
    service.runs_for(400)
    service.write(service.house.settings_text.replace('tag = "many"', 'tag = "loyal"'))
    service.runs_for(700)

    tags = (service.world.customer(1) or pytest.fail("gone")).tags
    assert "loyal" in tags
    assert "many" not in tags
    assert service.seen.taken == 1


def test_wrong_settings_leave_the_old_in_force_and_are_told(service: Service) -> None:
    service.runs_for(400)
    right = service.house.settings_text
    service.write(right.replace("number_of_orders", "numbr_of_orders"))
    service.world.put_customer(1, email="a@x.example", number_of_orders=3)
    service.runs_for(700)

    assert "many" in (service.world.customer(1) or pytest.fail("gone")).tags
    assert service.seen.refused == 1
    assert isinstance(service.following.trouble, ConfigError)

    service.write(right)
    service.runs_for(10)
    assert service.following.trouble is None
    assert service.seen.taken == 1


def test_a_store_out_of_reach_stops_nothing_and_is_caught_up_with(service: Service) -> None:
    service.world.faults = Faults(unreachable=True)
    service.world.put_customer(1, email="a@x.example", number_of_orders=3)
    service.runs_for(3600)
    assert {it.report.result for it in service.seen.works(Work.CYCLE) if it.report} == {"partial"}

    service.world.faults = Faults()
    service.runs_for(700)
    assert "many" in (service.world.customer(1) or pytest.fail("gone")).tags


def test_a_fault_of_our_own_ends_one_turn_and_not_the_daemon(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.cycle.cycle.evaluate", lambda *_, **__: 1 // 0)
    service.runs_for(1000)
    monkeypatch.undo()
    service.runs_for(700)

    broken, whole = service.seen.works(Work.CYCLE)[0], service.seen.works(Work.CYCLE)[-1]
    assert broken.error is not None
    assert "ZeroDivisionError" in broken.error.message
    assert whole.error is None


def test_a_mirror_that_cannot_be_opened_is_told_and_tried_again(service: Service) -> None:
    database = service.house.folder / "syncd.db"
    kept = database.read_bytes()
    database.write_bytes(b"not a database" * 1000)
    service.runs_for(700)
    assert all(it.error is not None for it in service.seen.works(Work.CYCLE))

    database.write_bytes(kept)
    service.runs_for(700)
    assert service.seen.works(Work.CYCLE)[-1].error is None


def test_in_quiet_hours_nothing_is_written_and_afterwards_it_is(tmp_path: Path) -> None:
    service = Service(tmp_path, SETTINGS)
    service.scheduled('every = "30m"')
    text = '[syncd]\ntimezone = "UTC"\nquiet_hours = "20:00-09:00"\n'
    service.write(service.house.settings_text.replace("[syncd]\n", text))
    service.clock.instant = (service.clock.now() // DAY) * DAY + 22 * 3600
    service.world.put_customer(1, email="a@x.example", number_of_orders=3)
    service.runs_for(8 * 3600)
    assert "many" not in (service.world.customer(1) or pytest.fail("gone")).tags
    assert {it.report.result for it in service.seen.works(Work.CYCLE) if it.report} == {"done"}

    service.runs_for(4 * 3600)
    assert "many" in (service.world.customer(1) or pytest.fail("gone")).tags


def test_a_clock_that_goes_back_by_days_does_not_stop_the_cycles(service: Service) -> None:
    service.runs_for(3600)
    service.clock.instant -= 30 * DAY
    before = len(service.seen.works(Work.CYCLE))
    service.runs_for(3600)

    assert len(service.seen.works(Work.CYCLE)) >= before + 10


def test_what_was_planned_stays_planned_when_settings_change(service: Service) -> None:
    class Editor(Observer):
        def waiting(self, turn: Turn, at: int) -> None:
            self.before = dict(service.daemon.agenda.next)
            service.write(service.house.settings_text.replace('tag = "many"', 'tag = "loyal"'))

        def settings_taken(self, following: Following) -> None:
            self.after = dict(service.daemon.agenda.next)
            service.daemon.stop()

    editor = Editor()
    service.watched([editor])
    service.runs_for(1000)

    assert editor.after == editor.before
    assert service.seen.works(Work.CYCLE) == service.seen.works(Work.CYCLE)[:1]


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory, where there is one: a week has many commits."""
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_week_of_five_minutes_leaves_memory_and_open_files_as_they_were(quick_folder: Path) -> None:
    service = Service(quick_folder)
    for number in range(50):
        service.world.put_customer(number, email=f"p{number}@x.example", number_of_orders=number % 5)
    cycles, memory, files = 0, list[int](), list[int]()
    for day in range(8):
        service.world.put_customer(day, number_of_orders=day % 5)
        service.runs_for(DAY)
        cycles += len(service.seen.works(Work.CYCLE))
        assert all(it.error is None for it in service.seen.turns)
        service.seen.turns.clear()
        service.clock.waits.clear()
        gc.collect()
        memory.append(_resident())
        files.append(_open_files())

    assert cycles >= 8 * 270
    warm, week = files[0], files[1:]
    assert set(week) == {warm}
    assert memory[-1] <= memory[1] * 1.05


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1])
