"""Analyses -> what the script of a report knows of them, as plain lists that JSON can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stance.cues import read
from stance.document import STANCES, Analysis, Judgement, Sentence
from stance.model import shipped_model
from stance.rows import Row
from stance.rules import RULES
from stance.terminal import one_line

_Tables = dict[str, dict[object, int]]


def page_data(
    analyses: Iterable[Analysis], rows: Sequence[Row], numbers: Sequence[int], groups: Sequence[tuple[str, str, str]]
) -> dict[str, object]:
    """What the script knows of all analyses and their rows: strings once each, a list of numbers for each judgement.

    Parameters
    ----------
    analyses, rows
        The texts, and the rows of all their judgements in the same order.
    numbers
        For each row the place of its target in `groups`.
    groups
        Label, id and kind of each target.
    """
    tables: _Tables = {"holders": {}, "evidence": {}, "votes": {}}
    sentences: list[object] = []
    judgements: list[object] = []
    pairs = iter(zip(rows, numbers, strict=True))
    for document, analysis in enumerate(analyses):
        offset = len(sentences) - 1
        sentences += [[sentence.text, _cues(sentence)] for sentence in analysis.document.sentences]
        for judgement, (row, group) in zip(analysis.judgements, pairs, strict=False):
            judgements.append([document, group, offset + row.sentence_number, *_numbers(judgement, row, tables)])
    return {
        "groups": groups,
        "judgements": judgements,
        "sentences": sentences,
        **{name: list(values) for name, values in tables.items()},
        "rules": {rule.__name__: one_line(rule.__doc__ or "") for rule in RULES},
    }


def _numbers(judgement: Judgement, row: Row, tables: _Tables) -> list[object]:
    """Stance, chances in thousandths, strength, span in the sentence; holder, evidence, votes as places in tables."""
    votes = tuple((rule, STANCES.index(vote)) for rule, vote in judgement.votes.items())
    return [
        STANCES.index(judgement.stance),
        [round(1000 * judgement.probabilities[stance]) for stance in STANCES],
        row.strength,
        _units(row.sentence, row.start - row.sentence_start),
        _units(row.sentence, row.end - row.sentence_start),
        *(
            tables[name].setdefault(value, len(tables[name]))
            for name, value in (
                ("holders", (one_line(row.holder), row.holder_id or "")),
                ("evidence", one_line(row.evidence)),
                ("votes", votes),
            )
        ),
    ]


def _cues(sentence: Sentence) -> list[tuple[int, int, str]]:
    """The judging words of a sentence and what turns them: characters, and what each is."""
    found = []
    lexicon = shipped_model().lexicon  # the one that the analysis has in memory, most likely
    for cue in read(sentence, lexicon).cues:
        entry = cue.entry
        name = "reverser" if entry.table == "reversers" else str(entry.stance or "") or entry.group
        start, end = sentence.tokens.span(cue.first, cue.last)
        text = sentence.text
        found.append((_units(text, start - sentence.start), _units(text, end - sentence.start), name))
    return found


def _units(text: str, position: int) -> int:
    """A position in characters as one in UTF-16 units, in which the script counts."""
    part = text[:position]
    return len(part) if part.isascii() else len(part.encode("utf-16-le", "surrogatepass")) // 2
