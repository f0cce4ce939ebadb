"""Progress bars on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from syncd.clock import Clock
from syncd.cycle.reckoning import Reckoning
from syncd.ports import Progress


class Bars:
    """A bar for the piece of work that goes on, drawn on standard error, gone afterwards.

    One at a time: a cycle does one thing after the other, and its history is told at the end.
    """

    def __init__(self, clock: Clock) -> None:
        """Draw nothing where nobody looks."""
        self._reckoning = Reckoning(clock)
        self._task: Any = None
        self._name = ""
        self._drawn: Any = _drawing() if sys.stderr.isatty() else None

    def show(self, progress: Progress) -> None:
        """Move the bar; news of other work takes its place."""
        if self._drawn is None:
            return
        if progress.task != self._name:
            if self._task is not None:
                self._drawn.remove_task(self._task)
            task = self._drawn.add_task(progress.task, total=progress.total or None, left="")
            self._name, self._task = progress.task, task
        left = self._reckoning.left(progress)
        self._drawn.update(self._task, completed=progress.done, total=progress.total or None, left=left)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else, for a question."""
        if self._drawn is None:
            yield
            return
        self._drawn.stop()
        try:
            yield
        finally:
            self._drawn.start()

    def __enter__(self) -> Callable[[Progress], None]:
        """Begin to draw."""
        if self._drawn is not None:
            self._drawn.start()
        return self.show

    def __exit__(self, *_: object) -> None:
        """Take the bars away."""
        if self._drawn is not None:
            self._drawn.stop()


def _drawing() -> Any:
    from rich.console import Console  # noqa: PLC0415  # only on a terminal
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Drawing  # noqa: PLC0415

    return Drawing(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        expand=True,
    )
