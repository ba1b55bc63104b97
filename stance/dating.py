"""Text -> the day of a document, where it gives one as its own: a day that it merely recalls is not."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from stance.segmentation import FRONT_MATTER

_HEAD = 2500  # characters in which a text says of itself what it is
_TAIL = 4000  # and in which it says when
_DATE_FIELD = re.compile(r"^date:[ \t]*['\"]?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAYS = r"(?:\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|—|to|and)\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_DATES = (
    re.compile(rf"(?<![\w/]){_DAYS}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+{_DAYS},?\s+{_YEAR}", re.IGNORECASE),
    _ISO,
)
_LABEL = re.compile(
    r"\s*(?:date\b|(?:last\s+)?(?:dated|issued|posted|published|released|updated)(?:\s+on)?\s*:)", re.IGNORECASE
)
_DATE_LINE = re.compile(
    rf"(?:{_LABEL.pattern}:?|\s*(?:published|updated)|\s*[\w .’'-]{{2,40}},)?\s*"
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*)?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r",?\s+(?:at\s+)?(?:\d{1,2}:\d\d|\d{1,2}\.\d\d\s*(?:[ap]\.?m|GMT|BST|CE?S?T|E[SD]T|UTC)\b)", re.IGNORECASE
)
_AGENCY = re.compile(r"\s*\([A-Z][\w ]{1,20}\)")
_TITLED = re.compile(r"\b(?:briefing|conference|remarks|resolution)\s+(?:of|on)\s*$", re.IGNORECASE)
_MEETING_LINE = re.compile(r"^[ \t\[]*\d+(?:st|nd|rd|th)\s+(?:plenary\s+)?meeting\s+(.{8,30})$", re.MULTILINE)
_CONVENED = re.compile(
    r"\b(?:held|met|meeting|adopted|issued|made|released|signed|done|convened|convene|gathered|summit)\b"
    r"[^.;]{0,60}?\b(?:on|in|,)?\s*$",
    re.IGNORECASE,
)
_RECALLS = re.compile(
    r"[\W\d]*(?:recall|reaffirm|welcom|not|taking|guided|bearing|pursuant|having)"
    r"|\W*\d{1,2}\W+(?:adopted|signed|see)\b",  # a footnote
    re.IGNORECASE,
)
_ANOTHERS = re.compile(  # before the date, in its sentence: of another text or meeting
    r"\b(?:(?:last|next|previous|earlier|coming|forthcoming|upcoming)\s+(?:[\w-]+\s+)?"
    r"(?:meeting|summit|session|statement|round|dialogue|conference|visit)\b|(?:recall|welcom)\w*|will\s+be\b"
    r"|(?:treaty|convention|protocol|agreement|accord)\b[^.;]*\b(?:signed|adopted|concluded))[^.;]*$",
    re.IGNORECASE,
)


def find_date(text: str) -> datetime.date | None:
    """The day that the text gives as its own, the last of several; None where it gives none.

    >>> find_date("At its 8756th meeting, held on 10 September 2020, the Council spoke.")
    datetime.date(2020, 9, 10)
    """
    return next((found for rule in _DATE_RULES if (found := rule(text)) is not None), None)


def _front_matter_date(text: str) -> datetime.date | None:
    front = FRONT_MATTER.match(text)
    field = _DATE_FIELD.search(front[1]) if front else None
    return _checked(field[1]) if field else None


def _line_of_its_own(text: str) -> datetime.date | None:
    for line in text[:_HEAD].splitlines():
        found = dated_line(line)
        if found:
            return found
    return None


def dated_line(line: str) -> datetime.date | None:
    """The date of a line that holds nothing else, save a place, a weekday or a label before it and a time behind it.

    So is that before an agency: "LIMA, May 4, 2031 (Reuters)".
    """
    for found, start, end in _dates(line[:200]):
        ends = not line[end:].strip(" .)]")
        alone = ends or _LABEL.match(line) or _TIME.match(line, end) or _AGENCY.match(line, end)
        if alone and _DATE_LINE.fullmatch(line[:start]):
            return found
    return None


def _in_the_title(text: str) -> datetime.date | None:
    """That of "Press Conference on May 4, 2031", the first line."""
    line = text[:_HEAD].lstrip().partition("\n")[0].strip()
    if _RECALLS.match(line) or line.endswith((".", ",")):
        return None
    return next((found for found, start, _ in _dates(line) if _TITLED.search(line[:start])), None)


def _meeting_line(text: str) -> datetime.date | None:
    """That of "58th meeting 4 July 2025" at the end of a resolution."""
    line = _MEETING_LINE.search(text, max(len(text) - _TAIL, 0))
    return next((found for found, _, _ in _dates(line[1])), None) if line else None


def _convened(text: str) -> datetime.date | None:
    """That of "held on", "adopted on", "met in Rome on" and of "On 24 May 2021, ..." in the opening."""
    for part in re.split(r"\n\s*\n", text[:_HEAD]):
        if _RECALLS.match(part):
            continue
        for found, start, _ in _dates(part):
            before = part[max(start - 120, 0) : start]
            if _ANOTHERS.search(before):
                continue
            if _CONVENED.search(before) or re.fullmatch(r"\W*On\s+", part[:start]):
                return found
    return None


_DATE_RULES: tuple[Callable[[str], datetime.date | None], ...] = (
    _front_matter_date,
    _line_of_its_own,
    _in_the_title,
    _meeting_line,
    _convened,
)


def _dates(text: str) -> Iterator[tuple[datetime.date, int, int]]:
    """Every date in a text with its span, in order."""
    if not _ANY_YEAR.search(text):
        return
    found = sorted((m.start(), m) for pattern in _DATES for m in pattern.finditer(text))
    for start, match in found:
        month = match["month"].lower()
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
        day = _checked(f"{match['year']}-{number:02}-{int(match['day']):02}")
        if day:
            yield day, start, match.end()


def _checked(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def parse_day(given: datetime.date | str) -> datetime.date:
    """A day given as such, as a time on it (a `pandas.Timestamp` too), or as ISO 8601.

    Raises
    ------
    ValueError
        Where it is no day.
    """
    day = None
    if isinstance(given, str):
        day = _checked(given)
    elif isinstance(given, datetime.date) and given == given:  # pandas' "not a time" is not even itself
        day = given.date() if isinstance(given, datetime.datetime) else given
    if day is None:
        raise ValueError(f"date must be written YYYY-MM-DD, got {given!r}; give '2024-05-17' or a datetime.date")
    return day
