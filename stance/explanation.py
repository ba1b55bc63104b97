"""Analysis -> why: for each sentence its cues, for each judgement the votes and features that carried it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stance.analysis import explain
from stance.cues import read
from stance.document import Judgement, Sentence
from stance.lexicon import Lexicon, Match
from stance.model import Model
from stance.segmentation import segment
from stance.terminal import Paint, one_line


def explanation(text: str, model: Model, paint: Paint) -> Iterator[str]:
    """The lines that explain each judgement of a text, sentence by sentence."""
    lexicon = model.lexicon
    explained = list(explain(text, model=model))
    position = 0
    for number, sentence in enumerate(segment(text).sentences, 1):
        yield paint(f"{number}. {one_line(sentence.text)}", "heading")
        yield f"   cues: {_cues(sentence, lexicon)}"
        while position < len(explained) and explained[position][0].target.start < sentence.end:
            yield from _judgement_lines(*explained[position], paint)
            position += 1
        yield ""


def _judgement_lines(judgement: Judgement, features: Sequence[tuple[str, float]], paint: Paint) -> Iterator[str]:
    target, stance = judgement.target, str(judgement.stance)
    known = f"({target.id or target.kind}, {judgement.confidence:.0%})"
    yield f"   {paint(f'{stance:7}', stance)}  {one_line(target.text)}  {known}"
    evidence = f"evidence: {one_line(judgement.evidence)}, " if judgement.evidence else ""
    yield f"      {evidence}strength: {judgement.strength}, holder: {one_line(judgement.holder.text)}"
    yield f"      votes: {', '.join(f'{rule} {vote}' for rule, vote in judgement.votes.items()) or 'none'}"
    yield f"      features: {', '.join(f'{one_line(name)!r} {share:+.2f}' for name, share in features) or 'none'}"


def _cues(sentence: Sentence, lexicon: Lexicon) -> str:
    return ", ".join(_cue(sentence, cue) for cue in read(sentence, lexicon).cues) or "none"


def _cue(sentence: Sentence, cue: Match) -> str:
    start, end = sentence.tokens.span(cue.first, cue.last)
    words = one_line(sentence.text[start - sentence.start : end - sentence.start])
    reverser = "reverser" if cue.entry.table == "reversers" else ""
    return f"{words} ({reverser or cue.entry.stance or cue.entry.group})"
