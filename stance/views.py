"""Reading -> views: which stretch of a sentence tells whose view.

A view begins behind the verb that tells it and holds until the next one begins, so that the last to begin before a
target is the one that counts: "Peru says [that Chad rejects [the plan]]". Whom the words mean is for `holders` to say.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from stance.cues import Reading, positions
from stance.document import Stance
from stance.lexicon import Match
from stance.speakers import deeds, holder_nouns, hopes, reporting_verbs

_PASSED = frozenset(("adverb", "auxiliary", "negation"))
_NOMINAL = frozenset(
    ("name", "proper", "capital", "adjective", "noun", "word", "number", "possessor", "determiner", "possessive", "ing")
)
_BETWEEN_PARTS = frozenset(("adjective", "noun", "word", "number", "possessor", "proper", "capital", "name"))
_LED = frozenset(
    ("determiner", "possessive", "adverb", "adjective", "number")
)  # may stand before those who hold a view
_NO_SUBJECT = frozenset(("determiner", "possessive", "possessor", "preposition"))  # behind them a verb modifies a noun
_VERBS = frozenset(("verb", "ed"))
_CLAUSE_ENDS = frozenset(("comma", "conjunction", "subordinator", "semicolon"))
_PRONOUNS = frozenset(("we", "i", "he", "she", "it", "they"))
_WHEN = frozenset(("after", "as", "before", "since", "until"))  # prepositions that may open a clause
_RELATIVES = frozenset(("who", "which", "that"))
_WISHED = frozenset(
    ("must", "should", "may", "might", "can", "could", "shall", "cannot", "ought")
)  # by us, not by them
_BE = frozenset(("am", "are", "be", "been", "being", "is", "was", "were"))
_SEEING = frozenset(("see", "sees", "saw", "seeing", "want", "wants", "wanted", "wanting"))  # somebody defeated
_NEVER = frozenset(("treaty", "initiative"))  # a treaty holds no view
_SOME = frozenset(("most", "some", "several", "many", "other", "certain", "few", "one", "another"))
_COUNTS = frozenset(("two", "three", "four", "five", "six", "seven"))
_SOURCES = frozenset(("according", "view", "opinion", "words", "eyes"))  # "to" or "of" somebody
_FAR = 24  # words between a verb and those who hold the view
_NEAR = 4  # words from a report to the name behind it
_TAIL = 12  # words behind a report that follows what it reports


class Party(NamedTuple):
    """Those who may hold a view: the tokens `first:last`; `noun` heads them ("" for names alone), `names` are actors.

    `partial` tells whether they are but some of a group ("most members"), `item` is the last of a list ("Chad" of
    "Peru and Chad").
    """

    first: int
    last: int
    noun: str
    names: tuple[Match, ...]
    partial: bool = False
    item: Party | None = None


class View(NamedTuple):
    """The tokens `first:last` tell the view of `party`, or of whoever speaks in the sentence if None.

    `noun` is the token of the noun that tells it ("Chad's [opposition] to"), or -1: such a view is that of its own
    object alone.
    """

    first: int
    last: int
    party: Party | None
    noun: int = -1


def find_views(
    reading: Reading, quotes: Sequence[tuple[int, int]] = (), people: Container[str] = frozenset()
) -> list[View]:
    """The views of a sentence in the order in which they begin.

    `quotes` are the tokens within quotation marks, `people` the names that one may have at the head of a sentence.
    """
    parties = {party.last: party for party in find_parties(reading, people)} if reading.keys else {}
    if not parties:
        return []
    found: list[View] = []
    for first, last, tells, reports in _verbs(reading):
        view = _told(reading, parties, first, last)
        if view is None or view.party is None or (_is_ours(view.party) and _within(first, quotes)):
            continue
        if _opens_clause(reading, view.party):
            found.append(View(view.party.first, view.last, None))
        if tells:
            found.append(view)
        if reports and _follows_its_report(reading, view.party.first, last):
            found.append(View(*_reported(view.party.first, quotes), view.party))
    found += _inverted(reading, parties, quotes)
    found += _sources(reading, parties)
    found += _possessed(reading, parties)
    told = next((view for view in found if view.party), None)
    if told and told.party and _opens_with_participle(reading, told.party.first):
        found.append(told._replace(first=0, last=told.party.first))
    return sorted(found, key=lambda view: view.first)


def find_parties(reading: Reading, people: Container[str] = frozenset()) -> list[Party]:
    """The names, nouns and pronouns of those who may hold a view, joined where they form one party."""
    parties: list[Party] = []
    for party in _atoms(reading, people):
        while parties and (joined := _joined(reading, parties[-1], party)):
            parties.pop()
            party = joined
        parties.append(party)
    return parties


def _atoms(reading: Reading, people: Container[str]) -> list[Party]:
    """Each name and each noun or pronoun for people, in order."""
    nouns, keys = holder_nouns(), reading.keys
    names = [name for name in reading.names if name.entry.table == "actors"]
    taken = {i for name in names for i in range(name.first, name.last)}
    taken.update(cue.first for cue in reading.cues if cue.entry.stance != "neutral")
    found = [
        Party(n.first, n.last, keys[n.last - 1] if keys[n.last - 1] in nouns else "", (n,), _is_some(keys, n.first))
        for n in names
        if n.entry.group not in _NEVER
    ]
    for i in positions(keys, _heads()):
        if i not in taken:
            partial = _is_some(keys, i)
            counted = partial or (i > 0 and keys[i - 1] in _COUNTS)
            found.append(Party(i - counted, i + 1, keys[i], (), partial))
    if keys[0] in people and reading.tags[0] == "capital" and 0 not in taken:
        found.append(Party(0, 1, "", ()))
    return sorted(found, key=lambda party: party.first)


@cache
def _heads() -> frozenset[str]:
    """The words that stand for a party by themselves."""
    return _PRONOUNS.union(holder_nouns())


def _is_some(keys: list[str], first: int) -> bool:
    return first > 0 and keys[first - 1] in _SOME


def _joined(reading: Reading, left: Party, right: Party) -> Party | None:
    """The two as one: "[Russian] [side]", "[leaders] of [Chad]", "[Chad], [Peru] and [Cuba]"; None if they are two."""
    between = reading.keys[left.last : right.first]
    tags = reading.tags[left.last : right.first]
    if _PRONOUNS & {left.noun, right.noun} or len(between) > 4:
        return None
    if between == ["("] and reading.keys[right.last : right.last + 1] == [")"] and right.names:
        return left._replace(last=right.last + 1)  # "Republic of Korea (ROK)"
    both = Party(left.first, right.last, left.noun or right.noun, left.names + right.names, left.partial)
    plain = [key for key, tag in zip(between, tags, strict=True) if tag != "determiner"]
    alike = bool(left.names) == bool(right.names)  # not "In their statement, Peru and Chad"
    if left.noun and plain in (["of"], ["from"]):
        return both
    if plain == ["and"] or plain == [",", "and"] or (plain == [","] and alike and _goes_on(reading, right)):
        noun = right.noun if right.noun == left.noun or not left.names else left.noun or right.noun
        return both._replace(noun=noun, item=right.item or right)
    if all(tag in _BETWEEN_PARTS or key == "." for key, tag in zip(between, tags, strict=True)):
        if right.noun or left.noun:
            return both._replace(noun=right.noun or left.noun)
        return right._replace(first=left.first) if "possessor" not in tags else None
    return None


def _goes_on(reading: Reading, party: Party) -> bool:
    """Whether a comma or "and" and another item follow: the last comma of "With Chad, Peru" joins nothing."""
    return reading.keys[party.last : party.last + 1] in (["and"], [","])


def _verbs(reading: Reading) -> Iterator[tuple[int, int, bool, bool]]:
    """The tokens of each verb, whether it tells a view (or only a deed), and whether it reports one."""
    reporting = reporting_verbs()
    covered = 0
    cues = {cue.first: cue for cue in reading.cues if cue.entry.group == "verb"}
    keys, tags = reading.keys, reading.tags
    for position in sorted({*positions(tags, _VERBS), *positions(keys, reporting), *cues}):
        key, cue = keys[position], cues.get(position)
        if cue is not None:
            covered = cue.last
            done = (key in deeds() or _harms(cue)) and keys[cue.last : cue.last + 1] != ["to"]
            yield position, cue.last, not done, key in reporting
        elif position >= covered:
            yield position, position + 1, key in reporting, key in reporting


def _harms(cue: Match) -> bool:
    """Whether a verb tells that something good is harmed: who "threatens peace" is not the one to find it good."""
    return cue.entry.table == "reversers" and cue.entry.stance is Stance.SUPPORT


def _told(reading: Reading, parties: dict[int, Party], first: int, last: int) -> View | None:
    """The view that a verb tells, if it tells one."""
    keys, tags, size = reading.keys, reading.tags, len(reading)
    before, wished, passive = first - 1, False, False
    while before >= 0 and tags[before] in _PASSED:
        wished |= keys[before] in _WISHED
        passive |= keys[before] in _BE
        before -= 1
    if before >= 0 and tags[before] == "to":
        return None
    if tags[first] == "ing":
        return _participle(reading, parties, first, last)
    if passive or (keys[last : last + 1] == ["by"] and tags[first] == "ed"):
        agent = _party_from(parties, reading, last + 1) if passive and keys[last : last + 1] == ["by"] else None
        return View(_clause_start(reading, first), first, agent) if agent else None
    party = _subject(reading, parties, before)
    if party is None or wished or _is_hoped(reading, party.first) or _is_participle(reading, first, last, before):
        return None
    led = _before(reading, party.first)
    if tags[first] == "ed" and party.last == first and led >= 0 and keys[led] in _SEEING:
        return None  # "to see Chad [defeated]"
    return View(last, size, party)


def _is_participle(reading: Reading, first: int, last: int, before: int) -> bool:
    """Whether a verb in -ed describes a noun: "the Committee [established] in", "task forces, [focused] on"."""
    if reading.tags[first] != "ed" or before != first - 1 or reading.keys[first] in reporting_verbs():
        return False
    behind = reading.keys[last] if last < len(reading) else ""
    cue = reading.cue_starting.get(first)
    loose = reading.tags[before] == "comma" and reading.keys[last - 1] != reading.keys[first]
    led = cue is not None and reading.tags[last : last + 1] == ["preposition"] and behind not in cue.entry.attach
    return loose or led


def _participle(reading: Reading, parties: dict[int, Party], first: int, last: int) -> View | None:
    """The view of "Chad left, [calling] for" and of "Chad [calling] for"."""
    before = _before(reading, first)
    if before < 0 or reading.tags[before] not in ("comma", "conjunction"):
        party = parties.get(first)
        led = _before(reading, party.first) if party else -1
        if led >= 0 and (reading.tags[led] in ("preposition", "to") or _is_object(reading, led)):
            return None  # "in Gaza [depriving] civilians"
    else:
        party = _subject_of_clause(reading, parties, before)
    return View(last, len(reading), party) if party else None


def _is_hoped(reading: Reading, first: int) -> bool:
    """Whether the clause of a party tells what others hope of it: "our hope that Chad will support"."""
    before = _before(reading, first)
    before -= before > 0 and reading.keys[before] == "that"
    return before >= 0 and reading.keys[before] in hopes()


def _subject(reading: Reading, parties: dict[int, Party], end: int) -> Party | None:
    """The party that ends at the token `end`, or the one to which that token belongs ("leaders at the summit")."""
    keys, tags = reading.keys, reading.tags
    if end < 0 or tags[end] in _NO_SUBJECT:
        return None
    if tags[end] == "conjunction":
        return _subject_of_clause(reading, parties, end)
    aside = tags[end] == "comma"
    if keys[end] in _RELATIVES:
        end -= 1 + (end > 0 and tags[end - 1] == "comma")
    elif aside:
        end = _before_aside(reading, end)
    stop, last = max(end - _FAR, -1), end
    while end > stop:
        if keys[end] == ")" and end + 1 not in parties and "(" in keys[:end]:
            end = max(i for i in range(end) if keys[i] == "(") - 1
        party = parties.get(end + 1)
        before = _before(reading, party.first) if party else _phrase_start(reading, parties, end)
        led = before >= 0 and tags[before] in ("preposition", "to")
        if party and (not led or (end == last and keys[before] in _WHEN)):
            if not _is_object(reading, before):
                return party
            return None if aside else party.item or party  # "to help Peru, [restore] order"
        if not party and (before < 0 or tags[before] != "preposition"):
            return None  # another noun is the subject
        end = before - 1
    return None


def _is_object(reading: Reading, before: int) -> bool:
    """Whether what follows a token is an object, of which the last item may begin a clause: "thanked Peru and Chad"."""
    return before >= 0 and (reading.tags[before] in _VERBS | {"ing"}) and reading.keys[before] not in reporting_verbs()


def _phrase_start(reading: Reading, parties: dict[int, Party], end: int) -> int:
    """The token before a noun phrase in which no party ends."""
    while end >= 0 and reading.tags[end] in _NOMINAL and end + 1 not in parties:
        end -= 1
    return end


def _before(reading: Reading, first: int) -> int:
    """The token before a party, articles and modifiers passed over; -1 where there is none."""
    before = first - 1
    while before >= 0 and reading.tags[before] in _LED:
        before -= 1
    return before


def _subject_of_clause(reading: Reading, parties: dict[int, Party], end: int) -> Party | None:
    """The party before the verb to which "and" joins another: "[Chad] left the talks and ..."."""
    verb = next((position for position in range(end - 1, -1, -1) if reading.tags[position] in _VERBS), 0)
    if reading.tags[verb : verb + 2] == ["ed", "preposition"] and reading.keys[verb] not in reporting_verbs():
        return None  # "children affected by"
    while verb > 0 and reading.tags[verb - 1] in _PASSED and reading.keys[verb - 1] not in _WISHED | _BE:
        verb -= 1
    return parties.get(verb)


def _inverted(reading: Reading, parties: dict[int, Party], quotes: Sequence[tuple[int, int]]) -> Iterator[View]:
    """The views of a report that stands behind what it reports: '"...", said Chad, noting that'."""
    keys = reading.keys
    for position in positions(keys[:-1], reporting_verbs()):
        if position and reading.tags[position - 1] in ("comma", "quote"):
            party = _party_from(parties, reading, position + 1)
            if party and reading.tags[position + 1] != "subordinator" and party.first - position < _NEAR:
                yield View(*_reported(position, quotes), party)
                yield View(party.last, len(reading), party)


def _reported(before: int, quotes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """What the report at a token reports: the quotation before it, else all before it."""
    return next(((first, last) for first, last in reversed(quotes) if last <= before), (0, before))


def _is_ours(party: Party | None) -> bool:
    return party is not None and party.noun in ("we", "i")


def _opens_clause(reading: Reading, party: Party) -> bool:
    """Whether the party begins a clause of its own, so that no view told before holds there."""
    before = _before(reading, party.first)
    opens = reading.tags[before] in _CLAUSE_ENDS or reading.keys[before] in _WHEN
    return before > 0 and opens and reading.keys[before] not in _RELATIVES


def _within(position: int, quotes: Sequence[tuple[int, int]]) -> bool:
    return any(first <= position < last for first, last in quotes)


def _before_aside(reading: Reading, end: int) -> int:
    """The token before the aside that a comma closes: "Chad, together with its allies, condemned"."""
    for position in range(end - 1, max(end - 16, 0), -1):
        if reading.tags[position] == "comma":
            return position - 1
    return -1


def _party_from(parties: dict[int, Party], reading: Reading, first: int) -> Party | None:
    """The party that begins at a token, articles passed over."""
    while first < len(reading) and reading.tags[first] in _LED:
        first += 1
    return next((party for party in parties.values() if party.first <= first < party.last), None)


def _clause_start(reading: Reading, position: int) -> int:
    while position > 0 and reading.tags[position - 1] not in ("subordinator", "semicolon"):
        position -= 1
    return position


def _follows_its_report(reading: Reading, first: int, last: int) -> bool:
    """Whether the subject `first` and its verb stand behind what they report: "The plan failed, Chad said."."""
    keys, tags = reading.keys, reading.tags
    first = _before(reading, first) + 1
    if tags[0] == "subordinator" or keys[0] in _WHEN | {"despite", "following", "in"}:
        return False
    if first < 3 or tags[first - 1] not in ("comma", "quote"):
        return False
    if tags[first - 1] != "quote" and _VERBS.isdisjoint(tags[: first - 1]):
        return False
    if keys[last - 1] == "told":  # "..., Orban told reporters."
        last = next((i for i in range(last, len(tags)) if tags[i] not in _NOMINAL), len(tags))
    rest = tags[last:]
    closed = not rest or rest[0] in ("punctuation", "comma", "quote", "semicolon", "preposition", "date", "adverb")
    return closed and "that" not in keys[last : last + _TAIL]


def _sources(reading: Reading, parties: dict[int, Party]) -> Iterator[View]:
    """The views of "according to Chad" and "in the view of Chad"."""
    keys = reading.keys
    for position in positions(keys[:-2], _SOURCES):
        if keys[position + 1] == ("to" if keys[position] == "according" else "of"):
            party = _party_from(parties, reading, position + 2)
            if party:
                yield View(0, len(keys), party)


def _possessed(reading: Reading, parties: dict[int, Party]) -> Iterator[View]:
    """The views of nouns with a possessor: "Chad's strong opposition to"."""
    for cue in reading.cues:
        if cue.entry.group == "noun" and cue.entry.table == "predicates":
            before = cue.first - 1
            while before >= 0 and reading.tags[before] in _LED:
                before -= 1
            party = parties.get(before) if before > 0 and reading.tags[before] == "possessor" else None
            if party:
                yield View(cue.last, len(reading), party, cue.first)


def _opens_with_participle(reading: Reading, first: int) -> bool:
    """Whether a participle before the first subject tells its view too: "Condemning the coup, Chad called"."""
    first = _before(reading, first) + 1
    opened = any(key.endswith(("ing", "ed")) for key in reading.keys[:2])
    return opened and first > 1 and reading.tags[first - 1] == "comma"
