"""One cycle = pull → evaluate → plan → push. `sync`, `plan` and the daemon are the same code."""

from typing import TYPE_CHECKING

from syncd.deferred import deferred

if TYPE_CHECKING:
    from syncd.cycle.cycle import Options, run_cycle
    from syncd.cycle.part import Part
    from syncd.cycle.report import Failure, Report, exit_code
    from syncd.cycle.services import Services
    from syncd.cycle.undoing import Undoing, undo
else:
    __getattr__ = deferred(
        __name__,
        {
            "Options": "cycle",
            "run_cycle": "cycle",
            "Part": "part",
            "Failure": "report",
            "Report": "report",
            "exit_code": "report",
            "Services": "services",
            "Undoing": "undoing",
            "undo": "undoing",
        },
    )

__all__ = ["Failure", "Options", "Part", "Report", "Services", "Undoing", "exit_code", "run_cycle", "undo"]
