"""The learned judge as an ordinary scikit-learn estimator: rows of text, start and end in, stances out.

`train` fits the same steps on records; here they stand alone, for searches and comparisons of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import Any, Self

from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from stance.document import Stance
from stance.examples import examples
from stance.fitting import make_steps
from stance.lexicon import Lexicon
from stance.records import LabelledTarget, Record
from stance.segmentation import token_span, tokenize

COLUMNS = ("text", "start", "end")


class TargetFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Rows of text, start and end -> features of each target; the targets of one text are neighbours.

    Parameters
    ----------
    lexicon
        Word tables to read with; the shipped ones if None.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Check the rows; there is nothing to learn."""
        target_rows(X)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Always: the features come from the tables."""
        return True

    def transform(self, X: Any) -> csr_matrix:
        """The features of each row, shape (rows, BUCKETS).

        Raises
        ------
        ValueError
            Where a row has no text, or a span that is empty, outside it or without a word.
        """
        rows = target_rows(X)
        spans: dict[str, dict[tuple[int, int], None]] = {}
        for text, start, end in rows:
            spans.setdefault(text, {})[start, end] = None
        records = [
            Record(str(n), text, tuple(LabelledTarget(start, end, Stance.NEUTRAL) for start, end in its))
            for n, (text, its) in enumerate(spans.items())
        ]
        made = examples(records, self.lexicon)
        place: dict[tuple[str, tuple[int, int]], int] = {}
        for record, touched in zip(records, made.spans, strict=True):
            for span in touched:
                place[record.text, span] = len(place)
        tokens = {record.text: tokenize(record.text) for record in records}
        found = []
        for number, (text, start, end) in enumerate(rows):
            touched_by = token_span(tokens[text], start, end)
            if touched_by is None:
                raise ValueError(f"X: row {number}: span must hold a word, got {(start, end)}; fix start and end")
            found.append(place[text, touched_by])
        return made.X[found]


def make_pipeline(C: float = 0.3, min_count: int = 3, lexicon: Lexicon | None = None) -> Pipeline:
    """An untrained scikit-learn pipeline from targets to stances.

    It takes a DataFrame with the columns text, start and end, or rows of these three. `train(records, pipeline=...)`
    fits and freezes one into a model.

    Parameters
    ----------
    C
        Inverse strength of the L2 penalty.
    min_count
        Rows in which a feature must occur to count.
    lexicon
        Word tables to read with; the shipped ones if None.

    Examples
    --------
    >>> X = [("We condemn it.", 11, 13), ("We welcome it.", 11, 13)]
    >>> make_pipeline(min_count=1).fit(X, ["condemn", "support"]).predict(X).tolist()
    ['condemn', 'support']
    """
    return Pipeline([("features", TargetFeatures(lexicon)), *make_steps(C, min_count).steps])


def target_rows(X: Any) -> list[tuple[str, int, int]]:
    """The rows of a DataFrame, or of anything else that gives rows of text, start and end.

    Raises
    ------
    ValueError
        Where a column is missing, or a row has no text or a span that is empty or outside it.
    """
    if hasattr(X, "columns"):
        missing = [name for name in COLUMNS if name not in X.columns]
        if missing:
            raise ValueError(f"X: must have the columns text, start and end, got {list(X.columns)!r}; add {missing}")
        rows: Iterable[Any] = zip(*(X[name].tolist() for name in COLUMNS), strict=True)
    else:
        rows = (tuple(row[name] for name in COLUMNS) if isinstance(row, Mapping) else row for row in X)
    return [_checked_row(number, row) for number, row in enumerate(rows)]


def _checked_row(number: int, row: Any) -> tuple[str, int, int]:
    try:
        text, start, end = row
        start, end = index(start), index(end)
    except (TypeError, ValueError):
        raise ValueError(f"X: row {number}: must be text, start and end, got {row!r:.60}; fix the row") from None
    if not isinstance(text, str) or not 0 <= start < end <= len(text):
        raise ValueError(
            f"X: row {number}: span must satisfy 0 <= start < end <= length of the text, got {(start, end)}; fix it"
        )
    return text, start, end


def records_to_rows(records: Iterable[Record]) -> tuple[list[tuple[str, int, int]], list[str], list[str]]:
    """Records as `X`, `y` and `groups` for scikit-learn: rows of text, start and end; stances; statements.

    >>> from stance.records import parse_marked
    >>> records_to_rows([Record("r", *parse_marked("We condemn [-it]."), "s")])
    ([('We condemn it.', 11, 13)], ['condemn'], ['s'])
    """
    rows = [(record, target) for record in records for target in record.targets]
    return (
        [(record.text, target.start, target.end) for record, target in rows],
        [str(target.stance) for _, target in rows],
        [record.statement or record.id for record, _ in rows],
    )
