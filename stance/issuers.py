"""The opening of a text -> those in whose name it speaks, as far as it says so.

Each rule answers or abstains. Nothing is guessed: a state that a text merely names has not issued it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from stance.document import Holder, Sentence, Tokens
from stance.lexicon import Lexicon, Match, folded
from stance.segmentation import tokenize
from stance.speakers import holder_nouns, leaders, read_rows

_SENTENCES = 10  # that may name those who speak
_MANY = 100  # sentences that may show whose speech it is
_OFTEN = 3  # times that a speech must name its own state, and twice as often as any other
_DATELINE = 9  # words before an agency
_HEAD = 5  # words of a heading that say what it is
_FAR = 14  # words from the start of a sentence
_LONGEST_HEADING = 20
_OF_ONE = frozenset(("speech", "read-out", "interview", "press conference"))  # kinds in which one side speaks
_HYPHEN = re.compile(r"(?<=\w)[-‑–](?=[A-Z])|(?<=\.)[-‑–](?=[A-Z])")
_SIGNATORIES = frozenset(("state", "organisation", "alliance", "body", "territory"))
_LISTING = frozenset(("comma", "conjunction", "determiner", "dash"))
_DASHES = frozenset(("–", "—", "-"))


class _Line(NamedTuple):
    """A sentence: its words, these in lower case, their tags, and the actor that begins at a word."""

    words: list[str]
    keys: list[str]
    tags: list[str]
    names: dict[int, Match]


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


def find_issuers(title: str, sentences: Sequence[Sentence], lexicon: Lexicon, kind: str = "") -> tuple[Holder, ...]:
    """Those in whose name the text speaks; none where it does not say."""
    heading = [tokenize(_HYPHEN.sub(" - ", title))] if title else []  # "U.S.-Iraq" names two
    lines = [_line(tokens, lexicon) for tokens in (*heading, *(s.tokens for s in sentences[:_SENTENCES]))]
    if any(map(_is_dispatch, lines)):
        return ()
    for rules in _ISSUER_RULES:
        lists = [found for rule in rules for line in lines if (found := rule(line))]
        if lists:
            most = max(lists, key=_states)  # "the C5+1" of the title, or all six in the opening
            return tuple({n.entry.id: Holder(n.entry.name, id=n.entry.id) for n in most}.values())
    more = (_line(sentence.tokens, lexicon) for sentence in sentences[: _MANY if kind in _OF_ONE else 0])
    speaker = self_named(more) or host(lines) if kind == "speech" else host(more)
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
    """The list behind "statement was released by the Governments of"; "We welcome the summit between" is no such."""
    if line.keys[:1] == ["we"]:
        return []
    statement = -len(line.keys)  # where the last word for one stands
    about = False  # whether what follows it tells of others: "Joint Statement on the war between"
    heads = len(line.keys) < _LONGEST_HEADING and bool(_words("statement") & set(line.keys[:_HEAD]))
    for position, key in enumerate(line.keys):
        if key in _words("statement"):
            statement, about = position, False
        elif key in _words("subject"):
            about = True
        elif key in ("by", "of", "from", "between"):
            behalf = key == "of" and line.keys[max(position - 2, 0) : position] == ["on", "behalf"]
            near = position - statement <= _HEAD or (key == "between" and line.keys[0] == "joint" and statement >= 0)
            own = not about or behalf or (near and key in ("by", "from"))
            found = _listed(line, position + 1) if own and (near or heads) else []
            place = position == statement + 1 and len(found) == 1 and line.keys[statement] == "declaration"
            if found and not (place and found[0].entry.group == "state"):  # "Declaration of Lima"
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
    found = [] if any(map(_is_ordinal, line.keys[:2])) else _listed(line, 0)  # "The second Peru and Chad war"
    return found if _states(found) else []


def those_defined(line: _Line) -> list[Match]:
    """The list before "hereinafter"."""
    return _listed(line, 0) if "hereinafter" in line.keys else []


def group_in_the_title(line: _Line) -> list[Match]:
    """The group of "Quad Joint Leaders' Statement" and the states of "Peru-Chad Joint Statement"."""
    found = _listed(line, 0) if _words("statement") & set(line.keys) and len(line.keys) < _LONGEST_HEADING else []
    return found if _states(found) or (found and found[0].entry.group in ("alliance", "organisation", "body")) else []


def adopted_by(line: _Line) -> list[Match]:
    """The list behind "Adopted by"."""
    return _listed(line, 2) if line.keys[:2] == ["adopted", "by"] else []


def letterhead(line: _Line) -> list[Match]:
    """Who stands alone in a line: the state of "Government of Peru", "Human Rights Council", the group of "54th G7"."""
    last = next(iter(reversed(line.names.values())), None)
    if last is None or last.last < len(line.keys) or len(line.keys) > _LONGEST_HEADING:
        return []
    before = [key for key in line.keys[: last.first] if key != "the"]
    if last.entry.group in ("body", "alliance", "organisation"):
        return [last] if all(map(_is_ordinal, before)) and (before or last.entry.group == "body") else []
    office = before[:1] and before[0] in _words("letterhead") and before[-1] == "of"
    ours = office and all(key in _words("department") or key in ("of", "and", ",") for key in before[1:])
    seat = " ".join(key for key in line.keys if key != "the") in _words("seat")
    return [last] if last.entry.group == "state" and (ours or seat) else []


def host(lines: Iterable[_Line]) -> str | None:
    """The id of whom the leader speaks for who opens a text, first takes a turn in it, or gives it by its title."""
    for line in lines:
        for position, key in enumerate(line.keys[:_FAR]):
            known = leaders().get(key) or leaders().get(" ".join(line.keys[position : position + 2]))
            titled = "by" in line.keys[max(position - 4, 0) : position] and _words("statement") & set(line.keys[:_HEAD])
            heads = position == 0 or ":" in line.keys[position : position + 3] or titled
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


_ISSUER_RULES: tuple[tuple[Callable[[_Line], list[Match]], ...], ...] = (
    (sponsors_of_a_draft,),
    (body_that_resolves,),
    (body_that_has_a_president,),
    (opening_formula, first_person, those_defined),
    (group_in_the_title,),
    (several_subjects,),
    (letterhead, adopted_by),
)  # of those in one row the longest list counts


def _line(tokens: Tokens, lexicon: Lexicon) -> _Line:
    words = tokens.words
    keys = list(map(folded, words))
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
            if found and found[-1].last == position:  # no list, but a dateline behind a heading
                break
            if not (office and line.keys[name.last : name.last + 1] == ["of"]):  # "Secretary of State" of some state
                found.append(name)
            position = name.last
        elif key == "(" and ")" in line.keys[position : position + 4]:
            position = line.keys.index(")", position) + 1
        elif (
            line.tags[position] in _LISTING
            or key in _words("office") | _DASHES
            or _named(line, position, office)
            or (_is_ordinal(key) and not found and line.tags[position + 1 : position + 2] != ["comma"])  # "43rd ASEAN"
            or (key in _words("meeting") and not found)  # "of the 4th Session of the Council of"
        ):
            position += 1
        else:
            break
    return found


def _is_ordinal(key: str) -> bool:
    return key[0].isdigit() or key.rpartition("-")[2] in _words("ordinal")


def _named(line: _Line, position: int, office: bool) -> bool:
    """Whether a word behind an office is of a person's name: "Prime Minister Anthony Albanese of Australia"."""
    return office and (
        line.words[position][0].isupper() or line.keys[position] in (".", "bin", "al", "de", "von", "der")
    )


def _is_dispatch(line: _Line) -> bool:
    """Whether a line begins as "BAGHDAD (AP)": a reporter speaks, not those in the headline."""
    head = line.keys[: line.keys.index("(") + 2] if "(" in line.keys[:_DATELINE] else []
    return bool(head) and head[-1] in _words("agency") and line.words[0].isupper()


@cache
def _words(role: str) -> frozenset[str]:
    """The words of a role in the table: for texts that are issued, offices before a country, agencies ..."""
    return frozenset(word for row in read_rows("issuer-words.tsv") if row[0] == role for word in row[1].split("|"))
