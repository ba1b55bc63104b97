"""Analyses -> one HTML page that holds everything it needs: the texts with their targets, tables, filters."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from stance.document import Analysis, Judgement
from stance.markup import Span, marked_up
from stance.matching import keys_of, most_frequent
from stance.passages import Passage, passages
from stance.report_data import page_data
from stance.report_series import make_series
from stance.rows import STANCES_AS_READ, Row, named, rows_of
from stance.terminal import escape, one_line

if TYPE_CHECKING:
    from jinja2 import Environment

SIGNS = {"support": "▲", "condemn": "▼", "neutral": "○", "mixed": "◆"}
_DEEPEST = 4  # levels of nested targets that have a line of their own under the words


class Counts(NamedTuple):
    """How many judgements gave each stance."""

    support: int
    condemn: int
    neutral: int

    @property
    def total(self) -> int:
        """All judgements."""
        return sum(self)

    @property
    def net(self) -> float:
        """Supports less condemnations, as a share of all, -1..1."""
        return (self.support - self.condemn) / max(self.total, 1)


class Group(NamedTuple):
    """The judgements on one target under all its names; `strength` is the mean of its verdicts, 0 without any."""

    number: int
    label: str
    id: str
    kind: str
    counts: Counts
    strength: float
    documents: int


class Text(NamedTuple):
    """One document as the page shows it: its passages are safe HTML."""

    number: int
    name: str
    title: str
    date: str
    issuers: str
    kind: str
    words: int
    counts: Counts
    passages: Sequence[tuple[Passage, str]]


def to_html(analyses: Analysis | Mapping[str, Analysis] | Iterable[Analysis], *, title: str = "") -> str:
    """One self-contained HTML page: the texts with their targets marked, a table of targets, filters.

    Parameters
    ----------
    analyses
        One or more, by the name of their document if you have it; they appear in this order.
    title
        The heading of the page; by default the title of the only text, or how many there are.

    Raises
    ------
    ImportError
        Where Jinja2 is not installed.
    ValueError
        Where there are no analyses.
    """
    environment = _environment()
    by_name = named(analyses)
    if not by_name:
        raise ValueError("analyses must be at least one, got none; analyse a text first")
    rows = {name: list(rows_of(name, analysis)) for name, analysis in by_name.items()}
    everything = [row for each in rows.values() for row in each]
    groups, numbers = _groups(everything)
    texts = list(_texts(by_name, rows))
    style, script = _part("report.css"), _part("report.js")
    page = environment.get_template("report.html.j2").render(
        title=title or (_title(texts[0]) if len(texts) == 1 else f"{len(texts)} statements"),
        texts=texts,
        groups=groups,
        most=max([1, *(max(group.counts[:2]) for group in groups)]),
        counts=_counted(everything),
        series=make_series(by_name, everything),
        signs=SIGNS,
        data=page_data(by_name.values(), everything, numbers, [(g.label, g.id, g.kind) for g in groups]),
        style=style,
        script=script,
        policy=_policy(style, script),
    )
    return escape(page)


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise ImportError("report: Jinja2 must be installed; pip install 'joint-stance[report]'") from None
    environment = Environment(
        loader=PackageLoader("stance"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment


def _part(name: str) -> str:
    return resources.files("stance").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """The content security policy: this style and this script run, and nothing is fetched from anywhere."""
    digests = (base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (style, script))
    style_digest, script_digest = digests
    return (
        f"default-src 'none'; style-src 'sha256-{style_digest}'; script-src 'sha256-{script_digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _title(text: Text) -> str:
    return text.title or text.name


def _counted(rows: Iterable[Row]) -> Counts:
    count = Counter(row.stance for row in rows)
    return Counts(*(count[stance] for stance in STANCES_AS_READ))


def _groups(rows: Sequence[Row]) -> tuple[list[Group], list[int]]:
    """The targets, those with most verdicts first, and for each row the number of its target."""
    keys = keys_of(rows)
    grouped: dict[str, list[Row]] = {}
    for key, row in zip(keys, rows, strict=True):
        grouped.setdefault(key, []).append(row)
    made = {key: _group(members) for key, members in grouped.items()}
    ordered = sorted(made, key=lambda key: (-made[key].counts.support - made[key].counts.condemn, made[key].label))
    numbers = {key: number for number, key in enumerate(ordered)}
    return [made[key]._replace(number=number) for key, number in numbers.items()], [numbers[key] for key in keys]


def _group(rows: Sequence[Row]) -> Group:
    wordings = Counter(one_line(row.target) for row in rows)
    verdicts = [row.strength for row in rows if row.stance != "neutral"]
    return Group(
        0,
        most_frequent(wordings),
        next((row.id for row in rows if row.id), ""),
        rows[0].kind,
        _counted(rows),
        sum(verdicts) / len(verdicts) if verdicts else 0.0,
        len({row.file for row in rows}),
    )


def _texts(analyses: Mapping[str, Analysis], rows: Mapping[str, Sequence[Row]]) -> Iterator[Text]:
    offset = 0
    for number, (name, analysis) in enumerate(analyses.items()):
        facts = analysis.facts
        yield Text(
            number,
            name,
            one_line(facts.title),
            facts.date.isoformat() if facts.date else "",
            ", ".join(one_line(issuer.text) for issuer in facts.issuers),
            facts.kind,
            sum(token.text[0].isalnum() for token in analysis.document.tokens),
            _counted(rows[name]),
            list(_marked_passages(analysis, offset)),
        )
        offset += len(analysis)


def _marked_passages(analysis: Analysis, offset: int) -> Iterator[tuple[Passage, str]]:
    """Each passage with its HTML; marks bear the number of their judgement among those of all documents."""
    text = analysis.document.text
    spans = [
        Span(j.target.start, j.target.end, _opening(j, height, offset + number))
        for number, (j, height) in enumerate(zip(analysis.judgements, _heights(analysis.judgements), strict=True))
    ]
    first = 0
    for passage in passages(analysis.document):
        while first < len(spans) and spans[first].end <= passage.start:
            first += 1
        last = first
        while last < len(spans) and spans[last].start < passage.end:
            last += 1
        yield passage, marked_up(text, spans[first:last], passage.start, passage.end)


def _opening(judgement: Judgement, height: int, number: int) -> str:
    level = f" n{min(height, _DEEPEST)}" if height else ""
    return f'<mark class="{judgement.stance} s{judgement.strength}{level}" data-j="{number}" tabindex="-1">'


def _heights(judgements: Sequence[Judgement]) -> list[int]:
    """How many levels of targets stand within each."""
    heights = [0] * len(judgements)
    opened: list[int] = []
    for number, judgement in enumerate(judgements):
        while opened and judgements[opened[-1]].target.end <= judgement.target.start:
            opened.pop()
        for level, outer in enumerate(reversed(opened), 1):
            heights[outer] = max(heights[outer], level)
        opened.append(number)
    return heights
