"""One run of every subcommand, with all kinds of input and output: for tests and for the smoke test of the wheel."""

from __future__ import annotations

from pathlib import Path

STATEMENT = (
    "---\ntitle: Joint statement\ndate: {}\n---\n\nPeru and Chad condemn Iran's attack on Kharkiv. We {} the truce. "
    "We call for a free and open Indo-Pacific.\n"
)
LABELLED = (
    "We condemn [-piracy] at sea off {}.", "We welcome the [+accord] signed in {}.",
    "They met [=Oman] in the town of {}.", "We oppose the [-[=Oman] raid] on {}.",
)  # fmt: skip
TOWNS = ("Aden", "Bari", "Cork", "Dakar", "Essen", "Fez", "Graz")

# The arguments of each run by a name that begins with its subcommand; OUT is where it writes to.
COMMANDS = {
    "score": "score before.txt after.txt",
    "score csv": "score texts --format csv -o OUT.csv",
    "score summary": "score before.txt --summary -o OUT.md",
    "report": "report before.txt after.txt -o OUT.html",
    "table": "table texts --manifest manifest.csv -o OUT.csv",
    "table corpus": "table speeches.csv --text-column words -o OUT.jsonl",
    "table parquet": "table before.txt -o OUT.parquet",
    "table xlsx": "table before.txt -o OUT.xlsx",
    "actors": "actors peru --lexicon tables -o OUT.json",
    "aggregate": "aggregate texts --by target,year -o OUT.csv",
    "compare": "compare before.txt after.txt --min-confidence 0 -o OUT.csv",
    "trace": "trace open texts -o OUT.csv",
    "ladder": "ladder ladder.tsv before.txt after.txt -o OUT.csv",
    "plot matrix": "plot matrix texts -o OUT.png",
    "plot timeline": "plot timeline texts -o OUT.svg",
    "plot bars": "plot bars texts -o OUT.pdf",
    "plot slopes": "plot slopes before.txt after.txt --min-confidence 0 -o OUT.svg",
    "explain": "explain before.txt --lexicon tables",
    "tokenize": "tokenize before.txt",
    "convert": "convert labelled.txt OUT.jsonl",
    "convert brat": "convert labelled.txt OUT --to brat",
    "check": "check labelled.txt",
    "suggest": "suggest texts -n 3 -o OUT.json",
    "agree": "agree labelled.txt labelled/again.txt",
    "train": "train labelled.txt -o OUT",
    "adapt": "adapt labelled.txt -o OUT",
    "evaluate": "evaluate labelled.txt --rules --calibration -o OUT.md",
    "model": "model",
    "describe": "describe labelled.txt",
}
WRITING = {name: line for name, line in COMMANDS.items() if "OUT" in line}


def make_inputs(folder: Path) -> None:
    """The files that the commands read."""
    for name in ("texts", "labelled", "tables"):
        (folder / name).mkdir(parents=True)
    before, after = STATEMENT.format("2031-05-04", "welcome"), STATEMENT.format("2032-06-05", "condemn")
    sentences = [f"## {town}: talks\n" + "\n".join(LABELLED).format(*[town] * 4) + "\n" for town in TOWNS]
    files = {
        "before.txt": before,
        "after.txt": after,
        "texts/before.txt": before,
        "texts/after.md": after,
        "texts/page.html": f"<html><body><article>{'<p>We condemn it.</p>' * 40}</article></body></html>",
        "labelled.txt": "".join(sentences),
        "labelled/again.txt": "".join(sentences),
        "ladder.tsv": "target\tstep\tphrase\ntruce\t1\twelcome\ntruce\t2\tcondemn\n",
        "speeches.csv": 'id,words,date\none,"We condemn it.\n\nWe welcome the truce.",2031-05-04\n',
        "manifest.csv": "file,date,issuers,title\nbefore.txt,2031-05-04,PER; Chad,Talks\n",
        "tables/actors.tsv": "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\n"
        "zembla\tstate\tZembla\t\t\t\tWe met [=Zembla].\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def arguments_of(line: str, folder: Path, output: Path) -> list[str]:
    """The arguments with the paths of a folder, and of an output without its ending."""
    known = {path.name for path in folder.iterdir()}
    words = [str(folder / word) if word.split("/")[0] in known else word for word in line.split()]
    return [f"{output}{word[3:]}" if word.startswith("OUT") else word for word in words]
