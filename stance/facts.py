"""Document -> Facts: title, date, issuers and kind, where the text shows them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from stance.dating import dated_line, find_date, parse_day
from stance.document import Document, Facts, Holder
from stance.issuers import find_actor, find_issuers
from stance.lexicon import Lexicon
from stance.segmentation import FRONT_MATTER
from stance.speakers import read_rows

_OPENING = 600  # characters in which its kind shows
_LONGEST_TITLE = 250
_MOST_BELOW = 2  # lines between a title and an empty line: meeting or place, and date
_NEWS = "news report"  # it has an author, but speaks in nobody's name
_TITLE_FIELD = re.compile(r"^title:[ \t]*(.+(?:\n[ \t]+.+)*)", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\s*\n\s*|(.))")


def find_facts(document: Document, lexicon: Lexicon) -> Facts:
    """The facts of a document, with the names that the lexicon knows."""
    title = find_title(document.text)
    kind = find_kind(title, document.text)
    issuers = () if kind == _NEWS else find_issuers(title, document.sentences, lexicon, kind)
    return Facts(title, find_date(document.text), issuers, kind)


def given_facts(
    found: Facts,
    lexicon: Lexicon,
    title: str | None = None,
    date: datetime.date | str | None = None,
    issuers: Sequence[str] | None = None,
) -> Facts:
    """The facts found, with those that are given in their place.

    Raises
    ------
    ValueError
        Where a date given as text is not ISO 8601, or the issuers are no list of texts.
    """
    if isinstance(issuers, str):
        raise ValueError(f"issuers must be a list of names or ids, got {issuers!r}; give [{issuers!r}]")
    given = None if issuers is None else [*issuers]
    wrong = [issuer for issuer in given or () if not isinstance(issuer, str)]
    if wrong:
        raise ValueError(f"issuers must be names or ids, got {wrong[0]!r}; give each as a str")
    ours = chain.from_iterable(_actors(issuer, lexicon) for issuer in given or ())
    return Facts(
        found.title if title is None else title,
        found.date if date is None else parse_day(date),
        found.issuers if given is None else tuple(dict.fromkeys(ours)),
        found.kind,
    )


def _actors(name: str, lexicon: Lexicon) -> list[Holder]:
    """The actor of a name, or those of "France, Germany and Italy" where all are known."""
    actor = find_actor(name, lexicon)
    for mark in (",", " and "):  # "Peru, Trinidad and Tobago"
        if actor.id is None and mark in name:
            parts = [*chain.from_iterable(_actors(part.strip(), lexicon) for part in name.split(mark) if part.strip())]
            return parts if all(part.id for part in parts) else [actor]
    return [actor]


def find_title(text: str) -> str:
    r"""The title of front matter, else a first line that stands alone like one; "" where there is none.

    >>> find_title("Joint Statement on Libya\n\nWe met in Rome.")
    'Joint Statement on Libya'
    """
    front = FRONT_MATTER.match(text)
    if front:
        field = _TITLE_FIELD.search(front[1])
        return " ".join(_unquoted(field[1]).split()) if field else ""
    line, _, rest = text.lstrip()[: 2 * _LONGEST_TITLE].partition("\n")
    line = line.strip().removeprefix("#").strip("# ")
    below = re.split(r"\n\s*\n", f"\n{rest}", maxsplit=1)[0].split("\n")[1:]  # up to the first empty line
    dated = len(below) <= _MOST_BELOW and any(map(dated_line, below))
    stands_alone = dated or not "".join(below).strip()
    if stands_alone and 1 < len(line) <= _LONGEST_TITLE and line[-1] not in ".,;:!…" and line.count(" ") > 0:
        return "" if dated_line(line) else line
    return ""


def find_kind(title: str, text: str) -> str:
    """The kind of document by the phrases of `data/document-kinds.tsv`, those of the title first; "" if unknown."""
    front = FRONT_MATTER.match(text)
    body = text[front.end() if front else 0 :][:_OPENING]
    for place in filter(None, (title, body)):
        lines = [" ".join(line.split()) for line in place.lower().replace("’", "'").splitlines()]
        told = "\n".join((" ".join(lines), *(f"^{line}" for line in lines)))
        for kind, phrases in _kinds():
            if any(map(told.__contains__, phrases)):
                return kind
    return ""


def _unquoted(value: str) -> str:
    """A YAML scalar without its quotes and escapes."""
    value = value.strip()
    if value[:1] == '"':
        told = _ESCAPE.sub(_escaped, value.removeprefix('"').removesuffix('"'))
        return told.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs of \\u become one sign
    return value.removeprefix("'").removesuffix("'").replace("''", "'")


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else {"_": " ", "n": " ", "t": " "}.get(match[3] or "", match[3] or "")


@cache
def _kinds() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each kind of document with the phrases that tell it, in the order of the table."""
    rows = read_rows("document-kinds.tsv")
    return tuple((kind, tuple(phrases.replace("’", "'").split("|"))) for kind, phrases, _ in rows)
