"""Text -> Facts: title, date, issuers and kind of a document, where the text shows them.

Each rule answers or abstains, and the first answer counts. Nothing is guessed: a date that a text merely recalls is not
its own, and a state that it merely names has not issued it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from stance.document import Document, Facts, Holder, Sentence, Token
from stance.lexicon import Lexicon, Match
from stance.segmentation import tokenize
from stance.speakers import holder_nouns, leaders

_HEAD = 2500  # characters in which a text says of itself what it is
_OPENING = 600  # and in which its kind shows
_TAIL = 4000  # and in which it says when
_SENTENCES = 8  # that may name those who speak
_LONGEST_TITLE = 250
_MANY = 100  # sentences that may show whose speech it is
_OFTEN = 3  # times that a speech must name its own state, and twice as often as any other
_FAR = 14  # words from the start of a sentence
_LONGEST_HEADING = 20
_NEWS = "news report"  # it has an author, but speaks in nobody's name
_OF_ONE = frozenset(("speech", "read-out", "interview", "press conference"))  # kinds in which one side speaks
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(.*?\r?\n)---[ \t]*(?:\r?\n|$)", re.DOTALL)
_TITLE_FIELD = re.compile(r"^title:[ \t]*(.+(?:\n[ \t]+.+)*)", re.MULTILINE)
_DATE_FIELD = re.compile(r"^date:[ \t]*['\"]?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\s*\n\s*|(.))")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAYS = r"(?:\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|—|to|and)\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_DATES = (
    re.compile(rf"(?<![\w/]){_DAYS}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+{_DAYS},?\s+{_YEAR}", re.IGNORECASE),
    _ISO,
)
_DATE_LINE = re.compile(r"\s*(?:date:?|published:?|updated:?|[\w .’'-]{2,40},)?\s*", re.IGNORECASE)
_MEETING_LINE = re.compile(r"^[ \t\[]*\d+(?:st|nd|rd|th)\s+(?:plenary\s+)?meeting\s+(.{8,30})$", re.MULTILINE)
_CONVENED = re.compile(
    r"\b(?:held|met|meeting|adopted|issued|made|released|signed|done|convened|convene|gathered|summit)\b"
    r"[^.;]{0,60}?\b(?:on|in|,)?\s*$",
    re.IGNORECASE,
)
_HYPHEN = re.compile(r"(?<=\w)[-‑–](?=[A-Z])|(?<=\.)[-‑–](?=[A-Z])")
_RECALLS = re.compile(r"[\W\d]*(?:recall|reaffirm|welcom|not|taking|guided|bearing|pursuant|having)", re.IGNORECASE)
_SIGNATORIES = frozenset(("state", "organisation", "alliance", "body", "territory"))
_LISTING = frozenset(("comma", "conjunction", "determiner", "dash"))
_DASHES = frozenset(("–", "—", "-"))


class _Line(NamedTuple):
    """A sentence: its words, these in lower case, their tags, and the actor that begins at a word."""

    words: list[str]
    keys: list[str]
    tags: list[str]
    names: dict[int, Match]


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
        Where a date given as text is not ISO 8601, or the issuers are one string.
    """
    if isinstance(issuers, str):
        raise ValueError(f"issuers must be a list of names or ids, got {issuers!r}; give [{issuers!r}]")
    return Facts(
        found.title if title is None else title,
        found.date if date is None else _day(date),
        found.issuers if issuers is None else tuple(find_actor(issuer, lexicon) for issuer in issuers),
        found.kind,
    )


def find_actor(name: str, lexicon: Lexicon) -> Holder:
    """The actor of an id or a name; without an id where the lexicon knows neither.

    >>> from stance.lexicon import load_lexicon
    >>> find_actor("French Republic", load_lexicon()).id
    'FRA'
    """
    entry = lexicon.actors.get(name)
    if entry is None:
        line = _line(tokenize(name), lexicon)
        whole = (n.entry for n in line.names.values() if n.first <= 1 and n.last == len(line.keys))
        entry = next(whole, None)
    return Holder(entry.name, id=entry.id) if entry else Holder(name)


def find_title(text: str) -> str:
    r"""The title of front matter, else a first line that stands alone like one; "" where there is none.

    >>> find_title("Joint Statement on Libya\n\nWe met in Rome.")
    'Joint Statement on Libya'
    """
    front = _FRONT_MATTER.match(text)
    if front:
        field = _TITLE_FIELD.search(front[1])
        return " ".join(_unquoted(field[1]).split()) if field else ""
    line, _, rest = text.lstrip()[: 2 * _LONGEST_TITLE].partition("\n")
    line = line.strip().removeprefix("#").strip("# ")
    stands_alone = not rest or rest.lstrip(" \t\r").startswith("\n")
    if stands_alone and 1 < len(line) <= _LONGEST_TITLE and line[-1] not in ".,;:!…" and line.count(" ") > 0:
        return "" if _dated_line(line) else line
    return ""


def find_date(text: str) -> datetime.date | None:
    """The day that the text gives as its own, the last of several; None where it gives none.

    >>> find_date("At its 8756th meeting, held on 10 September 2020, the Council spoke.")
    datetime.date(2020, 9, 10)
    """
    return next((found for rule in _DATE_RULES if (found := rule(text)) is not None), None)


def find_kind(title: str, text: str) -> str:
    """The kind of document by the phrases of `data/document-kinds.tsv`, those of the title first; "" if unknown."""
    front = _FRONT_MATTER.match(text)
    body = text[front.end() if front else 0 :][:_OPENING]
    for place in (title, body):
        lines = ["^" + " ".join(line.split()) for line in place.lower().replace("’", "'").splitlines()]
        flat = " ".join(line.removeprefix("^") for line in lines)
        for kind, phrases in _kinds():
            if any(phrase in flat or any(line.startswith(phrase) for line in lines) for phrase in phrases):
                return kind
    return ""


def find_issuers(title: str, sentences: Sequence[Sentence], lexicon: Lexicon, kind: str = "") -> tuple[Holder, ...]:
    """Those in whose name the text speaks; none where it does not say."""
    heading = _line(tokenize(_HYPHEN.sub(" - ", title)), lexicon)  # "U.S.-Iraq" names two
    opening = [_line(sentence.tokens, lexicon) for sentence in sentences[:_SENTENCES]]
    for rules in _ISSUER_RULES:
        lists = [found for rule in rules for line in (heading, *opening) if (found := rule(line))]
        if lists:
            most = max(lists, key=_states)  # "the C5+1" of the title, or all six in the opening
            return tuple({n.entry.id: Holder(n.entry.name, id=n.entry.id) for n in most}.values())
    lines = [_line(sentence.tokens, lexicon) for sentence in sentences[:_MANY]] if kind in _OF_ONE else []
    speaker = self_named(lines) if kind == "speech" else host(lines)
    return (Holder(lexicon.actors[speaker].name, id=speaker),) if speaker else ()


def _states(found: list[Match]) -> int:
    """How many states are listed; one alone, beside a group or not, tells no more than a group does."""
    states = {n.entry.id for n in found if n.entry.group == "state"}
    return len(states) if len(states) > 1 else 0


def sponsors_of_a_draft(line: _Line) -> list[Match]:
    """The states before ": draft resolution"."""
    return _listed(line, 0) if line.keys[-2:] == ["draft", "resolution"] else []


def body_that_resolves(line: _Line) -> list[Match]:
    """The Council of "The Security Council, Recalling ..."."""
    name = line.names.get(1)
    alone = name is not None and line.keys[0] == "the" and line.keys[name.last :] in ([","], [])
    return [name] if name and alone and name.entry.group == "body" else []


def body_that_has_a_president(line: _Line) -> list[Match]:
    """The Council of "Statement by the President of the Security Council"."""
    return [
        name
        for first, name in line.names.items()
        if name.entry.group == "body"
        and line.keys[max(first - 3, 0) : first] == ["president", "of", "the"]
        and _words("statement") & set(line.keys)
    ][:1]


def opening_formula(line: _Line) -> list[Match]:
    """The list behind "statement was released by the Governments of"."""
    for position, key in enumerate(line.keys):
        if key in ("by", "of", "from", "between") and _words("statement") & set(
            line.keys[max(position - 5, 0) : position]
        ):
            found = _listed(line, position + 1)
            if found:
                return found
    return []


def first_person(line: _Line) -> list[Match]:
    """The list behind "We, the leaders of" and "As leaders of ... we"."""
    for position, key in enumerate(line.keys[:-1]):
        if (key == "we" and line.keys[position + 1] in _DASHES | {","}) or (key == "as" and position == 0):
            return _listed(line, position + 1)
    return []


def several_subjects(line: _Line) -> list[Match]:
    """A list at the very start of a sentence: "France, Germany and Italy take note"."""
    found = _listed(line, 0)
    return found if _states(found) else []


def those_defined(line: _Line) -> list[Match]:
    """The list before "hereinafter"."""
    return _listed(line, 0) if "hereinafter" in line.keys else []


def group_in_the_title(line: _Line) -> list[Match]:
    """The group of "Quad Joint Leaders' Statement" and the states of "Peru-Chad Joint Statement"."""
    found = _listed(line, 0) if _words("statement") & set(line.keys) and len(line.keys) < _LONGEST_HEADING else []
    return found if _states(found) or (found and found[0].entry.group in ("alliance", "organisation")) else []


def host(lines: Sequence[_Line]) -> str | None:
    """The id of whom the leader who opens a read-out, or first takes a turn in it, speaks for."""
    for line in lines:
        for position, key in enumerate(line.keys[:_FAR]):
            known = leaders().get(key) or leaders().get(" ".join(line.keys[position : position + 2]))
            heads = position == 0 or ":" in line.keys[position : position + 3]
            if known and heads and line.words[position][0].isupper():
                return known
    return None


def self_named(lines: Iterable[_Line]) -> str | None:
    """The id of the state in whose name a speech says "on behalf of" or "my country", or that it tells of as itself."""
    told: Counter[str] = Counter()
    for line in lines:
        for position, name in line.names.items():
            if name.entry.group != "state":
                continue
            before = [key for key in line.keys[max(position - 4, 0) : position] if key not in ("the", ",")]
            behind = line.keys[name.last : name.last + 1]
            ours = before[-1:] == ["our"] and not {*behind} & {*holder_nouns(), "friends", "brothers", "colleagues"}
            if ours or before[-3:] == ["on", "behalf", "of"] or before[-2:] == ["my", "country"]:
                return name.entry.id
            if behind == ["delegation"] and "the" in before:
                return name.entry.id
            told[name.entry.id] += behind == ["government"] or (position < 2 and behind != ["'s"])
    (first, most), (_, second) = (*told.most_common(2), ("", 0), ("", 0))[:2]
    return first if most >= _OFTEN and most > 2 * second else None


def _front_matter_date(text: str) -> datetime.date | None:
    front = _FRONT_MATTER.match(text)
    field = _DATE_FIELD.search(front[1]) if front else None
    return _checked(field[1]) if field else None


def _line_of_its_own(text: str) -> datetime.date | None:
    for line in text[:_HEAD].splitlines():
        found = _dated_line(line)
        if found:
            return found
    return None


def _dated_line(line: str) -> datetime.date | None:
    """The date of a line that holds nothing else, save a place or "date" before it."""
    for found, start, end in _dates(line[:200]):
        labelled = line.lower().lstrip().startswith("date")
        if _DATE_LINE.fullmatch(line[:start]) and (labelled or not line[end:].strip(" .)]")):
            return found
    return None


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
            if _CONVENED.search(before) or re.fullmatch(r"\W*On\s+", part[:start]):
                return found
    return None


_DATE_RULES: tuple[Callable[[str], datetime.date | None], ...] = (
    _front_matter_date,
    _line_of_its_own,
    _meeting_line,
    _convened,
)
_ISSUER_RULES: tuple[tuple[Callable[[_Line], list[Match]], ...], ...] = (
    (sponsors_of_a_draft,),
    (body_that_resolves,),
    (body_that_has_a_president,),
    (opening_formula, first_person, those_defined),
    (group_in_the_title,),
    (several_subjects,),
)  # of those in one row the longest list counts


def _dates(text: str) -> Iterator[tuple[datetime.date, int, int]]:
    """Every date in a text with its span, in order."""
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


def _day(given: datetime.date | str) -> datetime.date:
    if not isinstance(given, str):
        return given
    day = _checked(given)
    if day is None:
        raise ValueError(f"date must be written YYYY-MM-DD, got {given!r}; give '2024-05-17' or a datetime.date")
    return day


def _unquoted(value: str) -> str:
    """A YAML scalar without its quotes and escapes."""
    value = value.strip()
    if value[:1] == '"':
        return _ESCAPE.sub(_escaped, value.strip('"'))
    return value.strip("'").replace("''", "'")


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else {"_": " ", "n": " ", "t": " "}.get(match[3] or "", match[3] or "")


def _line(tokens: Sequence[Token], lexicon: Lexicon) -> _Line:
    words = [token.text for token in tokens]
    keys = [word.lower().replace("’", "'") for word in words]
    names: dict[int, Match] = {}
    end = 0
    for match in lexicon.find(words, keys):
        if match.entry.table == "actors" and match.first >= end:
            names[match.first], end = match, match.last
    return _Line(words, keys, [lexicon.function_words.get(key, "") for key in keys], names)


def _listed(line: _Line, first: int) -> list[Match]:
    """The signatories that stand in a list from a word on, up to the first word that belongs to no list."""
    found: list[Match] = []
    position, office = first, False
    while position < len(line.keys):
        key, name = line.keys[position], line.names.get(position)
        office = (office or key in _words("office")) and key != ","
        if name is not None and name.entry.group in _SIGNATORIES:
            if not (office and line.keys[name.last : name.last + 1] == ["of"]):  # "Secretary of State" of some state
                found.append(name)
            position = name.last
        elif key == "(" and ")" in line.keys[position : position + 4]:
            position = line.keys.index(")", position) + 1
        elif line.tags[position] in _LISTING or key in _words("office") | _DASHES or _named(line, position, office):
            position += 1
        else:
            break
    return found


def _named(line: _Line, position: int, office: bool) -> bool:
    """Whether a word behind an office is of a person's name: "Prime Minister Anthony Albanese of Australia"."""
    return office and (
        line.words[position][0].isupper() or line.keys[position] in (".", "bin", "al", "de", "von", "der")
    )


@cache
def _kinds() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each kind of document with the phrases that tell it, in the order of the table."""
    rows = _rows("document-kinds.tsv")
    return tuple((kind, tuple(phrases.replace("’", "'").split("|"))) for kind, phrases, _ in rows)


@cache
def _words(role: str) -> frozenset[str]:
    """The words for texts that are issued, or for offices that stand before a country."""
    return frozenset(word for row in _rows("issuer-words.tsv") if row[0] == role for word in row[1].split("|"))


def _rows(name: str) -> Iterator[list[str]]:
    lines = resources.files("stance").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:])
