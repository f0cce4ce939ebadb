"""What must hold of the installed service, in the order in which an administrator meets it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from tests.systemd.machine import FailedError, until
from tests.systemd.service import EVERYBODY, REPEAT, SETTINGS, Service

WORST_EXPOSURE = 1.1
STOP_WITHIN = 10
FAST_SECONDS = 60
SECRETS = ("/etc/syncd/credentials", "/run/credentials/syncd.service", "/var/lib/syncd", SETTINGS)

Check = Callable[[Service], str | None]


def _want(holds: object, otherwise: str) -> None:
    if not holds:
        raise FailedError(otherwise)


def it_installs_and_waits_for_settings(service: Service) -> str:
    machine = service.machine
    machine.run("dpkg", "--install", service.package)
    states = service.show("ActiveState"), service.show("UnitFileState"), service.show("ConditionResult")
    _want(states == ("inactive", "enabled", "no"), f"it is {states}")
    modes = machine.run("stat", "--format=%a %U:%G", "/etc/syncd", "/etc/syncd/credentials").splitlines()
    _want(modes == ["750 root:syncd", "700 root:root"], f"folders are {modes}")
    return machine.run("syncd", "--version")


def systemd_takes_the_unit_and_finds_it_locked_down(service: Service) -> str:
    verified = service.machine.try_("systemd-analyze", "verify", "--man=no", "syncd.service")
    complaints = [line for line in verified.stderr.splitlines() if "syncd" in line]
    _want(verified.returncode == 0 and not complaints, "\n".join(complaints))
    told = service.machine.run("systemd-analyze", "security", "--no-pager", "syncd.service")
    score = re.search(r"exposure level for syncd.service: ([\d.]+ \w+)", told)
    _want(score and float(score[1].split()[0]) <= WORST_EXPOSURE, told)
    return f"exposure {score[1] if score else ''}, {service.machine.run('systemctl', '--version').splitlines()[0]}"


def it_starts_by_the_settings_that_init_wrote_and_is_ready(service: Service) -> str:
    service.open_shop()
    service.machine.run("syncd", "init", "--service", "--yes")
    service.settings()
    began = time.monotonic()
    service.machine.run("systemctl", "start", "syncd")
    _want(service.show("ActiveState") == "active", "it is not active")
    _want(service.events("ready"), "it did not say that it is ready")
    return f"after {time.monotonic() - began:.1f} s; status: {service.show('StatusText')}"


def it_brings_the_shop_up_to_date(service: Service) -> str:
    until("the tags are right", lambda: service.is_tagged("repeat-buyer", 2))
    until("a cycle came to its end", lambda: service.events("cycle"))
    tagged = [it for it in service.customers() if "repeat-buyer" in it["tags"]]
    _want(tagged, "nobody has the tag")
    return f"{len(tagged)} customers tagged"


def the_locks_are_on_the_running_process(service: Service) -> str:
    pid = service.show("MainPID")
    status = dict(re.findall(r"(\w+):\s+(\S+)", service.machine.run("cat", f"/proc/{pid}/status")))
    wanted = {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16}
    found = {key: status.get(key) for key in wanted}
    _want(found == wanted, f"{found}")
    user = service.machine.run("stat", "--format=%U", f"/proc/{pid}")
    _want(user == "syncd", f"it runs as {user}")
    inside = ["nsenter", f"--target={pid}", "--mount"]
    _want(service.machine.try_(*inside, "touch", "/etc/syncd/x").returncode, "it could write to /etc")
    _want(service.machine.try_(*inside, "stat", "/proc/cpuinfo").returncode, "it sees more of /proc than processes")
    return "no capability, no new privileges, seccomp, a read-only system"


def secrets_and_data_are_nobody_elses(service: Service) -> None:
    for path in SECRETS:
        read = service.machine.try_("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "ls", path, "-a")
        opened = service.machine.try_("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "cat", path)
        _want(opened.returncode and (read.returncode or path == SETTINGS), f"everybody can look into {path}")
    own = service.machine.try_(
        "setpriv", "--reuid=syncd", "--regid=syncd", "--clear-groups", "cat", "/etc/syncd/credentials/token"
    )
    _want(own.returncode, "the account reads a secret's file by itself")
    secret = service.machine.run("cat", "/etc/syncd/credentials/token")
    _want(secret not in service.machine.run("journalctl", "--unit=syncd", "--output=cat"), "a secret is in the journal")
    environment = service.machine.run("cat", f"/proc/{service.show('MainPID')}/environ")
    _want(secret not in environment, "a secret stands in the environment")


def the_journal_has_the_fields(service: Service) -> str:
    cycle = service.events("cycle")[-1]
    _want(
        {"run", "result", "seconds", "level", "timestamp"} <= cycle.keys(), f"a cycle's line has only {sorted(cycle)}"
    )
    strange = service.machine.run(
        "journalctl", "--unit=syncd", "--output=json", "--output-fields=MESSAGE,_UID,SYSLOG_IDENTIFIER", "--quiet"
    )
    lines = [json.loads(line) for line in strange.splitlines()]
    own = [it for it in lines if it.get("SYSLOG_IDENTIFIER") == "syncd"]
    broken = [it["MESSAGE"] for it in own if not str(it["MESSAGE"]).startswith("{")]
    _want(own and not broken, f"not JSON: {broken[:3]}")
    return json.dumps(cycle)


def what_fails_names_run_and_store_and_has_its_priority(service: Service) -> str:
    since = service.cursor()
    service.ask("/shops/main", {"revoke": "all"}, "PATCH")
    told = until("the log says so", lambda: [it for it in service.journal(since) if it["level"] != "info"])
    service.ask("/shops/main", {"restore": True}, "PATCH")
    _want(any({"run", "store"} <= it.keys() for it in told), f"no line names run and store: {told}")
    urgent = service.machine.run(
        "journalctl", "--unit=syncd", "--priority=warning", "--output=cat", "--quiet", f"--after-cursor={since}"
    )
    _want(urgent and '"info"' not in urgent, f"priorities are not those of the lines: {urgent}")
    until("all is well again", lambda: service.events("cycle", since)[-1:][0]["result"] == "done")
    return json.dumps(told[0])


def good_settings_are_taken_over_by_a_reload(service: Service) -> None:
    pid = service.show("MainPID")
    service.settings(REPEAT + EVERYBODY)
    service.machine.run("systemctl", "reload", "syncd")
    until("the new segment is tagged", lambda: service.is_tagged("everybody", 0))
    _want(service.show("MainPID") == pid, "it was started anew")


def bad_settings_fail_the_reload_and_leave_the_old_in_force(service: Service) -> str:
    pid, since = service.show("MainPID"), service.cursor()
    service.settings(REPEAT + EVERYBODY + '[segments.wrong]\nquery = "number_of_ordrs > 1"\n')
    reloaded = service.machine.try_("systemctl", "reload", "syncd")
    _want(reloaded.returncode, "systemctl reload said nothing")
    refused = until("the log says so", lambda: service.events("settings_refused", since))
    until("cycles go on", lambda: len(service.events("cycle", since)) >= 2)
    _want(service.show("MainPID") == pid, "it was started anew")
    _want(service.show("ActiveState") == "active", "it is not active any more")
    service.settings(REPEAT + EVERYBODY)
    until("the file is right again, and taken over", lambda: service.events("settings_taken", since))
    return f"{refused[0]['where']}: {refused[0]['why']}"


def members_of_the_group_ask_it_without_sudo(service: Service) -> None:
    for user, groups in (("alice", ["--groups=syncd"]), ("bob", [])):
        service.machine.run("useradd", "--create-home", *groups, user)
    typed = ["syncd", "status", "--json"]
    asked = service.machine.try_("setpriv", "--reuid=alice", "--regid=alice", "--init-groups", *typed)
    _want(json.loads(asked.stdout or "{}").get("ok"), f"alice is told: {asked.stdout}{asked.stderr}")
    refused = service.machine.try_("setpriv", "--reuid=bob", "--regid=bob", "--init-groups", *typed)
    _want(refused.returncode, "bob is no member, and is told all the same")


def killed_it_starts_again(service: Service) -> str:
    service.override("RestartSec=1")
    pid, since = service.show("MainPID"), service.cursor()
    service.machine.run("systemctl", "kill", "--kill-who=main", "--signal=KILL", "syncd")
    until("another process", lambda: service.show("MainPID") not in {pid, "0"})
    until("cycles go on", lambda: service.events("cycle", since))
    return f"restarts: {service.show('NRestarts')}"


def a_cycle_that_hangs_is_ended_by_the_watchdog(service: Service) -> str:
    service.override("RestartSec=1", "WatchdogSec=5")
    service.machine.run("systemctl", "restart", "syncd")
    until("it is well", lambda: service.events("cycle"))
    since, pid = service.cursor(), service.show("MainPID")
    began = time.monotonic()
    service.machine.run("systemctl", "kill", "--signal=STOP", "sandbox")
    until("another process", lambda: service.show("MainPID") not in {pid, "0"}, 40)
    took = time.monotonic() - began
    service.machine.run("systemctl", "kill", "--signal=CONT", "sandbox")
    told = service.machine.run("journalctl", "--unit=syncd", "--quiet", f"--after-cursor={since}", "--output=cat")
    _want("atchdog" in told, f"nothing of a watchdog in the journal: {told[-800:]}")
    _want("Fatal Python error: Aborted" in told and ".py" in told, f"not told where it hung: {told[-800:]}")
    service.override("RestartSec=1")
    service.machine.run("systemctl", "restart", "syncd")
    since = service.cursor()
    until("cycles go on", lambda: [it for it in service.events("cycle", since) if it["result"] == "done"])
    return f"services silent, killed after {took:.0f} s (WatchdogSec=5)"


def stopped_in_the_middle_of_a_push_nothing_is_lost(service: Service) -> str:
    service.ask("/shops/main", {"bucket": [800, 40], "bulk_seconds": 3.0}, "PATCH")
    before = service.writes()
    service.settings(REPEAT + EVERYBODY + EVERYBODY.replace("everybody", "customer"))
    service.machine.run("systemctl", "reload", "syncd")
    until("it writes", lambda: service.writes() > before)
    began = time.monotonic()
    service.machine.run("systemctl", "stop", "syncd")
    took = time.monotonic() - began
    _want(took < STOP_WITHIN, f"it took {took:.1f} s")
    _want(service.show("Result") == "success", f"the unit's result is {service.show('Result')}")
    there = sum("customer" in it["tags"] for it in service.customers())
    service.ask("/shops/main", {"plan": "Plus", "bulk_seconds": 0.0}, "PATCH")
    service.machine.run("systemctl", "start", "syncd")
    runs = json.loads(service.machine.run("syncd", "runs", "--json"))["runs"]
    _want(
        "interrupted" in {it["result"] for it in runs[:3]}, f"no run was interrupted: {[it['result'] for it in runs]}"
    )
    until("everybody has the tag", lambda: service.is_tagged("customer", 0))
    since = service.cursor()
    until("nothing is left to do", lambda: _idle(service, since))
    return f"stopped within {took:.1f} s; the store had tagged {there} of {len(service.customers())}, none confirmed"


def _idle(service: Service, since: str) -> bool:
    cycles = service.events("cycle", since)
    return bool(cycles) and all(cycles[-1][key] == 0 for key in ("added", "removed", "failed", "unknown"))


def cycles_by_the_second_are_denied_nothing(service: Service) -> str:
    """A forbidden system call is a death here, not an error: so none was made that something forgave."""
    service.override("RestartSec=1", "SystemCallErrorNumber=kill")
    segments = REPEAT + EVERYBODY + EVERYBODY.replace("everybody", "customer")
    service.settings(segments, reconcile_every="10s", backup_every="10s")
    since = service.cursor()
    service.machine.run("systemctl", "restart", "syncd")
    service.machine.run("systemctl", "reset-failed", "syncd")
    end = time.monotonic() + FAST_SECONDS
    while time.monotonic() < end:
        customer = service.customers()[0]["id"]
        service.ask("/shops/main/orders", {"customer_id": customer})
        time.sleep(5)
    cycles, told = service.events("cycle", since), service.journal(since)
    _want(service.show("NRestarts") == "0", "it died")
    _want(len(cycles) > FAST_SECONDS / 5, f"only {len(cycles)} cycles")
    worse = [it for it in told if it.get("level") in {"warning", "error", "critical"}]
    _want(not worse, f"the log says: {worse[:3]}")
    _want(not re.search("denied|permitted|read-only", json.dumps(told), re.IGNORECASE), "something was denied")
    kinds = {it["work"] for it in told if "work" in it}
    return f"{len(cycles)} cycles in {FAST_SECONDS} s, among the work {sorted(kinds)}"


def bad_settings_at_the_start_are_told_once(service: Service) -> str:
    service.override("RestartSec=1")
    service.settings('[segments.wrong]\nquery = "number_of_ordrs > 1"\n')
    since = service.cursor()
    started = service.machine.try_("systemctl", "restart", "syncd")
    _want(started.returncode, "it started")
    time.sleep(4)
    states = service.show("ActiveState"), service.show("ExecMainStatus"), service.show("NRestarts")
    _want(states == ("failed", "2", "0"), f"it is {states}")
    told = service.machine.run("journalctl", "--unit=syncd", "--quiet", f"--after-cursor={since}", "--output=cat")
    _want("number_of_orders" in told, f"the journal does not say what is wrong: {told}")
    service.settings()
    service.machine.run("systemctl", "restart", "syncd")
    return "exit code 2, not started again"


def a_second_installation_runs_beside_it(service: Service) -> None:
    service.machine.run("syncd", "init", "--service", "--yes", "--config", "/etc/syncd/shop.toml")
    service.settings(every="10s", name="shop")
    service.machine.run("systemctl", "enable", "--now", "syncd@shop")
    _want(service.show("ActiveState", "syncd@shop") == "active", "it is not active")
    until("its mirror", (service.machine.root / "var/lib/syncd-shop/syncd.db").exists)


def an_upgrade_starts_both_again(service: Service) -> None:
    before = {unit: service.show("MainPID", unit) for unit in ("syncd", "syncd@shop")}
    service.machine.run("dpkg", "--install", service.package)
    for unit, pid in before.items():
        until(f"{unit} is another process", lambda unit=unit, pid=pid: service.show("MainPID", unit) not in {pid, "0"})
        _want(service.show("ActiveState", unit) == "active", f"{unit} is not active")


def removed_it_leaves_the_data_and_purged_nothing(service: Service) -> None:
    data = [service.machine.root / it for it in ("etc/syncd/syncd.toml", "var/lib/syncd/syncd.db")]
    service.machine.run("dpkg", "--remove", "syncd")
    _want(service.show("LoadState") == "not-found", "the unit is still there")
    _want(service.show("ActiveState", "syncd@shop") != "active", "an installation still runs")
    _want(all(it.exists() for it in data), "settings or mirror are gone")
    _want(not (service.machine.root / "usr/lib/syncd").exists(), "files of the program are left")
    service.machine.run("dpkg", "--purge", "syncd")
    left = [it for it in ("etc/syncd", "var/lib/syncd", "var/lib/syncd-shop") if (service.machine.root / it).exists()]
    _want(not left, f"left behind: {left}")


CHECKS: tuple[Check, ...] = (
    it_installs_and_waits_for_settings,
    systemd_takes_the_unit_and_finds_it_locked_down,
    it_starts_by_the_settings_that_init_wrote_and_is_ready,
    it_brings_the_shop_up_to_date,
    the_locks_are_on_the_running_process,
    secrets_and_data_are_nobody_elses,
    the_journal_has_the_fields,
    what_fails_names_run_and_store_and_has_its_priority,
    good_settings_are_taken_over_by_a_reload,
    bad_settings_fail_the_reload_and_leave_the_old_in_force,
    members_of_the_group_ask_it_without_sudo,
    killed_it_starts_again,
    a_cycle_that_hangs_is_ended_by_the_watchdog,
    stopped_in_the_middle_of_a_push_nothing_is_lost,
    cycles_by_the_second_are_denied_nothing,
    bad_settings_at_the_start_are_told_once,
    a_second_installation_runs_beside_it,
    an_upgrade_starts_both_again,
    removed_it_leaves_the_data_and_purged_nothing,
)
