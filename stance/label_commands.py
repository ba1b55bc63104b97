"""The subcommands about labels and models: convert, check, describe, suggest, agree, train, adapt, evaluate, model."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from stance import checking, score_figures
from stance.adaptation import adapt
from stance.agreement import Agreement, agreement
from stance.card import card_rows, compared_rows
from stance.console import check_any_read, choose_model, complain, entries, name_texts, reason_of, write
from stance.corpus import Unread
from stance.documents import write_lines
from stance.evaluation import calibration, changes, coverage, differences, measure, rule_scores, scores_of
from stance.frame import BINARY
from stance.labelled import load_records, read_labelled
from stance.learning_curve import CurvePoint, learning_curve
from stance.lexicon import Lexicon
from stance.model import load, save
from stance.outputs import replaced
from stance.progress import Progress
from stance.records import Record
from stance.rows import WRITERS as ROW_WRITERS
from stance.rows import describe, format_for
from stance.scoreboard import (
    Section,
    calibration_section,
    coverage_section,
    difference_sections,
    format_sections,
    rule_section,
    score_sections,
)
from stance.splitting import split
from stance.suggestion import candidates, suggest
from stance.table import aligned
from stance.terminal import paint_for
from stance.training import train
from stance.writers import WRITERS, losses, write_brat

_MOST_PROBLEMS = 200  # that are told one by one
_FORMAT_OF = {".txt": "marked", ".jsonl": "jsonl", ".json": "label-studio", ".csv": "csv", ".tsv": "tsv"}


def run_convert(options: argparse.Namespace) -> int:
    """Read labels in one format and write them in another."""
    chosen = _chosen_format(options)
    if Path(options.output).resolve() == Path(options.paths[0]).resolve():
        options.parser.error(f"{options.output}: output must not be the input; give another name")
    records = records_of(options)
    if options.split:
        records = _split(records)
    for name in losses(records, chosen):
        complain(f"note: {options.output}: {name} are lost, {chosen} has no place for them")
    _write_records(records, chosen, options.output)
    print(
        f"{options.output}: {len(records):,} sentences, {sum(len(r.targets) for r in records):,} targets",
        file=sys.stderr,
    )
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Tell all that is wrong or doubtful in labelled files."""
    problems, notes, placed = [], [], []
    for path in options.paths:
        try:
            labelled = read_labelled(path, format=options.source, labels=options.map)
        except (OSError, ValueError) as error:
            problems.append(reason_of(error))
            continue
        problems += labelled.problems
        notes += labelled.notes
        placed += checking.placed(labelled)
    warnings = list(checking.warnings(placed, apart=len(options.paths) > 1))
    sized = ((kind, lines) for kind, lines in (("error", problems), ("note", notes), ("warning", warnings)) if lines)
    write(f"{kind}: {line}" for kind, lines in sized for line in lines)
    targets = sum(len(each.record.targets) for each in placed)
    print(
        f"{len(placed):,} sentences, {targets:,} targets: {len(problems)} errors, {len(warnings)} warnings, "
        f"{len(notes)} notes",
        file=sys.stderr,
    )
    return 1 if problems or (options.strict and warnings) else 0


def run_describe(options: argparse.Namespace) -> int:
    """Count statements, sentences, targets and stances."""
    rows = [row._asdict() for row in describe(records_of(options))]
    _write_rows(rows, options.format)
    return 0


def run_suggest(options: argparse.Namespace) -> int:
    """Write the sentences most worth labelling next, with labels proposed."""
    ending = Path(options.output or "").suffix.lower()
    to = str(options.to or _FORMAT_OF.get(ending, "label-studio"))
    if not options.to and ending in BINARY:
        options.parser.error(f"-o {options.output}: output must end in {', '.join(_FORMAT_OF)}; rename it or add --to")
    model, failures, texts = choose_model(options), list[str](), list[tuple[str, str]]()
    names = name_texts(options, failures)
    taken = set(names)
    for name in names:
        for entry in entries(name, options.text_column, taken):
            taken.add(entry.name)
            if isinstance(entry, Unread):
                failures.append(entry.name)
                complain(reason_of(entry.error))
            else:
                texts.append((entry.name, entry.text))
    check_any_read(bool(texts), options, failures)
    found = candidates(texts, model)
    labelled = [record.text for record in records_of(options, options.labelled)]
    chosen = suggest(found, options.number, labelled)
    records = [each.record for each in chosen]
    write(WRITERS[to](records, True), options.output)
    print(f"{len(records)} of {len(found):,} sentences suggested", file=sys.stderr)
    return 1 if failures else 0


def run_agree(options: argparse.Namespace) -> int:
    """Tell how far annotators agree, and on what they do not."""
    names = _short_names(options.paths)
    annotators = {name: records_of(options, [path]) for name, path in zip(names, options.paths, strict=True)}
    made, disagreements = agreement(annotators)
    rows: list[dict[str, object]] = [
        {"id": each.id, "target": each.target, **each.said, "text": each.text} for each in disagreements
    ]
    sections = [*_agreement_sections(made), Section("disagreements", f"{len(rows)} targets on which they differ", rows)]
    write(format_sections(sections, options.format, paint_for(sys.stdout)))
    return 0


def run_train(options: argparse.Namespace) -> int:
    """Train a model and save it."""
    _check_folder(options)
    own = records_of(options)
    shipped = load_records() if options.add else []
    lexicon = Lexicon.read(options.lexicon) if options.lexicon else None
    print(f"training on {len(own) + len(shipped):,} sentences", file=sys.stderr)
    progress = Progress()
    model = train(
        [*own, *shipped],
        weights=[options.weight] * len(own) + [1.0] * len(shipped),
        lexicon=lexicon,
        seed=options.seed,
        progress=progress,
    )
    progress.clear()
    save(model, options.output)
    write(aligned(card_rows(model.card), paint_for(sys.stdout)))
    return 0


def _check_folder(options: argparse.Namespace) -> None:
    """Refuse, before all the work, a folder that a model cannot be written to."""
    folder = Path(options.output)
    if not options.output.strip() or folder.is_file():
        got = "a file" if options.output.strip() else "no name"
        options.parser.error(f"-o {options.output}: model must be a folder, got {got}; give another name")
    if getattr(options, "model", None) and folder.resolve() == Path(options.model).resolve():
        options.parser.error(f"-o {options.output}: model must not replace the one it comes from; give another name")
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not os.access(nearest, os.W_OK):
        options.parser.error(f"-o {options.output}: {nearest} must be writable, it is not; give another name")


def run_adapt(options: argparse.Namespace) -> int:
    """Move a model towards labelled sentences and save it."""
    _check_folder(options)
    progress = Progress()
    model = adapt(records_of(options), model=choose_model(options), seed=options.seed, progress=progress)
    progress.clear()
    save(model, options.output)
    told = model.card["adapted"]
    before, after = (told[when]["cross_validated_macro_f1"] for when in ("before", "after"))
    moved = "" if told["prior"] else "; nothing that was tried is better: the model stays as it was"
    print(f"macro-F1 on held-out statements of yours: {before:.3f} before, {after:.3f} after{moved}")
    write(aligned(card_rows(told), paint_for(sys.stdout)))
    return 0


def run_evaluate(options: argparse.Namespace) -> int:
    """Score a model, or two, on labelled sentences."""
    if options.figures:
        score_figures.check_page(options.figures)  # before all the work, as is the ending of the output
    chosen = options.format or _readable(options.output)
    records, model, progress = records_of(options), choose_model(options), Progress()
    measured = measure(model, records, lambda done: progress.count(done, len(records), "sentences"))
    scores, points = scores_of(measured, seed=options.seed), list[CurvePoint]()
    sections = score_sections(scores)
    if options.against:
        other = measure(choose_model(options, options.against), records)
        found = differences(measured, other, seed=options.seed)
        sections += difference_sections(found, *changes(measured, other))
    if options.rules:
        sections.append(rule_section(rule_scores(model, records)))
    if options.calibration:
        sections += [calibration_section(calibration(measured)), coverage_section(coverage(measured))]
    if options.learning_curve:
        points = learning_curve(records, seed=options.seed, progress=progress)
        heading = "macro-F1 on a held-out fifth of the statements, after learning from parts of the rest"
        sections.append(Section("learning_curve", heading, [point._asdict() for point in points]))
    progress.clear()
    if options.figures:
        title = f"{options.model or 'shipped model'} on {', '.join(_short_names(options.paths))}"
        score_figures.write_page(options.figures, score_figures.draw_page(scores, measured, points, title=title))
    write(format_sections(sections, chosen, paint_for(sys.stdout)), options.output)
    return 0


def run_model(options: argparse.Namespace) -> int:
    """Show the card of a model, or of two beside each other."""
    first = load(options.path)
    rows = compared_rows(first.card, load(options.other).card) if options.other else card_rows(first.card)
    _write_rows(rows, options.format)
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "convert": run_convert,
    "check": run_check,
    "describe": run_describe,
    "suggest": run_suggest,
    "agree": run_agree,
    "train": run_train,
    "adapt": run_adapt,
    "evaluate": run_evaluate,
    "model": run_model,
}


def records_of(options: argparse.Namespace, paths: Iterable[str] | None = None) -> list[Record]:
    """The records of all files; what was mended in them is told on standard error.

    Raises
    ------
    ValueError
        Naming every bad row of every file.
    """
    records: list[Record] = []
    problems: list[str] = []
    for path in options.paths if paths is None else paths:
        labelled = read_labelled(path, format=getattr(options, "source", None), labels=getattr(options, "map", None))
        records += labelled.records
        problems += labelled.problems
        for note in labelled.notes:
            complain(f"note: {note}")
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise ValueError("\n".join(problems[:_MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])))
    return records


def _chosen_format(options: argparse.Namespace) -> str:
    """The format to write: what --to says, brat for a folder, else what the ending says."""
    output = Path(options.output)
    chosen = options.to or ("brat" if output.is_dir() else _FORMAT_OF.get(output.suffix.lower(), ""))
    if not chosen:
        options.parser.error(f"{output}: format must be told by an ending or --to, got neither; add --to")
    return str(chosen)


def _split(records: Iterable[Record]) -> list[Record]:
    made: list[Record] = []
    for record in records:
        parts, notes = split(record)
        made += parts
        for note in notes:
            complain(f"note: {note}")
    return made


def _write_records(records: Sequence[Record], chosen: str, output: str) -> None:
    if chosen != "brat":
        write_lines(WRITERS[chosen](records, False), output)
        return
    Path(output).mkdir(parents=True, exist_ok=True)
    files = {
        Path(output, f"{name}{ending}"): lines
        for name, pair in write_brat(records).items()
        for ending, lines in zip((".txt", ".ann"), pair, strict=True)
    }
    with replaced(*files) as partials:  # offsets hold only within a pair
        for partial, lines in zip(partials, files.values(), strict=True):
            write_lines(lines, str(partial))


def _write_rows(rows: Sequence[Mapping[str, object]], chosen: str) -> None:
    paint = paint_for(sys.stdout)
    write(aligned(rows, paint) if chosen == "table" else ROW_WRITERS[chosen](rows, list(rows[0])))


def _agreement_sections(made: Agreement) -> list[Section]:
    heading = f"{len(made.annotators)} annotators, {made.sentences:,} common sentences, {made.targets:,} targets"
    alphas: list[dict[str, object]] = [
        {"Krippendorff's alpha": "of the stances on targets that two or more marked", "value": made.stance_alpha},
        {"Krippendorff's alpha": "of which words stand in a target", "value": made.span_alpha},
    ]
    return [
        Section("alpha", heading, alphas),
        Section(
            "pairs", "each two: F1 of spans, Cohen's kappa of stances, F1 of both", [p._asdict() for p in made.pairs]
        ),
    ]


def _short_names(paths: Sequence[str]) -> list[str]:
    """The names of the files without folders and endings where these tell them apart."""
    stems = [Path(path).stem for path in paths]
    return stems if len(set(stems)) == len(stems) else list(paths)


def _readable(output: str | None) -> str:
    chosen = format_for(output)
    if chosen not in ("json", "markdown", "table"):
        raise ValueError(
            f"{output}: ending must be one of .json, .md, .txt, got {Path(str(output)).suffix!r}; name it so"
        )
    return chosen
