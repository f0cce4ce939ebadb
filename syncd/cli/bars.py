"""Progress bars on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from syncd.ports import Progress


class Bars:
    """A bar for each long piece of work, drawn on standard error while it goes on, gone afterwards."""

    def __init__(self) -> None:
        """Draw nothing where nobody looks."""
        self._tasks: dict[str, Any] = {}
        self._drawn: Any = _drawing() if sys.stderr.isatty() else None

    def show(self, progress: Progress) -> None:
        """Move the bar of a task; its first news makes it."""
        if self._drawn is None:
            return
        if progress.task not in self._tasks:
            self._tasks[progress.task] = self._drawn.add_task(progress.task, total=progress.total)
        self._drawn.update(self._tasks[progress.task], completed=progress.done, total=progress.total)

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
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Drawing  # noqa: PLC0415

    return Drawing(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        expand=True,
    )
