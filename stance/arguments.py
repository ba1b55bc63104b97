"""The subcommands of `stance`: their arguments, and the help that shows them by example."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

from stance.aggregation import FACETS
from stance.document import STANCES
from stance.word_tables import ACTOR_CLASSES

FIGURES = ("matrix", "timeline", "bars", "slopes")
FORMATS = ("table", "csv", "jsonl", "json", "markdown")
SECTION_FORMATS = ("table", "json", "markdown")
LABEL_FORMATS = ("marked", "jsonl", "csv", "tsv", "label-studio", "doccano", "prodigy", "brat", "newsmtsc")


class _Subcommand(NamedTuple):
    """What the help says of a subcommand, what adds its arguments, and examples, the simplest first."""

    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    examples: tuple[str, ...]


def make_parser(version: str) -> argparse.ArgumentParser:
    """The parser of the command line; it leaves the name of the subcommand in `command`, and its parser in `parser`."""
    first = "\n".join(f"  {subcommand.examples[0]}" for subcommand in _SUBCOMMANDS.values())
    parser = argparse.ArgumentParser(
        prog="stance",
        description="Who backs, who condemns, what is merely mentioned: targets and stances in diplomatic statements.",
        epilog=f"examples:\n{first}\n\n`stance COMMAND --help` shows more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"stance {version}")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for name, subcommand in _SUBCOMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=subcommand.summary,
            description=f"{subcommand.summary[0].upper()}{subcommand.summary[1:]}.",
            epilog="\n  ".join(("examples:", *subcommand.examples)),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        subcommand.add_arguments(subparser)
        subparser.set_defaults(parser=subparser)
    return parser


def _add_score(parser: argparse.ArgumentParser) -> None:
    _add_texts(parser)
    parser.add_argument("--format", choices=FORMATS, help="default: what the ending of OUT says, else table")
    parser.add_argument("--min-confidence", type=_share, default=0.0, metavar="P", help="leave out what is below, 0..1")
    parser.add_argument("--stance", action="append", choices=list(map(str, STANCES)), help="only this; may be repeated")
    parser.add_argument("--target", action="append", metavar="TEXT", help="only with this id or word; may be repeated")
    parser.add_argument("--no-neutral", action="store_true", help="leave out what is merely mentioned")
    parser.add_argument("--summary", action="store_true", help="count the stances on each target, over all files")
    _add_model(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file, which changes only once all is done")


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_texts(parser)
    parser.add_argument("--title", default="", help="heading of the page; default: the title of the only text")
    _add_model(parser)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="HTML file to write")


def _add_texts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="FILE", help="text, web page, PDF or Word file, a folder, or -")
    parser.add_argument("--manifest", metavar="CSV", help="file,date,issuers,title: what you know of the texts")
    parser.add_argument("--text-column", metavar="NAME", help="read each row of a .csv, .tsv or .jsonl FILE as a text")


def _add_table(parser: argparse.ArgumentParser) -> None:
    _add_texts(parser)
    _add_model(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help=".csv, .jsonl, .json, .md, .parquet or .xlsx; else CSV")


def _add_actors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORDS", help="an id, a name or the start of one; default: all")
    parser.add_argument("--kind", choices=sorted(ACTOR_CLASSES), help="only these")
    _add_lexicon(parser)
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file")


def _add_aggregate(parser: argparse.ArgumentParser) -> None:
    _add_several(parser, least=0.0)
    parser.add_argument("--by", default="target", metavar="FACET,...", help=f"some of {', '.join(FACETS)}")
    parser.add_argument("--min-support", type=_count, default=5, metavar="N", help="mark groups with fewer judgements")
    parser.add_argument("--most", type=_count, metavar="N", help="show only the first N groups")


def _add_compare(parser: argparse.ArgumentParser) -> None:
    _add_several(parser, least=0.8)
    parser.add_argument("--readouts", action="store_true", help="name the changes as between read-outs of one meeting")
    parser.add_argument("--most", type=_count, metavar="N", help="show only the N weightiest changes")


def _add_trace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("phrase", metavar="PHRASE", help="the words to look for")
    _add_several(parser, least=0.0)
    parser.add_argument("--exact", action="store_true", help="find the words with just these endings")


def _add_ladder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ladder", metavar="LADDER", help="table of target, step, phrase with tabs between")
    _add_several(parser, least=0.0)


def _add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("figure", choices=FIGURES, help="what to draw")
    _add_several(parser, least=0.0)
    parser.add_argument(
        "--by", metavar="FACET,...", help="matrix: two facets; timeline: month or year; bars: one or two"
    )
    parser.add_argument("--most", type=_count, default=16, metavar="N", help="rows, columns, bars or slopes at most")
    parser.add_argument("--title", default="", help="what stands above the figure")


def _add_several(parser: argparse.ArgumentParser, least: float) -> None:
    """The arguments of all commands that set several texts side by side."""
    _add_texts(parser)
    parser.add_argument("--target", action="append", metavar="TEXT", help="only with this id or word; may be repeated")
    parser.add_argument("--min-confidence", type=_share, default=least, metavar="P", help=f"0..1, default {least}")
    parser.add_argument("--format", choices=FORMATS, help="default: what the ending of OUT says, else table")
    _add_model(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, got {text!r}")
    return int(text)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    _add_text(parser)
    _add_model(parser)


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE", help="text file, or - for standard input")


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs=1, metavar="IN", help="labelled file or folder")
    parser.add_argument("output", metavar="OUT", help="file to write, or for brat a folder")
    _add_source(parser)
    parser.add_argument("--to", choices=LABEL_FORMATS, help="default: what the ending of OUT says")
    parser.add_argument("--split", action="store_true", help="cut texts of several sentences into sentences")


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    parser.add_argument("--strict", action="store_true", help="end with 1 where there are warnings too")


def _add_suggest(parser: argparse.ArgumentParser) -> None:
    _add_texts(parser)
    parser.add_argument("-n", "--number", type=_count, default=50, metavar="N", help="how many sentences; default 50")
    to = ("label-studio", "doccano", "prodigy", "csv", "jsonl", "marked")
    parser.add_argument("--to", choices=to, help="default: what the ending of OUT says, else label-studio")
    parser.add_argument("--labelled", action="append", default=[], metavar="FILE", help="labelled already; repeatable")
    _add_model(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file")


def _add_agree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="FILE", help="the labels of each annotator, two files or more")
    _add_source(parser)
    parser.add_argument("--format", choices=SECTION_FORMATS, default="table")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    parser.add_argument("-o", "--output", required=True, metavar="MODEL", help="folder to write the model to")
    parser.add_argument("--add", action="store_true", help="add them to the sentences of the package")
    parser.add_argument(
        "--weight",
        type=_positive,
        default=1.0,
        metavar="W",
        help="how much each of yours counts beside ours",
    )
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of the folds and intervals; default 0")
    _add_lexicon(parser)


def _add_adapt(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    _add_model(parser)
    parser.add_argument("-o", "--output", required=True, metavar="MODEL", help="folder to write the model to")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of the folds and intervals; default 0")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    _add_model(parser)
    parser.add_argument("--against", metavar="PATH", help="a second model: differences, gains and losses")
    parser.add_argument("--rules", action="store_true", help="show how often each rule voted, was right, was overruled")
    parser.add_argument("--calibration", action="store_true", help="show how often a confidence is right")
    parser.add_argument(
        "--learning-curve", action="store_true", help="train on parts of these sentences: would more labels help?"
    )
    parser.add_argument("--figures", metavar="PAGE", help="draw a page of figures too: .pdf, .png or .svg")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of the draws; default 0")
    parser.add_argument("--format", choices=SECTION_FORMATS, help="default: what the ending of OUT says, else table")
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file")


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="MODEL", help="folder of a trained model; default: the shipped one")
    parser.add_argument("other", nargs="?", metavar="OTHER", help="a second model to compare it with")
    parser.add_argument("--format", choices=FORMATS, default="table")


def _add_describe(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    parser.add_argument("--format", choices=FORMATS, default="table")


def _add_records(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="FILE", help="labelled file, or folder of them")
    _add_source(parser)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="source", choices=LABEL_FORMATS, help="format of the labels; default: told by the file itself"
    )
    parser.add_argument(
        "--map",
        type=_mapping,
        action=_Mapping,
        metavar="LABEL=STANCE",
        help="what a label means: a stance, a kind, holder, or - for nothing; repeatable",
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="PATH", help="folder of a trained model; default: the shipped one")
    _add_lexicon(parser)


def _add_lexicon(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lexicon", metavar="DIR", help="folder with tables of your own, such as actors.tsv")


class _Mapping(argparse.Action):
    """Collects pairs into a dictionary."""

    def __call__(
        self, _parser: argparse.ArgumentParser, options: argparse.Namespace, values: Any, _option: str | None = None
    ) -> None:
        """Add one pair."""
        setattr(options, self.dest, dict(getattr(options, self.dest) or {}) | {values[0]: values[1]})


def _mapping(text: str) -> tuple[str, str]:
    label, sign, meaning = text.rpartition("=")
    if not label or not sign or not meaning:
        raise argparse.ArgumentTypeError(f"must be LABEL=STANCE, got {text!r}")
    return label, meaning


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text!r}")
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number in 0..1, got {text!r}")
    return value


_SUBCOMMANDS = {
    "score": _Subcommand(
        "show the targets of texts, the stance on each, and the words that carry it",
        _add_score,
        (
            "stance score statement.txt",
            "stance score statements/ --no-neutral --min-confidence 0.6",
            "stance score statements/ --target CHN --target Taiwan",
            "stance score statements/ --summary -o counts.csv",
            "pdftotext communique.pdf - | stance score - --format jsonl",
        ),
    ),
    "report": _Subcommand(
        "write one HTML page with the marked texts, a table of targets and filters, to be opened in a browser",
        _add_report,
        (
            "stance report statement.txt -o report.html",
            "stance report statements/ -o report.html --title 'G7 since 2021'",
        ),
    ),
    "table": _Subcommand(
        "write one row for each judgement: document, date, issuers, holder, target, stance, strength, sentence",
        _add_table,
        (
            "stance table statements/ -o stances.csv",
            "stance table statements/ -o stances.xlsx --manifest facts.csv",
            "stance table speeches.csv --text-column text -o stances.csv",
            "stance table statements/ -o stances.parquet --lexicon my-tables/",
        ),
    ),
    "actors": _Subcommand(
        "list and search the actors that are known, with their ids",
        _add_actors,
        ("stance actors kremlin", "stance actors --kind alliance", "stance actors elm --lexicon my-tables/"),
    ),
    "aggregate": _Subcommand(
        "count the stances by target, holder, issuer, document or time, with shares and their intervals",
        _add_aggregate,
        (
            "stance aggregate statements/",
            "stance aggregate statements/ --by issuer,target --min-support 10",
            "stance aggregate stances.csv --by target,year",
            "stance aggregate statements/ --by target,year --target RUS -o russia.csv",
        ),
    ),
    "compare": _Subcommand(
        "show what two texts say differently, with both quotes; of more than two, the stances of each in turn",
        _add_compare,
        (
            "stance compare before.txt after.txt",
            "stance compare ours.txt theirs.txt --readouts",
            "stance compare 2021.txt 2022.txt 2023.txt --target CHN -o china.csv",
        ),
    ),
    "trace": _Subcommand(
        "show which text used a phrase first, and which use it at all",
        _add_trace,
        (
            'stance trace "free and open Indo-Pacific" statements/',
            'stance trace "strategic partner" statements/ --exact',
        ),
    ),
    "ladder": _Subcommand(
        "show on which rung of a ladder of your own each text stands towards a target",
        _add_ladder,
        ("stance ladder ladder.tsv statements/", "stance ladder ladder.tsv statements/ -o rungs.csv"),
    ),
    "plot": _Subcommand(
        "draw a figure: matrix of issuers and targets, timeline, bars per target, slopes between two texts",
        _add_plot,
        (
            "stance plot matrix statements/ -o matrix.png",
            "stance plot timeline statements/ --target RUS -o russia.pdf",
            "stance plot bars statements/ -o bars.svg",
            "stance plot slopes before.txt after.txt -o slopes.png",
        ),
    ),
    "explain": _Subcommand(
        "show the cues of each sentence, and for each judgement the votes and features that carried it",
        _add_explain,
        ("stance explain statement.txt", "echo 'We condemn the attack on Kharkiv.' | stance explain -"),
    ),
    "tokenize": _Subcommand(
        "print sentences and tokens with their offsets, tab-separated",
        _add_text,
        ("stance tokenize statement.txt", "stance tokenize - < statement.txt | grep ^sentence"),
    ),
    "convert": _Subcommand(
        "convert labels from one format to another, with slips of offsets mended",
        _add_convert,
        (
            "stance convert export.json mine.jsonl",
            "stance convert all.jsonl mine.csv --from doccano --map positive=support --map negative=condemn",
            "stance convert brat-project/ mine.jsonl --split",
            "stance convert mine.jsonl tasks.json",
        ),
    ),
    "check": _Subcommand(
        "find what is wrong or doubtful in labelled files",
        _add_check,
        (
            "stance check mine.jsonl",
            "stance check train.jsonl test.jsonl",
            "stance check export.json --map POS=support",
        ),
    ),
    "suggest": _Subcommand(
        "choose the sentences most worth labelling next, with labels proposed",
        _add_suggest,
        (
            "stance suggest statements/ -n 50 -o tasks.json",
            "stance suggest statements/ --to csv --labelled mine.jsonl --model my-model -o next.csv",
        ),
    ),
    "agree": _Subcommand(
        "measure how far annotators agree, and list what they do not agree on",
        _add_agree,
        ("stance agree anna.jsonl ben.jsonl", "stance agree anna.json ben.json cem.json --format markdown"),
    ),
    "train": _Subcommand(
        "train a model on labelled sentences",
        _add_train,
        (
            "stance train mine.jsonl --add -o my-model",
            "stance train mine.jsonl --add --weight 3 --lexicon my-tables -o my-model",
            "stance train labelled/ -o my-model",
        ),
    ),
    "adapt": _Subcommand(
        "move a model towards labelled sentences of your own, in seconds",
        _add_adapt,
        ("stance adapt mine.jsonl -o my-model", "stance adapt more.jsonl --model my-model -o my-next-model"),
    ),
    "evaluate": _Subcommand(
        "score a model on labelled sentences, which should be others than those it learned from",
        _add_evaluate,
        (
            "stance evaluate held-out.jsonl",
            "stance evaluate held-out.jsonl --model my-model --rules --calibration",
            "stance evaluate held-out.jsonl --against my-model -o comparison.md",
            "stance evaluate mine.jsonl --learning-curve --figures scores.pdf",
        ),
    ),
    "model": _Subcommand(
        "show where a model comes from and how good it is, or compare two",
        _add_card,
        ("stance model my-model", "stance model my-model other-model", "stance model --format json"),
    ),
    "describe": _Subcommand(
        "count the statements, sentences, targets and stances of labelled files",
        _add_describe,
        ("stance describe mine.jsonl", "stance describe datasets --format markdown"),
    ),
}
