"""The systemd units are what systemd takes, locked down, and the same for one installation and for several."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

SYSTEMD = ROOT / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
WORST_EXPOSURE = 1.1


@pytest.fixture(scope="session")
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("systemd-analyze is missing in CI")
        pytest.skip("needs systemd-analyze")
    return found


def test_systemd_verifies_the_units_without_a_word(analyze: str, tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(r"(?m)^(ExecStart|ExecReload)=syncd", r"\1=/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    names = [unit.name.replace("@", "@shop") for unit in UNITS]

    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "syncd" in line] == []
    assert done.returncode == 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_service_is_locked_down(analyze: str, unit: Path) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True, check=False
    )

    exposure = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure is not None, done.stderr
    assert float(exposure[1]) <= WORST_EXPOSURE


def test_several_installations_run_by_the_same_lines_as_one() -> None:
    one = _lines("syncd.service")
    several = [
        line.replace("%i.credentials", "credentials").replace("%i.toml", "syncd.toml").replace("-%i", "")
        for line in _lines("syncd@.service")
    ]

    def shared(lines: list[str]) -> list[str]:
        return [line for line in lines if not line.startswith(("Description=", "Condition", "Assert"))]

    assert shared(several) == shared(one)


def test_each_line_that_locks_the_service_down_has_its_reason() -> None:
    service = (SYSTEMD / "syncd.service").read_text().partition("[Service]")[2].partition("[Install]")[0]

    for lines in re.split(r"(?m)^(?=#)", service.strip()):
        settings = [line for line in lines.splitlines() if line and not line.startswith("#")]
        assert len(settings) <= 6, f"say why, nearer to the line: {settings}"


def _lines(unit: str) -> list[str]:
    return [line for line in (SYSTEMD / unit).read_text().splitlines() if line and not line.startswith("#")]
