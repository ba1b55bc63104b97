"""Two analyses -> what changed from one to the other: targets that are new, dropped, reversed, said harder or softer.

A change is only claimed where the words changed: what stands in both texts word for word is the same, whatever the
model makes of it, and a target is new only if the other text nowhere holds its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain

from stance.cues import Reading, read
from stance.document import Analysis, Sentence, Stance
from stance.lexicon import Match, load_lexicon
from stance.matching import content_words, coverage, head_of, id_of, keys_of, pair_similar
from stance.rows import Row, rows_of
from stance.segmentation import tokenize

_SAME_TARGET = 0.75  # cosine from which two phrases name one target: below it they share a head, not the matter
_SAME_PASSAGE = 0.5  # share of the shorter sentence that both hold, from which one is a rewording of the other
_GREAT = 2  # steps of strength that count even between passages that are no rewording of each other
_FOREIGN = 0.6  # share of its words in any one sentence up to which a text does not hold a target
_CONTEXT = 2  # words before the evidence that belong to it: "do not", "strongly"
_PARTS = 12  # rows behind one in which its parts are looked for
_VERDICTS = (str(Stance.CONDEMN), str(Stance.SUPPORT))
_INFLECTION = re.compile(r"(?:ing|s)$")
# what names only what the text named before: "these acts", "an end to such violations"; not "those who fled"
_POINTING = re.compile(r"(?:such|these|this|those)\b|.*\b(?:such|these|this)\b", re.IGNORECASE | re.DOTALL)
_POINTED_AT = re.compile(r"\b(?:such|these|this|those)\s+$", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")  # "elections in 2024" are no other elections


class ChangeKind(StrEnum):
    """What became of a target from the first text to the second.

    `new` is a target, or a verdict on it beside what both say, that the first text has not; `hardened` the same
    verdict in stronger words, or a verdict on what was merely mentioned; `dropped` and `softened` the other way round;
    `reversed` the opposite verdict; `reworded` the same stance in other words.
    """

    REVERSED = "reversed"
    HARDENED = "hardened"
    SOFTENED = "softened"
    NEW = "new"
    DROPPED = "dropped"
    REWORDED = "reworded"


_RANKS = {ChangeKind.REVERSED: 0, ChangeKind.HARDENED: 1, ChangeKind.SOFTENED: 1, ChangeKind.REWORDED: 3}


@dataclass(frozen=True, slots=True)
class Change:
    """One target that the two texts treat differently, with the passage of each that shows it.

    `before` is None for what is new, `after` for what was dropped. `target` is the wording of the later passage.
    """

    kind: ChangeKind
    target: str
    id: str | None
    before: Row | None
    after: Row | None

    @property
    def passages(self) -> tuple[Row, ...]:
        """The passages that there are, one or two."""
        return tuple(row for row in (self.before, self.after) if row is not None)


@dataclass(frozen=True)
class _Side:
    """One of the texts: its rows, and its words as they are compared."""

    rows: tuple[Row, ...]
    sentences: tuple[Sentence, ...]

    @cached_property
    def word_sets(self) -> list[frozenset[str]]:
        return [content_words(sentence.text) for sentence in self.sentences]

    @cached_property
    def lines(self) -> list[str]:
        return [_plain(sentence.text) for sentence in self.sentences]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all names in the text, whether or not they are targets."""
        words = (sentence.tokens.words for sentence in self.sentences)
        found = (load_lexicon().find(names) for names in words)
        return frozenset(match.entry.id for match in chain.from_iterable(found) if match.entry.is_name)

    def holds(self, row: Row) -> bool:
        """Whether the text names the target of a row, or has its words in one sentence: most with the head, else all.

        "Cases of sexual violence" are not new where the other text speaks of sexual violence.
        """
        words = frozenset(word for word in content_words(row.target) if not _YEAR.fullmatch(word))
        head = head_of(row.target)
        others = words - {head}
        return (
            (row.id or id_of(row.target)) in self.ids
            or coverage(words, (held for held in self.word_sets if head in held or not head)) > _FOREIGN
            or (len(others) > 1 and coverage(others, self.word_sets) == 1)
        )

    def repeats(self, row: Row) -> bool:
        """Whether a sentence says of the target what the row says, with the same words before the evidence."""
        target, lead = _plain(row.target), _lead(row)
        return any(lead in line and target in line[line.index(lead) + len(lead) - 1 :] for line in self.lines)


def compare(
    first: Analysis, second: Analysis, *, names: tuple[str, str] = ("first", "second"), min_confidence: float = 0.8
) -> tuple[Change, ...]:
    """What changed from one text to another, the weightiest first.

    Mentions of one target under several names count together; of several passages on it the strongest speak for it.
    For two read-outs of one meeting `dropped` reads as only in the first, `new` as only in the second, `reversed` as
    a contradiction.

    Parameters
    ----------
    first, second
        The earlier and the later text.
    names
        What their rows bear as `file`.
    min_confidence
        The probability, 0..1, that a stance must have to be compared; a target with a less certain verdict on either
        side gives no change of that verdict.

    Examples
    --------
    >>> from stance.analysis import analyze
    >>> changes = compare(analyze("We regret the attack."), analyze("We condemn the attack. We welcome the truce."))
    >>> [(str(change.kind), change.target) for change in changes]
    [('hardened', 'attack'), ('new', 'truce')]
    """
    sides = _side(names[0], first), _side(names[1], second)
    groups = _groups(sides[0].rows, sides[1].rows)
    found = list(chain.from_iterable(_changes(group, sides, min_confidence) for group in groups))
    return tuple(sorted(_without_parts(found), key=_weight))


def _side(name: str, analysis: Analysis) -> _Side:
    return _Side(tuple(_without_lists(list(rows_of(name, analysis)))), analysis.document.sentences)


def _without_lists(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows without those that only point, and those that list other targets, for which these speak."""
    for number, row in enumerate(rows):
        parts = [other for other in rows[number + 1 : number + _PARTS] if _inside(other, row)]
        between = (row.target[a.end - row.start : b.start - row.start] for a in parts for b in parts if a.end < b.start)
        if not (any("," in words for words in between) or ";" in row.target or _points(row)):
            yield row


def _points(row: Row) -> bool:
    before = row.sentence[: row.start - row.sentence_start]
    return bool(_POINTING.match(row.target) or _POINTED_AT.search(before))


def _groups(first: Sequence[Row], second: Sequence[Row]) -> list[tuple[list[Row], list[Row]]]:
    """The rows of both sides on each target."""
    groups: dict[str, tuple[list[Row], list[Row]]] = {}
    for number, (key, row) in enumerate(zip(keys_of([*first, *second]), (*first, *second), strict=True)):
        groups.setdefault(key, ([], []))[number >= len(first)].append(row)
    lonely = [[group for group in groups.values() if group[side] and not group[1 - side]] for side in (0, 1)]
    texts = [[group[side][0].target for group in lonely[side]] for side in (0, 1)]
    for i, j in pair_similar(texts[0], texts[1], _SAME_TARGET):
        lonely[0][i][1].extend(lonely[1][j][1])
        lonely[1][j][1].clear()
    return [group for group in groups.values() if group[0] or group[1]]


def _changes(group: tuple[list[Row], list[Row]], sides: tuple[_Side, _Side], least: float) -> Iterator[Change]:
    before, after = ([row for row in rows if row.confidence >= least and not _is_noted(row)] for rows in group)
    if not group[0]:
        if after and not any(sides[0].holds(row) for row in group[1]):
            yield _change(ChangeKind.NEW, None, _strongest(after))
    elif not group[1]:
        if before and not any(sides[1].holds(row) for row in group[0]):
            yield _change(ChangeKind.DROPPED, _strongest(before), None)
    elif before and after:
        unsure = frozenset(row.stance for row in chain(*group) if row.confidence < least)
        moved = list(_moves(before, after, sides, unsure))
        yield from moved or _rewordings(before, after, sides)


def _moves(
    before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side], unsure: frozenset[str]
) -> Iterator[Change]:
    """Changes of stance or strength, save on verdicts that some row gives without certainty."""
    given = [{row.stance for row in rows} & set(_VERDICTS) for rows in (before, after)]
    if all(given) and not given[0] & given[1]:
        old, new = _strongest(before), _strongest(after)
        if not unsure & set(_VERDICTS) and not sides[1].repeats(old) and not sides[0].repeats(new):
            yield _change(ChangeKind.REVERSED, old, new)
        return
    for verdict in sorted((given[0] | given[1]) - unsure):
        yield from _move(verdict, before, after, sides)


def _move(verdict: str, before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side]) -> Iterator[Change]:
    """How a verdict on a target came, went, rose or fell, unless the words of the weightier passage are in both."""
    old, new = (_strongest(rows, verdict) for rows in (before, after))
    had, has = old.stance == verdict, new.stance == verdict
    rise = _rung(new, verdict) - _rung(old, verdict)
    repeated = sides[0].repeats(new) if rise > 0 else sides[1].repeats(old)
    if not rise or repeated or (had and has and not _comparable(old, new)):
        return
    mention = old if rise > 0 else new
    still_mentioned = mention.stance == Stance.NEUTRAL and sides[rise > 0].repeats(mention)
    if (had and has) or (Stance.NEUTRAL in (old.stance, new.stance) and not still_mentioned):
        yield _change(ChangeKind.HARDENED if rise > 0 else ChangeKind.SOFTENED, old, new)
    else:
        yield _change(ChangeKind.NEW, None, new) if has else _change(ChangeKind.DROPPED, old, None)


def _rewordings(before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side]) -> Iterator[Change]:
    """Passages of one stance on the target, in sentences that are alike, with another governing word or wording."""
    for i, j in pair_similar([row.sentence for row in before], [row.sentence for row in after], _SAME_PASSAGE):
        old, new = before[i], after[j]
        repeated = sides[1].repeats(old) and sides[0].repeats(new)
        if old.stance == new.stance and not repeated and _is_reworded(old, new):
            yield _change(ChangeKind.REWORDED, old, new)


def _is_reworded(old: Row, new: Row) -> bool:
    """Whether the target itself has other words, or the main verb over it is another."""
    if content_words(old.target) != content_words(new.target):
        return True
    return content_words(old.evidence) != content_words(new.evidence) and all(map(_is_said, (old, new)))


def _comparable(old: Row, new: Row) -> bool:
    """Whether the strength of two passages may be compared: both say what they say in so many words, of one matter."""
    words = [content_words(row.sentence) for row in (old, new)]
    shared = len(words[0] & words[1]) / min(map(len, words))
    return all(map(_is_said, (old, new))) and (shared >= _SAME_PASSAGE or abs(old.strength - new.strength) >= _GREAT)


def _is_said(row: Row) -> bool:
    """Whether the evidence is a main verb of the sentence, or what one holds ("reaffirming its commitment").

    In "requests him to improve, where necessary, the safety" the strength of "necessary" is not that of the speaker.
    """
    reading = _read(row.sentence)
    evidence = _evidence(row, reading)
    if evidence is None or (evidence.entry.stance != row.stance and row.stance != Stance.NEUTRAL):
        return False
    return _is_main(reading, evidence, _predicates(reading))


def _is_noted(row: Row) -> bool:
    """Whether the verdict is one that the sentence only notes: "noting its support for the plan" is somebody else's."""
    reading = _read(row.sentence)
    evidence = _evidence(row, reading)
    above = (p for p in _predicates(reading) if evidence and 0 <= evidence.first - p.last < _CONTEXT)
    return row.stance != Stance.NEUTRAL and any(cue.entry.stance is Stance.NEUTRAL for cue in above)


@lru_cache(maxsize=4096)
def _read(sentence: str) -> Reading:
    return read(Sentence(sentence, 0, len(sentence), tokenize(sentence)), load_lexicon())


def _predicates(reading: Reading) -> list[Match]:
    return [cue for cue in reading.cues if cue.entry.table == "predicates" and cue.entry.group != "adverb"]


def _evidence(row: Row, reading: Reading) -> Match | None:
    """The predicate that is the evidence of a row; None where this is another sort of word."""
    end = row.sentence.rfind(row.evidence, 0, row.start - row.sentence_start) + len(row.evidence)
    return next((cue for cue in _predicates(reading) if reading.tokens.ends[cue.last - 1] == end), None)


def _is_main(reading: Reading, cue: Match, predicates: Sequence[Match]) -> bool:
    """Whether a predicate is the first of its sentence, coordinated with it, or directly under such a one."""
    if cue is predicates[0]:
        return True
    joined = reading.tags[cue.first - 1] in ("comma", "conjunction", "adverb", "semicolon")
    if joined and _inflection(reading, cue) == _inflection(reading, predicates[0]):
        return True
    above = next((other for other in predicates if 0 <= cue.first - other.last <= _CONTEXT), None)
    return above is not None and _is_main(reading, above, predicates)


def _inflection(reading: Reading, cue: Match) -> str:
    found = _INFLECTION.search(reading.keys[cue.first])
    return found[0] if found else ""


def _strongest(rows: Sequence[Row], verdict: str | None = None) -> Row:
    """The row that says most: with the wanted verdict if any has it, else any verdict, the strongest, the surest."""
    return max(rows, key=lambda row: (row.stance == verdict, _rung(row, row.stance), row.confidence, -row.start))


def _rung(row: Row, verdict: str) -> int:
    """How high on the ladder of a verdict a row stands; 0 for a row with another stance."""
    return row.strength if row.stance == verdict and verdict in _VERDICTS else 0


def _change(kind: ChangeKind, before: Row | None, after: Row | None) -> Change:
    target, id = next((row.target, row.id) for row in (after, before) if row)
    return Change(kind, target, id, before, after)


def _without_parts(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes without those of a part of something larger that changed in the same way, with the same stance.

    An actor inside something that hardened or softened is told nevertheless: one looks for its name.
    """
    wholes: dict[tuple[str, ...], list[Row]] = {}
    for change in changes:
        for row in change.passages:
            wholes.setdefault((change.kind, row.stance, row.file), []).append(row)
    for change in changes:
        inside = all(
            any(_inside(row, other) for other in wholes[change.kind, row.stance, row.file]) for row in change.passages
        )
        if not inside or (change.id is not None and len(change.passages) == 2):
            yield change


def _inside(row: Row, other: Row) -> bool:
    return other.start <= row.start and row.end <= other.end and (row.start, row.end) != (other.start, other.end)


def _weight(change: Change) -> tuple[float, ...]:
    """Sorts the weightiest first: verdicts before mentions, by kind, strength and confidence, then as in the text."""
    strength = max(_rung(row, row.stance) for row in change.passages)
    sure = min(row.confidence for row in change.passages)
    return (strength == 0, _RANKS.get(change.kind, 2), -strength, -round(sure, 1), change.passages[-1].start)


def _lead(row: Row) -> str:
    """The evidence with the words before it, or where there is none, the words before the target."""
    sentence = row.sentence[: row.start - row.sentence_start]
    position = sentence.rfind(row.evidence) if row.evidence else len(sentence)
    before = _plain(sentence[:position]).split()[-_CONTEXT:]
    return f" {' '.join([*before, *_plain(row.evidence).split()])} "


def _plain(text: str) -> str:
    """The words of a text in lower case between single spaces, marks left out."""
    words = "".join(character if character.isalnum() else " " for character in text.casefold()).split()
    return f" {' '.join(words)} "
