"""The demo itself: check, plan, sync; a week later sync again; and once more, to see that nothing is left to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import failing, words
from syncd.cli.options import flag
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session
from syncd.errors import FatalError

if TYPE_CHECKING:
    from syncd.cli.demo.stage import Stage
    from syncd.cli.demo.story import Fate

Step = dict[str, Any]


def demo(
    session: Session,
    *,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where to work; cleared if an earlier demo made it.")
    ] = Path("syncd-demo"),
    customers: Annotated[int, typer.Option("--customers", min=200, help="How many customers the shop has.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes another shop.")] = 1,
    keep: Annotated[bool, flag("--keep", help="Let the simulated services run on until Ctrl-C.")] = False,
) -> int:
    """Show the whole job against a simulated shop and mailing list.

    Starts both on this machine, writes a folder with settings, checks, plans and syncs; lets a week pass there and
    syncs again. Nothing outside the folder is touched, and nothing leaves this machine. The folder stays to look
    around in.
    """
    from syncd.cli.demo import folder as working  # noqa: PLC0415  # heavy
    from syncd.cli.demo.stage import Stage  # noqa: PLC0415
    from syncd.cli.demo.story import DAYS  # noqa: PLC0415
    from syncd.clock import iso  # noqa: PLC0415

    working.prepare(folder)
    start = iso(session.clock.now() - DAYS * 86_400) or ""
    with Stage(customers, seed, start) as stage:
        working.write_settings(folder, stage.settings)
        play = Play(session, folder, stage)
        play.perform()
        if session.json:
            session.screen.document({"folder": str(folder), "url": stage.settings["url"], "steps": play.steps})
        else:
            _what_now(session, folder, keep=keep)
        if keep:
            _wait(session, stage)
    return failing.DONE


class Play:
    """One performance: runs the real commands, in the order of the story."""

    def __init__(self, session: Session, folder: Path, stage: Stage) -> None:
        """Prepare to play in a folder, against simulated services."""
        self._session = session
        self._screen = session.screen
        self._folder = folder
        self._stage = stage
        self.steps: list[Step] = []

    def perform(self) -> None:
        """Play the whole story."""
        from syncd.cli.demo import story  # noqa: PLC0415

        self.rule("A shop and its mailing lists, simulated on this machine")
        self._introduce(story.fill_lists(self._stage))
        self.rule("First: do the settings and the keys fit?")
        self._run("check")
        self.rule("What would a sync change?")
        self._run("plan", "--sample", "2")
        self.rule("Do it: pull what is new, evaluate, push the difference")
        self._run("sync", "--yes")
        fates = story.move_on(self._stage, self._members)
        self.rule(f"{story.DAYS} days later")
        self._tell_fates(fates)
        self._run("sync", "--yes")
        self._tell_ends(fates)
        self.rule("Once more: nothing has changed, so nothing is written")
        self._stage.ask("/calls", method="DELETE")
        self._run("sync")
        self._tell_calls()

    def rule(self, title: str) -> None:
        """Begin a chapter."""
        if not self._session.json:
            self._screen.say()
            self._screen.rule(title)
            self._screen.say()

    def _run(self, *typed: str) -> None:
        """Run one command as its user would, on the same terminal."""
        shown = f"syncd {' '.join(typed)}"
        if self._session.json:
            self.steps.append({"typed": shown, "exit": 0, "result": json.loads(self._output(*typed, "--json"))})
            return
        self._screen.say(f"$ {shown}", "bold cyan")
        self._screen.out.flush()
        self._command(*typed)

    def _members(self, segment: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._output("members", segment, "--json"))["members"]
        return found

    def _output(self, *typed: str) -> bytes:
        return self._command(*typed, stdout=subprocess.PIPE).stdout or b""

    def _command(self, *typed: str, stdout: int | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run a command in the folder.

        Raises:
            KeyboardInterrupt: It was stopped.
            FatalError: It failed; the story cannot go on.
        """
        ended = subprocess.run(  # noqa: S603  # ourselves
            [sys.executable, "-m", "syncd.cli", *typed],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            check=False,
        )
        if ended.returncode in {failing.INTERRUPTED, failing.TERMINATED}:
            raise KeyboardInterrupt
        if ended.returncode:
            raise FatalError(
                f"`syncd {' '.join(typed)}` ended with exit code {ended.returncode}; the demo stops here",
                hint=f"look into it with: cd {self._folder} && syncd status",
            )
        return ended

    def _environment(self) -> dict[str, str]:
        """Let a command live at the hour that it is at the simulated services when it begins."""
        from syncd.clock import iso  # noqa: PLC0415

        return {**os.environ, "SYNCD_CONFIG": "syncd.toml", "SYNCD_NOW": iso(self._stage.now()) or ""}

    def _introduce(self, listed: dict[str, int]) -> None:
        if self._session.json:
            return
        shop = self._stage.ask("/world")["shops"]["main"]
        self._screen.say(
            f"The shop has {words.number(shop['customers'])} customers, {words.number(shop['orders'])} orders, "
            f"{words.number(shop['products'])} products and {words.number(shop['checkouts'])} checkouts."
        )
        self._screen.say(
            f"The newsletter's list has {words.number(listed['subscribed'])} subscribers already, and "
            f"{words.number(listed['unsubscribed'])} who unsubscribed there, which the shop does not know."
        )
        self._screen.say(f"Settings with nine segments are in {self._folder}/syncd.toml.")

    def _tell_fates(self, fates: list[Fate]) -> None:
        if self._session.json:
            self.steps.append(
                {"happened": [{"customer_id": it.id, "email": it.email, "what": it.told} for it in fates]}
            )
            return
        for fate in fates:
            self._screen.say(f"  {fate.email} {fate.told}")
        self._screen.say("  and the rest of the shop grows a week older\n")

    def _tell_ends(self, fates: list[Fate]) -> None:
        """Show what the services themselves now say of the people of the story."""
        from syncd.cli.demo.story import ends  # noqa: PLC0415

        found = ends(self._stage, fates)
        if self._session.json:
            self.steps.append({"became": found})
            return
        columns = (
            Column("who", flexible=True),
            Column("tags in the shop", flexible=True),
            Column("on the list"),
            Column("tags there", flexible=True),
        )
        rows = [
            (
                it["email"],
                ", ".join(it["shop_tags"]) if it["shop"] else Cell("deleted", "dim"),
                it["status"],
                ", ".join(it["tags"]),
            )
            for it in found
        ]
        self._screen.table(Table(columns, rows, "What the shop and the newsletter's list now say of them"))

    def _tell_calls(self) -> None:
        calls = self._stage.ask("/calls")
        if self._session.json:
            self.steps.append({"calls": {"reads": calls["reads"], "writes": calls["writes"]}})
            return
        self._screen.say()
        self._screen.say(
            f"The services counted {words.counted(calls['reads'], 'request')} to read and "
            f"{words.number(calls['writes'])} to write.",
            "bold",
        )


def _what_now(session: Session, folder: Path, *, keep: bool) -> None:
    screen = session.screen
    screen.say()
    screen.rule("Look around")
    screen.say()
    screen.step("Go there", f"cd {folder}")
    screen.step("How old everything is", "syncd status")
    screen.step("The segments", "syncd segments")
    screen.step("Who is in one", "syncd members big-spenders")
    screen.step("Everything that the second sync did", "syncd runs 3")
    if not keep:
        screen.step("The same, with services that stay", "syncd demo --keep")
    screen.step("For your own shop, in a folder of its own", "syncd init")


def _wait(session: Session, stage: Stage) -> None:
    session.aside.say(f"\nThe simulated services answer at {stage.settings['url']} until Ctrl-C.")
    try:
        stage.wait()
    except (KeyboardInterrupt, SystemExit):
        return
