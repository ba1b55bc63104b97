"""Mention -> whose view it is: the named subject of the governing expression, or the speaker."""

from __future__ import annotations

from stance.document import Holder
from stance.lexicon import Match
from stance.mentions import Mention

SPEAKER = Holder("the speaker")
_PASSED = frozenset(("adverb", "auxiliary", "comma", "negation", "to", "quote"))
_FAR = 14  # tokens between a subject and its verb


def find_holder(mention: Mention, offset: int = 0) -> Holder:
    """The holder of the view of one mention; spans are those of the reading's tokens less `offset`."""
    chain = mention.governors + mention.outer
    verbs = [governor.cue for governor in chain if governor.cue.entry.group == "verb"]
    behind = next(
        (cue for cue in mention.reading.cues if cue.first >= mention.last and cue.entry.group == "verb"), None
    )
    if behind is not None and mention.reading.keys[behind.last : behind.last + 1] == ["by"]:
        verbs.append(behind)
    for cue in reversed(verbs):
        name = _subject(mention, cue)
        if name is not None:
            tokens = mention.reading.tokens[name.first : name.last]
            start, end = tokens[0].start - offset, tokens[-1].end - offset
            words = " ".join(token.text for token in tokens)
            return Holder(words, start, end, name.entry.id if name.entry.group not in ("name", "leader") else None)
    return SPEAKER


def _subject(mention: Mention, cue: Match) -> Match | None:
    """The actor before the verb ("[Putin] rejected"), or behind "by" after it ("was condemned by [the Council]")."""
    reading = mention.reading
    if cue.last < len(reading.keys) and reading.keys[cue.last] == "by":
        return next((n for n in reading.names if n.first - cue.last in (1, 2) and n.entry.table == "actors"), None)
    position = cue.first - 1
    while position >= 0 and cue.first - position < _FAR and reading.tags[position] in _PASSED:
        position -= 1
    found = next((n for n in reading.names if n.last - 1 == position and n.entry.table == "actors"), None)
    if found is None or (found.first > 0 and reading.tags[found.first - 1] in ("preposition", "to")):
        return None
    return found if not (found.first <= mention.first < found.last) else None
