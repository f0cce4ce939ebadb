"""The systemd units are what systemd takes, and locked down."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = sorted((ROOT / "systemd").glob("syncd*"))
WORST_EXPOSURE = 1.5


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
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)

    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "syncd" in line] == []
    assert done.returncode == 0


def test_the_service_is_locked_down(analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(ROOT / "systemd" / "syncd.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    exposure = re.search(r"exposure level for syncd.service: ([\d.]+)", done.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= WORST_EXPOSURE
