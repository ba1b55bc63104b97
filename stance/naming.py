"""A span of a sentence -> the target there: what kind it is, and the id that the tables give it."""

from __future__ import annotations

import re
from functools import cache

from stance.cues import RESOLUTION, TITLE, Reading
from stance.document import Target, TargetKind
from stance.lexicon import Entry, Lexicon, Match
from stance.speakers import people, read_rows

_PATTERNS = frozenset(("name", "leader"))  # groups of names that no table holds: they have no id
_NOT_NAMING = frozenset((*_PATTERNS, "people", "state", "territory", "region"))  # "Russian alliance" is not RUS
_GENERIC = frozenset(("relation", "body"))  # senses of a noun that only says what sort of thing is named
_TEXT, _OF_TEXTS = "document", frozenset(("treaty", "initiative", "alliance"))  # "FATF recommendations" are not FATF
_OF_STATES, _OF_ORGANISATIONS = frozenset(("state", "territory")), frozenset(("organisation", "alliance", "body"))
_NUMBERED = re.compile(r"(?:(?:un |united nations )?security council )?resolution \d{3,4}(?: \( \d{4} \))?")
_RESOLUTION = re.compile(r"\bresolution (\d{3,4})(?! ?[/\d])")
_SMALL = frozenset(("of", "the", "for", "and", "on", "in", "to"))  # words within the name of a body
_IN_TITLES = _SMALL | {".", "former", "then", "acting"}
_LONGEST_NAME = 5  # words
_MOST_BETWEEN = 2  # words between a state and the noun of what acts for it: "Russian occupation authorities"


@cache
def _actor_nouns() -> dict[str, str]:
    """The nouns of those who act for a state or an organisation, and for which of the two."""
    return {noun: of for noun, of, _ in read_rows("actor-nouns.tsv")}


def make_target(reading: Reading, first: int, last: int, lexicon: Lexicon, text: str) -> Target:
    """The target at the tokens `first:last`; `text` is the text that the tokens' offsets index."""
    entry = _entry(reading, first, last, lexicon)
    start, end = reading.tokens.span(first, last)
    person = _person(reading, first, last) if entry is None or entry.group in _PATTERNS else None
    if person is not None:
        return Target(start, end, text[start:end], TargetKind.ACTOR, person)
    if entry is None:
        return Target(start, end, text[start:end], TargetKind.OBJECT)
    kind = TargetKind.ISSUE if entry.table == "issues" else TargetKind.ACTOR
    return Target(start, end, text[start:end], kind, _identity(entry, reading.keys[first:last]))


def _identity(entry: Entry, keys: list[str]) -> str | None:
    """The id of an entry; resolutions of the Security Council have that of their number."""
    if entry is RESOLUTION:
        number = _number(keys)
        return f"res-{number}" if number else None
    return None if entry.group in _PATTERNS else entry.id


def _person(reading: Reading, first: int, last: int) -> str | None:
    """The id of the leader whom a name means, with any title before it: "US President Joseph Biden"."""
    if not all(word[0].isupper() or word in _IN_TITLES for word in reading.tokens.words[first:last]):
        return None  # as of most targets
    keys, known = reading.keys[first:last], people()
    for size in range(min(len(keys), _LONGEST_NAME), 0, -1):
        person = known.get(" ".join(keys[-size:]))
        if person is not None:
            before = keys[:-size]
            apart = "and" in before or (before and before[-1] in _SMALL)  # "Mr. Lammy and Biden"
            return person if not apart and (not before or any(map(TITLE.fullmatch, before))) else None
    return None


def _number(keys: list[str]) -> str | None:
    """The number of the one resolution of the Security Council that is named, such as "resolution 2374 (2017)"."""
    numbers = _RESOLUTION.findall(" ".join(keys))
    return numbers[0] if len(numbers) == 1 else None


def _entry(reading: Reading, first: int, last: int, lexicon: Lexicon) -> Entry | None:
    """What a span names: a name of the sentence, what such a name acts for, a name inside another, or nothing known."""
    entry = reading.name_spans.get((first, last))
    if entry is not None and entry.group != "name":
        return entry
    return (
        _by_bracket(reading, first, last)
        or _acting_for(reading, first, last, lexicon)
        or _within_a_name(reading, first, last, lexicon)
        or entry
        or _named_by(reading, first, last)
        or (RESOLUTION if _NUMBERED.fullmatch(" ".join(reading.keys[first:last])) else None)
    )


def _within_a_name(reading: Reading, begin: int, end: int, lexicon: Lexicon) -> Entry | None:
    """What a part of a longer name names by itself: the "Afghanistan" of "people of Afghanistan"."""
    if not any(name.first <= begin and end <= name.last for name in reading.names):
        return None
    names = _names_in(reading, begin, end, lexicon)
    return next((entry for first, last, entry in names if (first, last) == (0, end - begin)), None)


def _names_in(reading: Reading, first: int, last: int, lexicon: Lexicon) -> list[Match]:
    """The names in a stretch of words that is looked at by itself."""
    found = lexicon.find(reading.tokens.words[first:last], reading.keys[first:last])
    return [match for match in found if match.entry.is_name]


def _acting_for(reading: Reading, begin: int, end: int, lexicon: Lexicon) -> Entry | None:
    """For whom it acts: "Government of Japan", "Kiev authorities", "EU member states"."""
    nouns, keys = _actor_nouns(), reading.keys[begin:end]
    if nouns.keys().isdisjoint(keys):
        return None
    for first, last, entry in _names_in(reading, begin, end, lexicon):
        if last == len(keys) and entry.group in _OF_STATES:
            before = [key for key in keys[:first] if key not in ("of", "the")]
            if "of" in keys[:first] and len(before) <= _MOST_BETWEEN and before and nouns.get(before[-1]) == "state":
                return entry
        rest = keys[last:]
        if first or not 0 < len(rest) <= _MOST_BETWEEN:
            continue
        of = nouns.get(rest[-1])
        if (of == "state" and entry.group in _OF_STATES) or (of == "organisation" and entry.group in _OF_ORGANISATIONS):
            return entry
    return None


def _by_bracket(reading: Reading, first: int, last: int) -> Entry | None:
    """The name before or in the brackets that end a span: "Democratic People's Republic of Korea (DPRK)"."""
    keys = reading.keys
    if keys[last - 1] != ")" or "(" not in keys[first + 1 : last - 2]:
        return None
    bracket = last - 1 - keys[first:last][::-1].index("(")
    known = reading.name_spans.get((first, bracket))
    if known is not None and known.group not in _PATTERNS:
        return known
    words = reading.tokens.words[first:bracket]
    if not all(word[0].isupper() or word in _SMALL for word in words):
        return None
    return reading.name_spans.get((bracket + 1, last - 1), known)


def _named_by(reading: Reading, first: int, last: int) -> Entry | None:
    """The name that a phrase is about: "AUKUS alliance", "the trilateral security partnership (AUKUS)"."""
    for name in reading.names:
        inside = first <= name.first < name.last <= last
        if not inside or name.entry.table != "actors" or name.entry.group in _NOT_NAMING:
            continue
        if reading.keys[last - 1] == ")":
            bracketed = name.last == last - 1 and reading.keys[name.first - 1] == "("
            noun = _head(reading, first, name.first - 1)
        else:
            bracketed = name.first == first and name.last == last - 1
            noun = last - 1
        sense = reading.senses[noun]
        if bracketed and (sense in _GENERIC or (sense == _TEXT and name.entry.group in _OF_TEXTS)):
            return name.entry
    return None


def _head(reading: Reading, first: int, last: int) -> int:
    """The noun that says what a phrase is: the one before its first preposition, else the last."""
    return next((n for n in range(first + 1, last) if reading.tags[n] == "preposition"), last) - 1
