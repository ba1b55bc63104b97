"""What a terminal needs: text that cannot steer it, columns that fit it, colours only where they show."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from typing import TextIO

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # they turn the rest of a line around
_WIDTH_OF_FILE = 120  # columns where no terminal says otherwise
CLEARED_LINE = "\r\x1b[K"
_CODES = {"support": "32", "condemn": "31", "neutral": "33", "heading": "1", "target": "1", "evidence": "4"}
_PLAIN = {"target": ("[", "]"), "evidence": ("*", "*")}
_NO_WIDTH = ("Mn", "Me", "Cf")
_BAR = 24


def escape(text: str) -> str:
    r"""The text with control characters, save tabs and line breaks, and lone surrogates written as `\u001b`.

    >>> print(escape("red \x1b[31m"))
    red \u001b[31m
    """
    return _CONTROLS.sub(_escaped, text)


def sign_for_sign(text: str) -> str:
    r"""The text with U+FFFD for each sign that `escape` writes otherwise, so that places in it stay where they are.

    >>> sign_for_sign("Gaza.\fIran")
    'Gaza.\ufffdIran'
    """
    return _CONTROLS.sub("\ufffd", text)


def one_line(text: str) -> str:
    r"""The text on one line, runs of white space as one space, and safe for a terminal.

    >>> one_line("the  rules-based\r\n order")
    'the rules-based order'
    """
    return _DIRECTIONS.sub(_escaped, escape(re.sub(r"\s+", " ", text)))


def columns_of(text: str) -> int:
    """How many columns a terminal gives a text: two to a wide character of East Asia, none to a mark upon another.

    >>> columns_of("e\u0301"), columns_of("北京")
    (1, 4)
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else unicodedata.category(c) not in _NO_WIDTH for c in text)


def head(text: str, width: int) -> str:
    """The beginning of a text in at most `width` columns, cut between words where there are several.

    >>> head("the rules-based order", 18)
    'the rules-based …'
    """
    if columns_of(text) <= width:
        return text
    kept = text[: max(width, 0)]
    while kept and columns_of(kept) > width - 1:
        kept = kept[:-1]
    return kept[: kept.rfind(" ") + 1 or None] + "…" if width > 0 else ""


def tail(text: str, width: int) -> str:
    """The end of a text in at most `width` columns, cut between words where there are several.

    >>> tail("the rules-based order", 10)
    '… order'
    """
    if columns_of(text) <= width:
        return text
    kept = text[max(len(text) - width, 0) :]
    while kept and columns_of(kept) > width - 1:
        kept = kept[1:]
    return "…" + kept[max(kept.find(" "), 0) :] if width > 0 else ""


class Paint:
    """Marks parts of a line: with colours, or with brackets and stars where there are none."""

    def __init__(self, colours: bool) -> None:
        self.colours = colours

    def __call__(self, text: str, *styles: str) -> str:
        """The text in the styles, which are stances or "heading", "target", "evidence"."""
        if not text:
            return text
        if self.colours:
            return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"
        opening, closing = _PLAIN.get(styles[0], ("", ""))
        return f"{opening}{text}{closing}"

    def width_of_marks(self, style: str) -> int:
        """The columns that the marks of a style take."""
        return 0 if self.colours else len("".join(_PLAIN.get(style, "")))


def paint_for(stream: TextIO) -> Paint:
    """Colours for a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is dumb."""
    return Paint(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def width_of_terminal() -> int:
    """The columns of the terminal, or what COLUMNS says, or enough for a file; at least 60."""
    return max(shutil.get_terminal_size((_WIDTH_OF_FILE, 24)).columns, 60)


def pad(text: str, width: int) -> str:
    """The text cut or filled to exactly `width` columns."""
    text = head(text, width)
    return text + " " * (width - columns_of(text))


def progress_bar(done: int, total: int, name: str) -> str:
    """A bar that takes the place of the one before it on a line of a terminal.

    >>> progress_bar(6, 12, "a.txt")[4:]
    '############............ 6/12 a.txt'
    """
    filled = ("#" * (_BAR * done // total)).ljust(_BAR, ".")
    return f"{CLEARED_LINE}{filled} {done}/{total} {tail(one_line(name), 40)}"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
