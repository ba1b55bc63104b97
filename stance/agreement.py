"""The same sentences labelled by several people -> how far they agree, and where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from nltk.metrics.agreement import AnnotationTask

from stance.document import STANCES
from stance.records import LabelledTarget, Record
from stance.segmentation import token_span, tokenize
from stance.targets import match_spans

_NONE = "none"  # what an annotator says of a target that another marked


class Pair(NamedTuple):
    """Two annotators: how many targets each marked, the F1 of their spans, and the agreement on what both marked."""

    first: str
    second: str
    sentences: int
    targets_first: int
    targets_second: int
    matched: int
    span_f1: float
    exact_span_f1: float
    stance_kappa: float | None
    end_to_end_f1: float


class Agreement(NamedTuple):
    """Krippendorff's alpha over all annotators, and the agreement of each two.

    `stance_alpha` is for targets that two or more marked, `span_alpha` for all words: whether they stand in a target.
    None where nothing varies.
    """

    annotators: list[str]
    sentences: int
    targets: int
    stance_alpha: float | None
    span_alpha: float | None
    pairs: list[Pair]


class Disagreement(NamedTuple):
    """A target on which annotators differ: what each says, "none" for who did not mark it."""

    id: str
    target: str
    said: Mapping[str, str]
    text: str


class _Item(NamedTuple):
    """One target: its sentence and the mark of each annotator who made one."""

    record: Record
    marks: dict[str, LabelledTarget]


def agreement(annotators: Mapping[str, Sequence[Record]]) -> tuple[Agreement, list[Disagreement]]:
    """How far two or more annotators agree, and the targets on which they do not.

    Targets of two annotators are one where they overlap by half, intersection over union, one to one. Sentences are
    matched by their text; those that not all have are passed over.

    Raises
    ------
    ValueError
        Where fewer than two annotators, or no common sentences, are given.
    """
    if len(annotators) < 2:
        raise ValueError(f"annotators must be at least two, got {len(annotators)}; give a file of each")
    by_text = {name: {record.text: record for record in records} for name, records in annotators.items()}
    common = [text for text in next(iter(by_text.values())) if all(text in its for its in by_text.values())]
    if not common:
        raise ValueError(
            f"annotators must share sentences, got none in all of {', '.join(annotators)}; give files of the same texts"
        )
    items = [item for text in common for item in _items({name: by_text[name][text] for name in by_text})]
    names = list(annotators)
    made = Agreement(
        names,
        len(common),
        len(items),
        _alpha(names, [{n: str(m.stance) for n, m in item.marks.items()} for item in items if len(item.marks) > 1]),
        _alpha(names, [word for text in common for word in _words({n: by_text[n][text] for n in names})]),
        [
            _pair(a, b, [by_text[a][text] for text in common], [by_text[b][text] for text in common])
            for a, b in combinations(names, 2)
        ],
    )
    return made, [_disagreement(item, names) for item in items if _differs(item, names)]


def _items(records: Mapping[str, Record]) -> list[_Item]:
    """The targets of one sentence; those of each further annotator are matched with all known ones."""
    items: list[_Item] = []
    for name, record in records.items():
        known = [next(iter(item.marks.values())) for item in items]
        pairs = match_spans([(t.start, t.end) for t in known], record.spans)
        for i, j in pairs:
            items[i].marks[name] = record.targets[j]
        matched = {j for _, j in pairs}
        items += [_Item(record, {name: target}) for j, target in enumerate(record.targets) if j not in matched]
    return sorted(items, key=lambda item: min((t.start, -t.end) for t in item.marks.values()))


def _words(records: Mapping[str, Record]) -> Iterator[dict[str, str]]:
    """For each word of one sentence whether it stands in a target of each annotator."""
    tokens = tokenize(next(iter(records.values())).text)
    inside = {
        name: {word for start, end in record.spans for word in range(*(token_span(tokens, start, end) or (0, 0)))}
        for name, record in records.items()
    }
    for word in range(len(tokens)):
        yield {name: "inside" if word in its else "outside" for name, its in inside.items()}


def _alpha(names: Sequence[str], answers: Sequence[Mapping[str, str]]) -> float | None:
    """Krippendorff's alpha for nominal values; None where there is only one value."""
    if len({value for answer in answers for value in answer.values()}) < 2:
        return None
    data = [(name, str(n), answer[name]) for n, answer in enumerate(answers) for name in names if name in answer]
    return float(AnnotationTask(data=data).alpha())


def _pair(first: str, second: str, ones: Sequence[Record], others: Sequence[Record]) -> Pair:
    matched: list[tuple[LabelledTarget, LabelledTarget]] = []
    exact = 0
    for one, other in zip(ones, others, strict=True):
        pairs = match_spans(one.spans, other.spans)
        matched += [(one.targets[i], other.targets[j]) for i, j in pairs]
        exact += len(set(one.spans) & set(other.spans))
    left, right = (sum(len(record.targets) for record in records) for records in (ones, others))
    same = sum(a.stance is b.stance for a, b in matched)
    share = 2 / max(left + right, 1)
    kappa = _kappa([(str(a.stance), str(b.stance)) for a, b in matched])
    return Pair(
        first, second, len(ones), left, right, len(matched), len(matched) * share, exact * share, kappa, same * share
    )


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa; None where there is only one value."""
    if len({value for pair in pairs for value in pair}) < 2:
        return None
    data = [(coder, str(n), value) for n, pair in enumerate(pairs) for coder, value in zip("ab", pair, strict=True)]
    return float(AnnotationTask(data=data).kappa_pairwise("a", "b"))


def _differs(item: _Item, names: Sequence[str]) -> bool:
    return len(item.marks) < len(names) or len({mark.stance for mark in item.marks.values()}) > 1


def _disagreement(item: _Item, names: Sequence[str]) -> Disagreement:
    mark = next(iter(item.marks.values()))
    said = {name: str(item.marks[name].stance) if name in item.marks else _NONE for name in names}
    return Disagreement(item.record.id, item.record.text[mark.start : mark.end], said, item.record.text)


def confusion(disagreements: Sequence[Disagreement]) -> dict[tuple[str, str], int]:
    """How often which two answers met in disagreements, over all pairs of annotators; the commonest first."""
    order = [*map(str, STANCES), _NONE]
    counts: dict[tuple[str, str], int] = {}
    for each in disagreements:
        for a, b in combinations(each.said.values(), 2):
            if a != b:
                key = (a, b) if order.index(a) < order.index(b) else (b, a)
                counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
