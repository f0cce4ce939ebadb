"""Every fault that the sandbox knows, met by the real connectors: a cycle's result is whole, or it says what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from structlog.testing import capture_logs

from connectors.sandbox.faults.plan import BulkKind, CallKind, Fault, Kind
from connectors.sandbox.shopify import paging as sandbox_paging
from connectors.shopify import direct_writes, feed, shapes
from syncd.cycle import exit_code
from tests.support import pages
from tests.support.weather import Weather, weather

ONLY_STORES = {"throttled", "token_revoked"}
ONLY_AUDIENCES = {"forbidden_bare", "busy_bare"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Weather]:
    with weather(tmp_path) as opened:
        yield opened


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store of few rows take many pages, so that it is exported."""
    for name, shape in pages.small():
        monkeypatch.setattr(shapes, name, shape)


def assert_honest(house: Weather, kind: str) -> None:
    """Every run that calls itself done left all as it should be; in the end one does."""
    for report in house.until_done():
        assert report.result in {"done", "partial", "failed"}
        assert (exit_code(report) == 0) == (report.result == "done")
    assert house.is_whole()
    assert house.happened()[kind]


@pytest.mark.parametrize("kind", sorted(set(get_args(CallKind)) - ONLY_STORES - {"token_revoked"}))
def test_calls_to_the_audience_that_go_wrong_leave_nobody_out_and_nobody_in(house: Weather, kind: Kind) -> None:
    fault = Fault(kind=kind, service="mailchimp", chance=0.5, calls=5, seconds=0.05)
    house.brew(fault, seed=3)
    assert_honest(house, kind)


@pytest.mark.parametrize("kind", sorted(set(get_args(CallKind)) - ONLY_AUDIENCES))
def test_calls_to_the_store_that_go_wrong_leave_nobody_out_and_nobody_in(tmp_path: Path, kind: Kind) -> None:
    with weather(tmp_path, granted=True) as house:
        fault = Fault(kind=kind, service="shops", chance=0.3, calls=8, seconds=0.05)
        house.brew(fault, seed=4)
        assert_honest(house, kind)


@pytest.mark.parametrize("kind", ["reset_after", "lost", "cut", "broken_off"])
@pytest.mark.parametrize("service", ["shops", "mailchimp"])
def test_writes_whose_answers_are_all_lost_are_read_back_and_counted_once(
    house: Weather, kind: Kind, service: str
) -> None:
    house.brew(Fault(kind=kind, service=service, only="writes", calls=None))
    first = house.run()
    assert first.result == "partial"
    assert (first.unknown, first.refused) == (0, 0)
    house.clear_up()
    reports = [first, *house.until_done()]
    assert house.is_whole()
    labelled = house.sandbox.app.account.world.audiences["newsletter"].segments.tag("buyer")
    assert sum(it.applied["add"] for it in reports) == len(house.buyers()) + len(labelled.members)


def test_a_token_that_is_revoked_in_the_middle_is_asked_for_again(tmp_path: Path) -> None:
    with weather(tmp_path, granted=True) as house:
        house.brew(Fault(kind="token_revoked", after=6))
        report = house.run()
        assert (report.result, house.happened()) == ("done", {"token_revoked": 1})
        assert house.is_whole()
        assert report.calls["main"]["token"] == 2


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("times", [1, 4])
def test_a_download_that_breaks_off_goes_on_where_it_broke_off(house: Weather, times: int) -> None:
    house.brew(Fault(kind="file_cut", calls=times))
    assert house.run().result == "done"
    assert house.is_whole()
    assert house.happened() == {"file_cut": times}


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", ["file_gone", "file_expired"])
def test_a_file_that_is_gone_is_exported_anew_and_if_it_stays_so_it_is_said(house: Weather, kind: Kind) -> None:
    house.brew(Fault(kind=kind))
    assert house.run().result == "done"
    assert house.is_whole()
    house.brew(Fault(kind=kind, calls=None))
    report = house.run(full=True)
    assert report.result == "partial"
    assert "no longer good" in house.messages(report)
    assert house.is_whole()
    house.clear_up()
    assert house.run().result == "done"


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", ["bulk_failed", "bulk_partial", "bulk_expired_link", "bulk_shuffled"])
def test_an_export_that_goes_wrong_is_made_anew_in_the_same_run(house: Weather, kind: Kind) -> None:
    house.brew(Fault(kind=kind))
    assert house.run().result == "done"
    assert house.is_whole()
    assert house.happened() == {kind: 1}


@pytest.mark.usefixtures("small_pages")
def test_an_export_that_never_ends_is_cancelled_said_and_made_anew_in_the_next_run(house: Weather) -> None:
    house.brew(Fault(kind="bulk_stuck", only="reads"))
    report = house.run()
    assert report.result == "partial"
    assert "made no progress and was cancelled" in house.messages(report)
    assert house.clock.waited < 1000
    house.clear_up()
    assert house.run().result == "done"
    assert house.is_whole()


@pytest.mark.parametrize("kind", get_args(BulkKind))
def test_a_bulk_write_that_goes_wrong_leaves_no_label_wrong(
    house: Weather, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_writes, "_LEAST", 0)
    monkeypatch.setattr(direct_writes, "_MOST", 0)
    house.brew(Fault(kind=kind, only="writes"))
    house.run()
    assert house.happened() == {kind: 1}
    house.clear_up()
    house.until_done()
    assert house.is_whole()


def test_a_store_that_is_at_a_crawl_is_waited_for(house: Weather) -> None:
    house.brew(Fault(kind="crawl", bucket=(1000, 20)))
    report = house.run()
    assert report.result == "done"
    assert house.is_whole()
    assert house.clock.waited > 20


def test_an_index_that_lags_shows_rows_late_and_none_is_missed(house: Weather, small_pages: None) -> None:
    assert house.run().result == "done"
    house.brew(Fault(kind="index_lag", seconds=90))
    house.run()
    for number in sorted(set(house.shop.customers) - house.buyers())[:10]:
        house.edit(number, number_of_orders=5)
    house.run()
    house.clear_up()
    house.until_done()
    assert house.is_whole()


def test_rows_that_move_while_they_are_read_are_read_all_the_same(house: Weather, small_pages: None) -> None:
    assert house.run().result == "done"
    house.clock.sleep(600)
    for number in sorted(house.shop.customers)[:40]:
        house.edit(number, number_of_orders=number % 4)
    house.brew(Fault(kind="rows_move", calls=None, rows=3))
    house.until_done()
    assert house.happened()["rows_move"]
    assert house.is_whole()


def test_more_rows_of_one_second_than_can_be_paged_are_exported(
    house: Weather, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGED_AT_MOST", 20)
    monkeypatch.setattr(sandbox_paging, "DEEPEST", 25)
    assert house.run().result == "done"
    for customer in house.shop.customers.values():
        customer.number_of_orders = 3 - customer.number_of_orders % 3
    now = house.clock.now()
    house.brew(Fault(kind="same_second"))
    for customer in house.shop.customers.values():
        customer.updated_at = now
    reports = house.until_done()
    assert reports[0].calls["main"]["customers export"]
    assert house.is_whole()


def test_members_whom_the_audience_refuses_for_any_reason_are_refused_and_never_asked_again(house: Weather) -> None:
    house.brew(Fault(kind="member_refused", chance=0.5, calls=None))
    report = house.run()
    refused = house.sandbox.app.account.world.drawn()
    assert (report.result, exit_code(report)) == ("done", 0)
    assert report.refused == len(refused) > 5
    again = house.run()
    assert (again.result, again.calls["newsletter"]) == ("done", {"contacts": 1})


def test_a_refusal_that_passes_is_tried_again_later(house: Weather) -> None:
    house.brew(Fault(kind="member_refused", chance=0.3, calls=None, reasons=("many_lists",), times=3))
    first, second, third = house.run(), house.run(), house.run()
    assert first.failed == second.failed > 0
    assert third.failed == 0
    assert first.result == "partial"
    assert third.result == "done"
    house.clock.sleep(300)
    assert house.run().result == "done"
    assert house.is_whole()


def test_a_service_that_is_away_costs_one_wait_and_the_other_goes_on(house: Weather) -> None:
    house.run()
    for number in sorted(house.shop.customers)[:20]:
        house.edit(number, number_of_orders=number % 4)
    house.brew(Fault(kind="reset", service="mailchimp", calls=None))
    waited = house.clock.waited
    report = house.run()
    assert report.result == "partial"
    assert {it.kind for it in report.failures} == {"connection"}
    assert {it.id for it in house.shop.customers.values() if "buyer" in it.tags} == house.buyers()
    assert house.clock.waited - waited < 60
    assert any("does not answer, trying again" in it.task for it in house.told)
    house.clear_up()
    assert house.run().result == "done"
    assert house.is_whole()


def test_what_is_sent_after_faults_is_as_valid_as_before(house: Weather) -> None:
    """The sandbox checks every request against the published schemas; what it refuses is counted by its name."""
    storm = [Fault(kind=kind, chance=0.08, calls=None) for kind in ("page", "reset", "reset_after", "cut", "busy")]
    house.brew(*storm, seed=11)
    for _ in range(4):
        house.run()
        house.clock.sleep(120)
    house.clear_up()
    house.until_done()
    assert house.is_whole()
    told = house.sandbox.app.stores["main"].calls.told()
    assert not {"refused query", "refused token"} & {*told["reads"], *told["writes"]}


def test_a_service_that_goes_is_logged_once_and_once_more_when_it_is_back_however_many_runs_lie_between(
    house: Weather,
) -> None:
    house.brew(Fault(kind="reset", service="mailchimp", calls=None))
    with capture_logs() as logged:
        for _ in range(3):
            house.run()
        house.clear_up()
        for _ in range(2):
            house.run()
    events = [(it["event"], it["service"]) for it in logged if it["event"].startswith("service_")]
    assert events == [("service_gone", "newsletter"), ("service_back", "newsletter")]
