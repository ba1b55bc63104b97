"""Files <-> text: which files hold statements, how they are read with no character altered, how lines are written."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from stance import extraction
from stance.outputs import replaced

STANDARD_INPUT = "-"
_ENDINGS = (".txt", ".text", ".md", ".markdown", *extraction.ENDINGS)
_LARGEST = 50_000_000  # bytes; the longest joint statement is below one million
_MOST_FOREIGN = 0.3  # share of bytes beyond ASCII above which a file is no Western text: English has 0.01, French 0.04
_MOST_CONTROLS = 0.05  # share of control characters above which nobody wrote it

# What a file is by its first bytes, and the way to its text.
_SIGNATURES = (
    (b"PK\x03\x04", "a zip or Office file", "save it as .docx or plain text"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", "save it as .docx or plain text"),
    (b"{\\rtf", "an RTF file", "save it as plain text"),
    (b"\x1f\x8b", "a gzip file", "unpack it first"),
)
# UTF-32 stands first, since its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_files(path: str, passed_over: list[str] | None = None) -> Iterator[str]:
    """The files that a path stands for: itself, or the readable files of a folder and the folders in it, sorted.

    To `passed_over` are added the other files of the folder, as they are named within it; hidden ones are not looked
    at. Links to files are followed, links to folders are not, which might go round in a circle.

    Raises
    ------
    ValueError
        Where a folder holds no text file.
    OSError
        Behind the last file, where one of the folders cannot be read.
    """
    if path == STANDARD_INPUT or not Path(path).is_dir():
        yield path
        return
    closed: list[OSError] = []
    folders = os.walk(path, onerror=closed.append)
    found = sorted(str(Path(top, name)) for top, _, names in folders for name in names)
    visible = [file for file in found if not any(part.startswith(".") for part in Path(file).relative_to(path).parts)]
    files = [file for file in visible if _is_text_file(file)]
    if passed_over is not None:
        texts = set(files)
        passed_over += (str(Path(file).relative_to(path)) for file in visible if file not in texts)
    if not files and not closed:
        raise ValueError(f"{path}: folder must hold {', '.join(_ENDINGS)} files, got none; name the files themselves")
    yield from files
    if closed:
        raise closed[0]


def read_text(path: str) -> str:
    """The text of a file, or of standard input for "-".

    Plain text stays as it is. Of a web page, a PDF or a Word file it is what `extraction` reads from it, and offsets
    count in that.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Where it is too large, or holds no text.
    ImportError
        Where the libraries for its kind are not installed.
    """
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(_LARGEST + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{path}: file must be at most {_LARGEST:,} bytes, got more; split it")
    extract = extraction.extractor_for(data, path)
    return _readable(extract(data, path), path) if extract else decode(data, path)


def decode(data: bytes, place: str = "text") -> str:
    r"""The text of bytes in UTF-8 with or without a byte-order mark, UTF-16 or UTF-32 with one, or Windows-1252.

    >>> decode(b"\xef\xbb\xbfOsei"), decode("Türkiye’s".encode("cp1252")), decode("Iran".encode("utf-16"))
    ('Osei', 'Türkiye’s', 'Iran')

    Raises
    ------
    ValueError
        Where they are none of these; `place` is named.
    """
    for signature, name, way_out in _SIGNATURES:
        if data.startswith(signature):
            raise ValueError(f"{place}: file must be plain text, got {name}; {way_out}")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _readable(_decoded(data, encoding, place), place)
    if b"\0" in data:
        got = f"a null byte at {data.index(0)}"
        raise ValueError(f"{place}: file must be text, got {got}; it is binary, or UTF-16 to be saved as UTF-8")
    try:
        return _readable(data.decode("utf-8"), place)
    except UnicodeDecodeError as error:
        return _readable(_western(data, error, place), place)


def write_lines(lines: Iterable[str], path: str) -> None:
    """Write lines to a file as UTF-8; it is replaced whole once all are written, and stays as it was if that fails."""
    with replaced(path) as (partial,), partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _is_text_file(file: str) -> bool:
    named = Path(file).suffix.lower() in _ENDINGS
    return named and (os.path.isfile(file) or not os.path.exists(file))  # a broken link is told when it is read


def _decoded(data: bytes, encoding: str, place: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        got = f"a broken character at byte {error.start}"
        raise ValueError(f"{place}: file must be {name} as its first bytes say, got {got}; save it as UTF-8") from None


def _western(data: bytes, error: UnicodeDecodeError, place: str) -> str:
    """The text as Windows-1252; damaged UTF-8 and other encodings, which would read as noise, are refused."""
    high = sum(byte > 127 for byte in data)
    intact = sum(len(character.encode()) for character in data.decode("utf-8", "ignore") if character > "\x7f")
    got = f"byte {data[error.start]:#04x} at {error.start}"
    if 2 * intact >= high:
        raise ValueError(f"{place}: file must be whole UTF-8, got {got}; it is cut or mixed, copy or save it again")
    if high > _MOST_FOREIGN * len(data):
        raise ValueError(f"{place}: file must be UTF-8, UTF-16 or Windows-1252, got {got}; save it as UTF-8")
    return _decoded(data, "windows-1252", place)


def _readable(text: str, place: str) -> str:
    controls = sum(character < " " and character not in "\t\n\v\f\r" for character in text)
    if controls > _MOST_CONTROLS * len(text):
        raise ValueError(f"{place}: file must be text, got {controls} control characters; it seems to be binary")
    return text
