"""Analyses -> one HTML page that holds everything it needs: the texts with their targets, tables, filters."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from stance.cues import read
from stance.document import STANCES, Analysis, Judgement, Sentence
from stance.lexicon import load_lexicon
from stance.markup import Span, marked_up
from stance.model import shipped_model
from stance.passages import Passage, passages
from stance.rows import STANCES_AS_READ, Row, rows_of
from stance.rules import RULES
from stance.terminal import escape, one_line

if TYPE_CHECKING:
    from jinja2 import Environment

SIGNS = {"support": "▲", "condemn": "▼", "neutral": "○"}
_Tables = dict[str, dict[object, int]]
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


def to_html(analyses: Analysis | Iterable[Analysis], *, names: Sequence[str] = (), title: str = "") -> str:
    """One self-contained HTML page: the texts with their targets marked, a table of targets, filters.

    Parameters
    ----------
    analyses
        One or more; they appear in this order.
    names
        What each is called, such as its file; by default its title.
    title
        The heading of the page; by default the title of the only text, or how many there are.

    Raises
    ------
    ImportError
        Where Jinja2 is not installed.
    ValueError
        Where there are no analyses, or not one name for each.
    """
    environment = _environment()
    listed = [analyses] if isinstance(analyses, Analysis) else list(analyses)
    if not listed:
        raise ValueError("analyses must be at least one, got none; analyse a text first")
    if names and len(names) != len(listed):
        raise ValueError(f"names must be {len(listed)}, one an analysis, got {len(names)}; give all or none")
    called = list(names) or [a.facts.title or f"text {number}" for number, a in enumerate(listed, 1)]
    rows = [list(rows_of(name, analysis)) for name, analysis in zip(called, listed, strict=True)]
    groups = _groups(rows)
    texts = list(_texts(called, listed, rows))
    style, script = _part("report.css"), _part("report.js")
    page = environment.get_template("report.html.j2").render(
        title=title or (_title(texts[0]) if len(texts) == 1 else f"{len(texts)} statements"),
        texts=texts,
        groups=list(groups.values()),
        most=max([1, *(max(group.counts[:2]) for group in groups.values())]),
        counts=_counted(row for each in rows for row in each),
        signs=SIGNS,
        data=_data(listed, rows, groups),
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


def _key(row: Row) -> str:
    return f"id {row.id}" if row.id else one_line(row.target).casefold()


def _groups(rows: Iterable[Iterable[Row]]) -> dict[str, Group]:
    """The targets of all documents, those with most verdicts first."""
    grouped: dict[str, list[Row]] = {}
    for row in (row for each in rows for row in each):
        grouped.setdefault(_key(row), []).append(row)
    made = {key: _group(members) for key, members in grouped.items()}
    ordered = sorted(made, key=lambda key: (-made[key].counts.support - made[key].counts.condemn, made[key].label))
    return {key: made[key]._replace(number=number) for number, key in enumerate(ordered)}


def _group(rows: Sequence[Row]) -> Group:
    wordings = Counter(one_line(row.target) for row in rows)
    verdicts = [row.strength for row in rows if row.stance != "neutral"]
    return Group(
        0,
        min(wordings, key=lambda wording: (-wordings[wording], wording)),
        rows[0].id or "",
        rows[0].kind,
        _counted(rows),
        sum(verdicts) / len(verdicts) if verdicts else 0.0,
        len({row.file for row in rows}),
    )


def _texts(names: Sequence[str], analyses: Sequence[Analysis], rows: Sequence[Sequence[Row]]) -> Iterator[Text]:
    offset = 0
    for number, (name, analysis, its_rows) in enumerate(zip(names, analyses, rows, strict=True)):
        facts = analysis.facts
        yield Text(
            number,
            name,
            one_line(facts.title),
            facts.date.isoformat() if facts.date else "",
            ", ".join(one_line(issuer.text) for issuer in facts.issuers),
            facts.kind,
            sum(token.text[0].isalnum() for token in analysis.document.tokens),
            _counted(its_rows),
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


def _data(
    analyses: Sequence[Analysis], rows: Sequence[Sequence[Row]], groups: Mapping[str, Group]
) -> dict[str, object]:
    """What the script of the page knows: strings once each, and a list of numbers for each judgement."""
    tables: _Tables = {"holders": {}, "evidence": {}, "votes": {}}
    sentences: list[object] = []
    judgements: list[object] = []
    for document, (analysis, its_rows) in enumerate(zip(analyses, rows, strict=True)):
        offset = len(sentences) - 1
        sentences += [[sentence.text, _cues(sentence)] for sentence in analysis.document.sentences]
        judgements += [
            [document, groups[_key(row)].number, offset + row.sentence_number, *_numbers(judgement, row, tables)]
            for judgement, row in zip(analysis.judgements, its_rows, strict=True)
        ]
    return {
        "groups": [(group.label, group.id, group.kind) for group in groups.values()],
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
    lexicon = load_lexicon(shipped_model().card.get("tables"))  # the one that the analysis has in memory, most likely
    for cue in read(sentence, lexicon).cues:
        entry = cue.entry
        name = "reverser" if entry.table == "reversers" else str(entry.stance or "") or entry.group
        start, end = sentence.tokens[cue.first].start, sentence.tokens[cue.last - 1].end
        text = sentence.text
        found.append((_units(text, start - sentence.start), _units(text, end - sentence.start), name))
    return found


def _units(text: str, position: int) -> int:
    """A position in characters as one in UTF-16 units, in which the script counts."""
    part = text[:position]
    return len(part) if part.isascii() else len(part.encode("utf-16-le", "surrogatepass")) // 2
