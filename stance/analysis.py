"""The whole road: text -> Analysis."""

from __future__ import annotations

import datetime
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from operator import index

from stance import targets
from stance.cues import Reading, read
from stance.document import STANCES, Analysis, Document, Facts, Judgement, Sentence, Stance, Target
from stance.facts import find_facts, given_facts
from stance.features import feature_names
from stance.holders import Discourse, Voice, find_holder
from stance.joint import neighbour_features
from stance.lexicon import load_lexicon
from stance.mentions import Mention, mentions
from stance.model import Model, encode, shipped_model, softmax
from stance.rules import votes
from stance.segmentation import segment, token_span
from stance.span_features import Floats
from stance.strength import carrier_of, strength_of
from stance.targets import make_target

_BATCH = 4000  # tokens that go through the finder at once; bounds memory, not speed
_MOST_TOKENS = 600  # of one sentence; the rest of a longer one is read as sentences of its own
_LABELS = tuple(map(str, STANCES))
_CHUNK = 8  # texts handed to a process at a time


def analyze(
    text: str,
    *,
    model: Model | None = None,
    title: str | None = None,
    date: datetime.date | str | None = None,
    issuers: Sequence[str] | None = None,
) -> Analysis:
    """The targets of a text and the stance on each.

    Parameters
    ----------
    text
        The text as it is; it is never altered.
    model
        The model to use; the shipped one if None.
    title, date, issuers
        What you know of the document; where None, what the text shows. A date as text is ISO 8601 ("2024-05-17");
        issuers are ids ("FRA", "g7") or names.

    Examples
    --------
    >>> for j in analyze("We condemn the attack and welcome the ceasefire.").judgements:
    ...     print(j.stance, j.target.text)
    condemn attack
    support ceasefire
    """
    model = model or shipped_model()
    lexicon = load_lexicon(model.card.get("tables"))
    document = segment(text)
    facts = given_facts(find_facts(document, lexicon), lexicon, title, date, issuers)
    discourse = Discourse(text, facts, lexicon)
    judgements: list[Judgement] = []
    for batch in _batches(_bounded(document.sentences)):
        readings = [read(sentence, lexicon) for sentence in batch]
        found = targets.find(readings, model.finder)
        mentioned = [
            mentions(reading, [(s.first, s.last) for s in spans])
            for reading, spans in zip(readings, found, strict=True)
        ]
        judgements.extend(_judged(mentioned, text, model, discourse.follow(readings)))
    return Analysis(document, tuple(judgements), facts)


def judge(text: str, spans: Sequence[tuple[int, int]], *, model: Model | None = None) -> tuple[Judgement, ...]:
    """The stance on given targets, one judgement each in the same order.

    Parameters
    ----------
    text
        One or more sentences.
    spans
        Half-open character spans of the targets; they may nest or cross. A target is judged within the sentence in
        which it begins.
    model
        The model to use; the shipped one if None.

    Raises
    ------
    ValueError
        Where a span is empty, reversed, outside the text or holds no word.

    Examples
    --------
    >>> [str(j.stance) for j in judge("We condemn the attack.", [(15, 21)])]
    ['condemn']
    """
    model = model or shipped_model()
    checked = [_checked_span(text, span) for span in spans]
    document = segment(text)
    lexicon = load_lexicon(model.card.get("tables"))
    discourse = Discourse(text, Facts(), lexicon)
    by_sentence: dict[int, list[int]] = {}
    for number, (start, _) in enumerate(checked):
        by_sentence.setdefault(_sentence_at(document, start), []).append(number)
    made: dict[int, Judgement] = {}
    for place, numbers in sorted(by_sentence.items()):
        numbers.sort(key=lambda n: (checked[n][0], -checked[n][1]))  # neighbours are told in the order of the text
        last = max(_sentence_at(document, checked[n][1] - 1) for n in numbers)
        sentence = _joined(document, place, last)
        reading = read(sentence, lexicon)
        mentioned = [mentions(reading, [_token_span(sentence, *checked[n]) for n in numbers])]
        judged = _judged(mentioned, text, model, discourse.follow([reading]))
        for number, judgement in zip(numbers, judged, strict=True):
            start, end = checked[number]
            target = judgement.target
            exact = (
                target
                if (target.start, target.end) == (start, end)
                else Target(start, end, text[start:end], target.kind, target.id)
            )
            made[number] = Judgement(exact, *(getattr(judgement, name) for name in Judgement.__slots__[1:]))
    return tuple(made[number] for number in range(len(checked)))


def analyze_many(texts: Iterable[str], *, jobs: int = 1, model: Model | None = None) -> Iterator[Analysis]:
    """The analysis of each text, in order, while memory stays flat.

    Parameters
    ----------
    texts
        Any iterable; it is read no faster than the results are taken.
    jobs
        Processes; 1 works in this one.
    model
        The model to use; the shipped one if None.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs!r}; give the number of processes")
    if jobs == 1:
        yield from (analyze(text, model=model) for text in texts)
        return
    texts = iter(texts)
    with ProcessPoolExecutor(min(jobs, os.cpu_count() or 1)) as pool:
        pending: deque[Future[list[Analysis]]] = deque()
        try:
            while True:
                while len(pending) < 2 * jobs and (chunk := list(islice(texts, _CHUNK))):
                    pending.append(pool.submit(_analyze_chunk, chunk, model))
                if not pending:
                    return
                yield from pending.popleft().result()
        finally:
            for waiting in pending:
                waiting.cancel()


def explain(
    text: str, *, model: Model | None = None, most: int = 6
) -> Iterator[tuple[Judgement, list[tuple[str, float]]]]:
    """Each judgement of a text with the features that carried it.

    The contribution of a feature is its value times its weight for the stance given, less the mean over the three
    stances; the contributions and the intercept's sum to the logit. The `most` largest are given, those against with
    a minus sign.
    """
    model = model or shipped_model()
    analysis = analyze(text, model=model)
    for sentence in analysis.document.sentences:
        within = [j for j in analysis.judgements if sentence.start <= j.target.start < sentence.end]
        reading = read(sentence, load_lexicon(model.card.get("tables")))
        spans = [_token_span(sentence, j.target.start, min(j.target.end, sentence.end)) for j in within]
        rows, _, _ = _scored([mentions(reading, spans)], model, named=True)
        for judgement, row in zip(within, rows, strict=True):
            column = STANCES.index(judgement.stance)
            weights = {
                name: model.joint.weights[model.joint.vocabulary[name]]
                for name in row
                if name in model.joint.vocabulary
            }
            shares = [(name, float(row[name] * (w[column] - w.mean()))) for name, w in weights.items()]
            yield judgement, sorted(shares, key=lambda share: -abs(share[1]))[:most]


def _analyze_chunk(texts: list[str], model: Model | None) -> list[Analysis]:
    return [analyze(text, model=model) for text in texts]


def _judged(
    mentioned: Sequence[Sequence[Mention]], text: str, model: Model, voices: Sequence[Sequence[Voice]]
) -> Iterator[Judgement]:
    _, chances, cast = _scored(mentioned, model)
    everyone = [(mention, its) for group, its in zip(mentioned, voices, strict=True) for mention in group]
    for (mention, heard), chance, its_votes in zip(everyone, chances.tolist(), cast, strict=True):
        stance = STANCES[max(range(3), key=chance.__getitem__)]
        evidence = carrier_of(mention, stance)
        yield Judgement(
            make_target(mention.reading, mention.first, mention.last, text),
            stance,
            dict(zip(_LABELS, chance, strict=True)),
            find_holder(mention, heard),
            _words(mention.reading, evidence.first, evidence.last, text) if evidence else "",
            its_votes,
            strength_of(mention, stance),
        )


def _scored(
    mentioned: Sequence[Sequence[Mention]], model: Model, *, named: bool = False
) -> tuple[list[dict[str, float]], Floats, list[dict[str, Stance]]]:
    """The features of all mentions if `named`, their probabilities (mentions, 3), and the votes."""
    everyone = [mention for group in mentioned for mention in group]
    for group in mentioned:
        for mention in sorted(group, key=lambda m: (m.first, -m.last)):
            votes(mention)  # from the left and the outside in, so that no vote has to wait for a long chain of others
    cast = [votes(mention) for mention in everyone]
    names = [feature_names(mention, its) for mention, its in zip(everyone, cast, strict=True)]
    encoded = encode(names, model.joint.vocabulary)
    alone = softmax(model.alone.sums(encoded) + model.alone.weights[-1])
    near: list[dict[str, float]] = []
    for group in mentioned:
        near += neighbour_features(group, alone[len(near) : len(near) + len(group)])
    logits = (
        model.joint.sums(encoded)
        + model.joint.sums(encode(near, model.joint.vocabulary, valued=True))
        + model.joint.weights[-1]
    )
    rows = [dict.fromkeys(row, 1.0) | more for row, more in zip(names, near, strict=True)] if named else []
    return rows, softmax(logits / model.temperature), cast


def _words(reading: Reading, first: int, last: int, text: str) -> str:
    return text[reading.tokens[first].start : reading.tokens[last - 1].end]


def _bounded(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Sentences no longer than can be read at once."""
    for sentence in sentences:
        tokens = sentence.tokens
        if len(tokens) <= _MOST_TOKENS:
            yield sentence
            continue
        for first in range(0, len(tokens), _MOST_TOKENS):
            part = tokens[first : first + _MOST_TOKENS]
            start, end = part[0].start, part[-1].end
            yield Sentence(sentence.text[start - sentence.start : end - sentence.start], start, end, part)


def _batches(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    batch: list[Sentence] = []
    size = 0
    for sentence in sentences:
        batch.append(sentence)
        size += len(sentence.tokens)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _checked_span(text: str, span: tuple[int, int]) -> tuple[int, int]:
    try:
        start, end = (index(value) for value in span)
    except (TypeError, ValueError):
        raise ValueError(f"span must be two whole numbers, got {span!r}; give start and end in characters") from None
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span must satisfy 0 <= start < end <= {len(text)}, got {(start, end)}; fix start and end")
    return start, end


def _sentence_at(document: Document, position: int) -> int:
    """The number of the sentence at a character, or the next one; -1 stands for no sentence at all."""
    for number, sentence in enumerate(document.sentences):
        if position < sentence.end:
            return number
    return len(document.sentences) - 1


def _joined(document: Document, first: int, last: int) -> Sentence:
    sentences = document.sentences[first : max(first, last) + 1]
    if first < 0 or not sentences:
        return Sentence("", 0, 0, ())
    start, end = sentences[0].start, sentences[-1].end
    return Sentence(document.text[start:end], start, end, tuple(token for s in sentences for token in s.tokens))


def _token_span(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The tokens that a span touches."""
    touched = token_span(sentence.tokens, start, end)
    if touched is None:
        raise ValueError(f"span must hold a word, got {(start, end)}; fix start and end")
    return touched
