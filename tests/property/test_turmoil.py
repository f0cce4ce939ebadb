"""Whatever is typed, breaks and is killed, in whatever order: the laws hold, and in the end all labels are right."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.turmoil import Turmoil


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_no_order_of_commands_faults_and_deeds_breaks_a_law(seed: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="syncd-turmoil-"))
    turmoil = Turmoil(seed, folder)
    try:
        turmoil.play()
    finally:
        turmoil.house.mirror.close()
        shutil.rmtree(folder)
