"""Two analyses -> what changed from one to the other: targets that are new, dropped, reversed, said harder or softer.

A change is only claimed where the words changed: what stands in both texts word for word is the same, whatever the
model makes of it, and a target is new only if the other text nowhere holds its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain

from stance.cues import Reading, read
from stance.document import Analysis, Sentence, Stance
from stance.lexicon import Match, load_lexicon
from stance.matching import content_words, coverage, key_of, pair_similar
from stance.rows import Row, rows_of
from stance.segmentation import tokenize

_SAME_TARGET = 0.75  # cosine from which two phrases name one target: below it they share a head, not the matter
_SAME_PASSAGE = 0.5  # share of the shorter sentence that both hold, from which one is a rewording of the other
_GREAT = 2  # steps of strength that count even between passages that are no rewording of each other
_FOREIGN = 0.5  # share of its words in any one sentence up to which a text does not hold a target
_CONTEXT = 2  # words before the evidence that belong to it: "do not", "strongly"
_VERDICTS = (str(Stance.CONDEMN), str(Stance.SUPPORT))


class ChangeKind(StrEnum):
    """What became of a target from the first text to the second, the weightiest first."""

    REVERSED = "reversed"
    HARDENED = "hardened"
    SOFTENED = "softened"
    NEW = "new"
    DROPPED = "dropped"
    REWORDED = "reworded"


_RANKS = {ChangeKind.REVERSED: 0, ChangeKind.HARDENED: 1, ChangeKind.SOFTENED: 1, ChangeKind.REWORDED: 3}
_INFLECTION = re.compile(r"(?:ing|s)$")
_POINTING = re.compile(r"(?:such|these|this|those)\b", re.IGNORECASE)  # they name what the text named before
_YEAR = re.compile(r"(19|20)\d\d")  # "elections in 2024" are no other elections


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
    """One of the texts: its rows by target, and its words as they must be compared."""

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
        words = ([token.text for token in sentence.tokens] for sentence in self.sentences)
        found = (load_lexicon().find(names, [name.lower().replace("’", "'") for name in names]) for names in words)
        return frozenset(match.entry.id for match in chain.from_iterable(found) if match.entry.is_name)

    def holds(self, row: Row) -> bool:
        """Whether the text names the target of a row, or has most of its words in one sentence."""
        words = frozenset(word for word in content_words(row.target) if not _YEAR.fullmatch(word))
        return row.id in self.ids or coverage(words, self.word_sets) > _FOREIGN

    def repeats(self, row: Row) -> bool:
        """Whether a sentence says of the target what the row says, with the same words before the evidence."""
        target = _plain(row.target)
        lead = _lead(row)
        return any(
            (position := line.find(lead)) >= 0 and target in line[position + len(lead) - 1 :] for line in self.lines
        )


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
        side gives no change of stance.

    Examples
    --------
    >>> from stance.analysis import analyze
    >>> changes = compare(analyze("We regret the attack."), analyze("We condemn the attack. We welcome the truce."))
    >>> [(str(change.kind), change.target) for change in changes]
    [('hardened', 'attack'), ('new', 'truce')]
    """
    sides = _side(names[0], first), _side(names[1], second)
    found = chain.from_iterable(
        _changes(group, sides, min_confidence) for group in _groups(sides[0].rows, sides[1].rows)
    )
    return tuple(sorted(_without_parts(list(found)), key=_weight))


def _side(name: str, analysis: Analysis) -> _Side:
    return _Side(tuple(_without_lists(list(rows_of(name, analysis)))), analysis.document.sentences)


def _groups(first: Sequence[Row], second: Sequence[Row]) -> list[tuple[list[Row], list[Row]]]:
    """The rows of both sides on each target."""
    known = {" ".join(sorted(content_words(row.target))): row.id for row in (*first, *second) if row.id}
    groups: dict[str, tuple[list[Row], list[Row]]] = {}
    for side, rows in enumerate((first, second)):
        for row in rows:
            key = key_of(row.target, row.id)
            groups.setdefault(key_of(row.target, known.get(key, row.id)), ([], []))[side].append(row)
    lonely = [[group for group in groups.values() if group[side] and not group[1 - side]] for side in (0, 1)]
    joined = pair_similar([g[0][0].target for g in lonely[0]], [g[1][0].target for g in lonely[1]], _SAME_TARGET)
    for i, j, _ in joined:
        lonely[0][i][1].extend(lonely[1][j][1])
        lonely[1][j][1].clear()
    return [group for group in groups.values() if group[0] or group[1]]


def _changes(group: tuple[list[Row], list[Row]], sides: tuple[_Side, _Side], least: float) -> Iterator[Change]:
    before, after = ([row for row in rows if row.confidence >= least] for rows in group)
    if not group[0]:
        if after and not any(sides[0].holds(row) for row in group[1]):
            yield _change(ChangeKind.NEW, None, _strongest(after))
    elif not group[1]:
        if before and not any(sides[1].holds(row) for row in group[0]):
            yield _change(ChangeKind.DROPPED, _strongest(before), None)
    elif before and after:
        moved = list(_moves(before, after, sides, _unsure(group, least)))
        yield from moved or _rewordings(before, after, sides)


def _unsure(group: tuple[list[Row], list[Row]], least: float) -> frozenset[str]:
    """The verdicts that some row gives with too little certainty for any claim on them."""
    return frozenset(row.stance for row in chain(*group) if row.confidence < least)


def _moves(
    before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side], unsure: frozenset[str]
) -> Iterator[Change]:
    """Changes of stance or strength: of the strongest passage on each side, as far as its words are not in both."""
    given = [{row.stance for row in rows} & set(_VERDICTS) for rows in (before, after)]
    if given[0] and given[1] and not given[0] & given[1]:
        old, new = _strongest(before), _strongest(after)
        if not unsure & set(_VERDICTS) and not sides[1].repeats(old) and not sides[0].repeats(new):
            yield _change(ChangeKind.REVERSED, old, new)
        return
    for verdict in sorted(given[0] | given[1]):
        if verdict not in unsure:
            yield from _move(verdict, before, after, sides)


def _move(verdict: str, before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side]) -> Iterator[Change]:
    """How a verdict on a target came, went, rose or fell."""
    old, new = (_strongest(rows, verdict) for rows in (before, after))
    had, has = old.stance == verdict, new.stance == verdict
    rise = _rung(new, verdict) - _rung(old, verdict)
    repeated = sides[0].repeats(new) if rise > 0 else sides[1].repeats(old)
    if not rise or repeated or (had and has and not _comparable(old, new)):
        return
    if (had and has) or Stance.NEUTRAL in (old.stance, new.stance):
        yield _change(ChangeKind.HARDENED if rise > 0 else ChangeKind.SOFTENED, old, new)
    else:
        yield _change(ChangeKind.NEW, None, new) if has else _change(ChangeKind.DROPPED, old, None)


def _comparable(old: Row, new: Row) -> bool:
    """Whether the strength of two passages may be compared: both say what they say in so many words, of one matter."""
    words = [content_words(row.sentence) for row in (old, new)]
    shared = len(words[0] & words[1]) / min(map(len, words))
    return all(map(_is_said, (old, new))) and (shared >= _SAME_PASSAGE or abs(old.strength - new.strength) >= _GREAT)


def _is_said(row: Row) -> bool:
    """Whether the evidence is a main verb of the sentence, or what one holds ("reaffirming its commitment").

    In "requests him to improve, where necessary, the safety" the strength of "necessary" is not that of the speaker.
    """
    reading = read(Sentence(row.sentence, 0, len(row.sentence), tokenize(row.sentence)), load_lexicon())
    predicates = [cue for cue in reading.cues if cue.entry.table == "predicates" and cue.entry.group != "adverb"]
    before = row.start - row.sentence_start
    mine = [
        cue
        for cue in predicates
        if reading.tokens[cue.first].start < before and _text(row.sentence, reading, cue) == row.evidence
    ]
    return bool(mine) and mine[-1].entry.stance == row.stance and _is_main(reading, mine[-1], predicates)


def _is_main(reading: Reading, cue: Match, predicates: Sequence[Match]) -> bool:
    """Whether a predicate is the first of its sentence, stands beside it in one form, or directly under such a one."""
    main = predicates[0]
    under = next((p for p in predicates if 0 <= cue.first - p.last <= _CONTEXT), None)
    beside = cue.first and reading.tags[cue.first - 1] in ("comma", "conjunction", "adverb", "semicolon")
    alike = _ending(reading, cue) == _ending(reading, main)
    return cue is main or bool(beside and alike) or (under is not None and _is_main(reading, under, predicates))


def _ending(reading: Reading, cue: Match) -> str:
    found = _INFLECTION.search(reading.keys[cue.first])
    return found[0] if found else ""


def _text(sentence: str, reading: Reading, cue: Match) -> str:
    first, last = reading.tokens[cue.first], reading.tokens[cue.last - 1]
    return sentence[first.start : last.end]


def _rewordings(before: Sequence[Row], after: Sequence[Row], sides: tuple[_Side, _Side]) -> Iterator[Change]:
    """Passages of one stance on the target, in sentences that are alike, with another governing word or wording."""
    old = [row for row in before if not sides[1].repeats(row)]
    new = [row for row in after if not sides[0].repeats(row)]
    for i, j, _ in pair_similar([row.sentence for row in old], [row.sentence for row in new], _SAME_PASSAGE):
        a, b = old[i], new[j]
        if a.stance == b.stance and content_words(f"{a.evidence} {a.target}") != content_words(
            f"{b.evidence} {b.target}"
        ):
            yield _change(ChangeKind.REWORDED, a, b)


def _strongest(rows: Sequence[Row], verdict: str | None = None) -> Row:
    """The row that says most: with the wanted verdict if any has it, else any verdict, the strongest, the surest."""
    return max(rows, key=lambda row: (row.stance == verdict, _rung(row, row.stance), row.confidence, -row.start))


def _rung(row: Row, verdict: str) -> int:
    """How high on the ladder of a verdict a row stands; 0 for a row with another stance."""
    return row.strength if row.stance == verdict and verdict in _VERDICTS else 0


def _change(kind: ChangeKind, before: Row | None, after: Row | None) -> Change:
    shown = after or before
    assert shown is not None
    return Change(kind, shown.target, shown.id, before, after)


def _without_parts(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes without those that another one holds: new, with the same stance, inside a larger new target."""
    outer = {
        (change.kind, row.stance, row.file, row.sentence_start): [] for change in changes for row in change.passages
    }
    for change in changes:
        for row in change.passages:
            outer[change.kind, row.stance, row.file, row.sentence_start].append(row)
    for change in changes:
        row = change.passages[-1]
        others = outer[change.kind, row.stance, row.file, row.sentence_start]
        if change.kind not in (ChangeKind.NEW, ChangeKind.DROPPED) or not any(_inside(row, other) for other in others):
            yield change


def _without_lists(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows without those that only point, and those that list other targets, for which these speak."""
    for number, row in enumerate(rows):
        parts = [other for other in rows[number + 1 : number + 12] if _inside(other, row)]
        apart = any(
            a.end < b.start and "," in row.target[a.end - row.start : b.start - row.start] for a in parts for b in parts
        )
        if not (apart or ";" in row.target or _POINTING.match(row.target)):
            yield row


def _inside(row: Row, other: Row) -> bool:
    return other.start <= row.start and row.end <= other.end and (row.start, row.end) != (other.start, other.end)


def _weight(change: Change) -> tuple[float, ...]:
    """Sorts the weightiest first: by kind, verdicts before mentions, by strength and confidence, as in the text."""
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
    """The words of a text in lower case between single spaces, numbers of paragraphs and marks left out."""
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    return f" {' '.join(words)} "
