"""Ladders of your own: phrases in order of strength, and the rung on which each text stands towards a target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from stance.cues import stem
from stance.inputs import read_utf8
from stance.lexicon import folded
from stance.rows import Row, Selection
from stance.segmentation import tokenize

COLUMNS = ("target", "step", "phrase")


@dataclass(frozen=True, slots=True)
class Rung:
    """One phrase of a ladder: `step` counts from the weakest; `target` is an id or words, "" for any target."""

    target: str
    step: int
    phrase: str


@dataclass(frozen=True, slots=True)
class Footing:
    """A passage that stands on a rung; `words` are those of the text that say so."""

    rung: Rung
    words: str
    passage: Row


def read_ladder(path: str | Path) -> tuple[Rung, ...]:
    """The rungs of a table with the tab-separated columns target, step, phrase; lines that begin with # are notes.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Naming every line that is wrong.
    """
    lines = read_utf8(path, "ladder").splitlines()
    kept = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not kept or tuple(kept[0][1]) != COLUMNS:
        got = "\t".join(kept[0][1]) if kept else ""
        raise ValueError(f"{path}:1: header must be {' '.join(COLUMNS)!r} with tabs between, got {got!r}; add it")
    problems = [f"{path}:{number}: {problem}" for number, cells in kept[1:] if (problem := _problem(cells))]
    if problems or len(kept) == 1:
        raise ValueError("\n".join(problems) or f"{path}: ladder must have a rung, got none; add a line")
    return tuple(Rung(target.strip(), int(step), phrase.strip()) for _, (target, step, phrase) in kept[1:])


def climb(ladder: Sequence[Rung], rows: Iterable[Row]) -> list[Footing]:
    """The passages that say one of the phrases of a target, by date; endings and irregular forms do not matter.

    A phrase counts where it stands before the target, in its sentence; of several the nearest one counts, of those
    that overlap the longest: "firmly supports" is not "supports".

    Examples
    --------
    >>> from stance.analysis import analyze
    >>> from stance.rows import rows_of
    >>> ladder = [Rung("", 1, "take note of"), Rung("", 2, "support"), Rung("", 3, "firmly support")]
    >>> for footing in climb(ladder, rows_of("a.txt", analyze("We firmly supported the UN Charter."))):
    ...     print(footing.rung.step, footing.words, "|", footing.passage.target)
    3 firmly supported | UN Charter
    """
    footings = (_footing(ladder, row) for row in rows)
    return sorted(
        (f for f in footings if f), key=lambda footing: (footing.passage.date or "9999", footing.passage.file)
    )


def _problem(cells: Sequence[str]) -> str:
    if len(cells) != len(COLUMNS):
        return f"row must have {len(COLUMNS)} cells, got {len(cells)}; put tabs between them"
    if not cells[1].strip().isdigit():
        return f"step must be a whole number from 0 on, got {cells[1]!r}; count from the weakest"
    return "" if _bases_of(cells[2]) else f"phrase must hold a word, got {cells[2]!r}; give the words of the rung"


def _footing(ladder: Sequence[Rung], row: Row) -> Footing | None:
    """Where the row stands: on the rung whose phrase ends nearest before the target, the longest of those."""
    before = row.sentence[: row.start - row.sentence_start]
    tokens = tokenize(before)
    bases = [_base(word) for word in tokens.words]
    found = []
    for rung in ladder:
        if not rung.target or Selection(targets=(rung.target,)).keeps(row):
            wanted = _bases_of(rung.phrase)
            size = len(wanted)
            found += [
                (n + size, size, rung) for n in range(len(bases) - size + 1) if tuple(bases[n : n + size]) == wanted
            ]
    if not found:
        return None
    last, size, rung = max(found, key=lambda place: place[:2])
    start, end = tokens.span(last - size, last)
    return Footing(rung, before[start:end], row)


@cache
def _bases_of(phrase: str) -> tuple[str, ...]:
    return tuple(map(_base, tokenize(phrase).words))


def _base(word: str) -> str:
    """The stem of a word; that of "take" for "took"."""
    key = folded(word)
    return stem(_irregular().get(key, key))


@cache
def _irregular() -> dict[str, str]:
    """The base of each form in `data/irregular.tsv`."""
    table = resources.files("stance").joinpath("data/irregular.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return {form: base for base, forms in rows for form in forms.split("|")}
