"""The small types of the settings: shares, durations, cron lines, names and labels, from text to value.

Each parser raises `WrongError` with the sentence for the user, so that the way a value is written is told in one place.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import msgspec
from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from syncd.config.findings import nearest
from syncd.segments import time_frame
from syncd.segments.days import PERIODS
from syncd.segments.ranks import BACK

DURATION = re.compile(r"([0-9]{1,6})\s*([smhd])")
PERCENT = re.compile(r"(100|[0-9]{1,2}(?:\.[0-9]{1,4})?)\s*%")
QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-3]):([0-5][0-9])")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
TIME_FRAMES = f'write a day counted from today ("-90d"), or one of {", ".join(PERIODS)}'
CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
CRON_NAMES = {
    "month": "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "weekday": "sun mon tue wed thu fri sat".split(),
}


class WrongError(ValueError):
    """A value that cannot be taken: what is wrong with it, and how it is to be written."""

    def __init__(self, message: str, fix: str = "") -> None:
        """Keep both sentences apart, as a `Problem` does."""
        super().__init__(message)
        self.message = message
        self.fix = fix


class Share(msgspec.Struct, frozen=True, order=True):
    """A part of a whole, exact: never a float.

    Attributes:
        percent: 0 to 100.
    """

    percent: Decimal

    @property
    def fraction(self) -> Fraction:
        """The same as a fraction of one."""
        return Fraction(self.percent) / 100

    def __str__(self) -> str:
        """Return it as the settings write it (`30%`)."""
        return f"{self.percent.normalize():f}%"


def parse_share(value: object) -> Share:
    """Read `"30%"`.

    Raises:
        WrongError: It is no percentage between 0% and 100%.
    """
    if isinstance(value, Share):
        return value
    match = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise WrongError(f"{shown(value)} is not a percentage", 'write it in quotes, from "0%" to "100%": "30%"')
    return Share(Decimal(match[1]))


def parse_top(value: object) -> Share | int:
    """Read the size of a rank: `50` people, or `"10%"` of them.

    Raises:
        WrongError: It is neither, or nobody would be in it.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, Share | str):
        share = parse_share(value)
        if share.percent > 0:
            return share
    raise WrongError(f"{shown(value)} is not a size", 'write a number of people (top = 50) or a share (top = "10%")')


def parse_time_frame(value: object) -> str:
    """Read the time frame of a rank: `"last_quarter"`, or `"-90d"`.

    Raises:
        WrongError: It is neither.
    """
    try:
        time_frame(value if isinstance(value, str) else "")
    except ValueError:
        near = nearest(str(value), PERIODS, few=0)
        raise WrongError(f"{shown(value)} is not a time frame", near or TIME_FRAMES) from None
    return str(value)


def parse_duration(value: object) -> int:
    """Read `"5m"` into seconds.

    Raises:
        WrongError: It is no duration, or none at all.
    """
    match = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise WrongError(
            f"{shown(value)} is not a duration", 'write a number and s, m, h or d: "30s", "5m", "1h", "2d"'
        )
    return int(match[1]) * SECONDS[match[2]]


class QuietHours(msgspec.Struct, frozen=True):
    """A span of every day, over midnight where it ends before it begins.

    Attributes:
        begin: Minutes after midnight; the first of them is quiet.
        end: Minutes after midnight; this one is not.
    """

    begin: int
    end: int

    def __str__(self) -> str:
        """Return it as the settings write it (`22:00-07:00`)."""
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.begin, self.end))


def parse_quiet_hours(value: object) -> QuietHours:
    """Read `"22:00-07:00"`.

    Raises:
        WrongError: It is no span of a day.
    """
    if isinstance(value, QuietHours):
        return value
    match = QUIET.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise WrongError(f"{shown(value)} is not a span of the day", 'write from and to: "22:00-07:00"')
    begin, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    if begin == end:
        raise WrongError(f"{shown(value)} begins and ends at the same minute", "leave the key out for no quiet hours")
    return QuietHours(begin, end)


def parse_cron(value: object) -> str:
    """Read a crontab line: minute, hour, day of the month, month, weekday (0 and 7 are Sunday), one space between.

    Raises:
        WrongError: A field is missing, out of its range or not understood; it is named.
    """
    parts = value.lower().split() if isinstance(value, str) else []
    fix = 'write minute, hour, day, month, weekday: "0 3 * * *" is every day at 03:00'
    if len(parts) != len(CRON_FIELDS):
        raise WrongError(f"{shown(value)} is not a cron line of five fields", fix)
    for part, (name, low, high) in zip(parts, CRON_FIELDS, strict=True):
        if not all(cron_term(term, name, low, high) for term in part.split(",")):
            raise WrongError(f"{part!r} does not fit the {name} ({low} to {high})", fix)
    return " ".join(parts)


def cron_term(term: str, name: str, low: int, high: int) -> bool:
    """Return whether `term` is `*`, `n`, `n-m`, each with or without a step `/n`, within the field's range."""
    span, slash, step = term.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 1 <= int(step) <= high):
        return False
    if span == "*":
        return True
    ends = [cron_value(end, name) for end in span.split("-")]
    return len(ends) <= 2 and all(low <= end <= high for end in ends) and ends == sorted(ends)


def cron_value(text: str, name: str) -> int:
    """Return the number that a cron field's text stands for; -1 where it stands for none."""
    names = CRON_NAMES.get(name, [])
    if text in names:
        return names.index(text) + (1 if name == "month" else 0)
    return int(text) if text.isascii() and text.isdigit() else -1


def check_name(name: str) -> str:
    """Return `name` where it is fit for a store, an audience or a segment.

    Raises:
        WrongError: It is not; the message says what is allowed.
    """
    if NAME.fullmatch(name):
        return name
    raise WrongError(
        f"{name!r} is not a good name",
        "use small letters, digits, - and _ (at most 64, a letter or digit first)",
    )


def parse_label(value: object) -> str:
    """Return a tag as it was written.

    Raises:
        WrongError: It is not text, empty, spaced at an end, or holds a comma (services split tags there) or a control
            character.
    """
    if not isinstance(value, str):
        raise WrongError("must be text in quotes")
    if not value.strip():
        raise WrongError("is empty", "write the tag, or leave the key out for none")
    if "," in value:
        raise WrongError(f"{value!r} holds a comma, where services split tags", "leave the comma out")
    if value != value.strip() or not value.isprintable():
        raise WrongError(f"{value!r} has a space at an end, or a character that cannot be seen", "leave that out")
    return value


def shown(value: object) -> str:
    """Return a value as its file writes it, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _text(pattern: re.Pattern[str], *examples: str) -> Any:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern.pattern}$", "examples": list(examples)})


Percentage = Annotated[Share, PlainValidator(parse_share), PlainSerializer(str), _text(PERCENT, "30%")]
Top = Annotated[
    Share | int,
    PlainValidator(parse_top),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{PERCENT.pattern}$"}]}
    ),
]
TimeFrame = Annotated[
    str,
    PlainValidator(parse_time_frame),
    WithJsonSchema({"anyOf": [{"enum": list(PERIODS)}, {"type": "string", "pattern": f"^({BACK.pattern})$"}]}),
]
Duration = Annotated[int, PlainValidator(parse_duration), _text(DURATION, "5m", "1h")]
QuietSpan = Annotated[QuietHours, PlainValidator(parse_quiet_hours), PlainSerializer(str), _text(QUIET, "22:00-07:00")]
CronLine = Annotated[str, PlainValidator(parse_cron), WithJsonSchema({"type": "string", "examples": ["0 3 * * *"]})]
Label = Annotated[
    str, BeforeValidator(parse_label), Field(json_schema_extra={"pattern": r"^[^,\s]([^,\r\n\t]*[^,\s])?$"})
]
