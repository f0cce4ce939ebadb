"""One cycle = pull → evaluate → plan → push. `sync`, `plan` and the daemon are the same code."""

from syncd.cycle.cycle import Options, run_cycle
from syncd.cycle.part import Part
from syncd.cycle.report import Failure, Report, exit_code
from syncd.cycle.services import Services
from syncd.cycle.undoing import Undoing, undo

__all__ = ["Failure", "Options", "Part", "Report", "Services", "Undoing", "exit_code", "run_cycle", "undo"]
