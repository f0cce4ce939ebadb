"""`docs/performance.md`, made from a bench run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.results import ROOT, Figure, Results, newest

PAGE = ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: made by make bench -->", "<!-- end of figures -->"


def write(found: Results) -> None:
    """Put a run's figures into the page."""
    put(PAGE, (_BEGIN, _END), figures(found))


def put(page: Path, marks: tuple[str, str], text: str) -> None:
    """Put text into a page, between its marks."""
    begin, end = marks
    head, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, tail = rest.partition(end)
    page.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", encoding="utf-8")


def figures(found: Results) -> str:
    """Return a run's figures as Markdown."""
    return "\n".join(_lines(found)) + "\n"


def shown(value: float, unit: str) -> str:
    """Return a figure for people."""
    if unit == "%":
        return f"{value:.2f} %"
    if unit == "ratio":
        return f"{value:.2f}" if value < 10 else f"{value:.1f}"
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return f"{number} {unit}".strip()


def goal(it: Figure) -> str:
    """Return a goal for people; nothing where there is none."""
    return "" if it.goal is None else f"{'≤' if it.most else '≥'} {shown(it.goal, it.unit)}"


def _lines(found: Results) -> Iterator[str]:
    machine = found.machine
    yield f"Measured on {found.date}: {machine.cpus} processors ({machine.processor}),"
    yield f"Python {machine.python}, SQLite {machine.sqlite}."
    yield ""
    yield "| what | size | measured | goal | samples |"
    yield "|---|---|---:|---:|---|"
    for it in found.figures:
        missed = "" if it.met else " **missed**"
        samples = ", ".join(shown(value, it.unit) for value in it.samples) if len(it.samples) > 1 else ""
        yield f"| {it.measure} | {it.size} | {shown(it.value, it.unit)} | {goal(it)}{missed} | {samples} |"
    details = [it for it in found.figures if it.detail]
    if details:
        yield ""
        yield "What they are made of (CPU and wall-clock seconds, MiB at the peak, instructions of SQLite's machine):"
        yield ""
        for it in details:
            parts = ", ".join(f"{name.replace('_', ' ')} {value:,.6g}" for name, value in it.detail.items())
            yield f"- {it.measure}{f' ({it.size})' if it.size else ''}: {parts}"


if __name__ == "__main__":
    write(newest())
