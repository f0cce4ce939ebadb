"""One cycle = pull → evaluate → plan → push. `sync`, `plan` and the daemon are the same code."""

from syncd.cycle.cycle import Options, run_cycle
from syncd.cycle.report import Failure, Report, exit_code
from syncd.cycle.services import Services

__all__ = ["Failure", "Options", "Report", "Services", "exit_code", "run_cycle"]
