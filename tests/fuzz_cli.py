"""`make fuzz-cli`: mutated files of every kind through the command line; ends with 1 at the first traceback.

Most runs call `stance.cli.main` within this process; of every hundred, one starts the real command. A run may end with
0, 1 or 2 and must say why where it is not 0; it must take no longer than a limit, and never says "internal error".
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from every_command import make_inputs
from fuzz_inputs import TEXT, documents, flipped, mutated, seeds

import stance
from stance import lexicon
from stance.cli import main
from stance.model import shipped_model

LIMIT = 60  # seconds for one run
TABLES = Path(lexicon.__file__).parent / "data"
BRAT = {
    "brat/a.txt": "We condemn piracy.\nPeru met Oman.\n",
    "brat/a.ann": "T1\tcondemn 11 17\tpiracy\nT2\tneutral 28 32\tOman\nA1\tkind T2 actor\nT3\tholder 19 23\tPeru\n"
    "R1\tholder Arg1:T2 Arg2:T3\n",
}
TEXTS = ("a.txt", "a.md", "a.html", "a.docx", "a.pdf", "b.txt")


def good_files() -> dict[str, bytes]:
    """A whole file of each kind, by its place in a folder."""
    with tempfile.TemporaryDirectory() as name:
        make_inputs(Path(name))
        own = ("labelled.txt", "ladder.tsv", "manifest.csv", "tables/actors.tsv")
        files = {path: Path(name, path).read_bytes() for path in own}
        stance.save(shipped_model(), Path(name, "model"))
        files |= {f"model/{path.name}": path.read_bytes() for path in Path(name, "model").iterdir()}
    files |= documents() | {"a.md": f"# Statement\n\n> {TEXT}\n\n| a | b |\n|---|---|\n| **Iran** | 1 |\n".encode()}
    files |= {f"exports/{name}": data for name, data in seeds().items()}
    files |= {name: text.encode() for name, text in BRAT.items()}
    tables = [path for path in sorted(TABLES.glob("*.tsv")) if path.name != "actors.tsv"]
    return files | {f"tables/{path.name}": b"".join(path.read_bytes().splitlines(True)[:20]) for path in tables}


def runs(files: dict[str, bytes], dice: random.Random) -> Iterator[tuple[str, list[str], list[str]]]:
    """The kind of what is mutated, the names of these files, and the arguments of a run that reads them."""
    texts = [name for name in TEXTS if name in files]
    exports = [name for name in files if name.startswith("exports/")]
    while True:
        text, other, labels = dice.choice(texts), dice.choice(texts), dice.choice([*exports, "labelled.txt"])
        out = ["-o", "OUT" + dice.choice([".csv", ".json", ".jsonl", ".md", ".txt"])]
        yield from (
            (Path(text).suffix, [text], [dice.choice(["score", "tokenize", "explain"]), text]),
            (Path(text).suffix, [text, other], [dice.choice(["score", "aggregate", "table"]), text, other, *out]),
            (Path(text).suffix, [text], ["report", text, "-o", "OUT.html"]),
            (Path(text).suffix, [text, other], ["compare", text, other, "--min-confidence", "0", *out]),
            (Path(text).suffix, [text], ["trace", "condemn", text, other, *out]),
            (Path(text).suffix, [text], ["suggest", text, "--labelled", labels, "-o", "OUT.json"]),
            ("ladder", ["ladder.tsv"], ["ladder", "ladder.tsv", "a.txt"]),
            ("manifest", ["manifest.csv"], ["table", "a.txt", "--manifest", "manifest.csv"]),
            *((kind_of(labels), [labels], line) for line in (
                ["convert", labels, "OUT" + dice.choice([".txt", ".jsonl", ".json", ".csv", ".tsv"])],
                ["convert", labels, "OUT", "--to", dice.choice(["brat", "doccano", "prodigy", "newsmtsc"]), "--split"],
                ["check", labels, "labelled.txt"], ["describe", labels], ["evaluate", labels, "--rules"],
                ["agree", labels, labels], ["check", labels, "--from", dice.choice(["jsonl", "csv", "marked", "brat"])],
            )),
            ("brat", list(BRAT), ["convert", "brat", "OUT.jsonl"]),
            ("brat", [dice.choice(list(BRAT))], [dice.choice(["check", "describe"]), "brat"]),
            ("lexicon", [f"tables/{name}"] if (name := dice.choice(tables(files))) else [], [
                *dice.choice([["score", "a.txt"], ["actors"], ["actors", "zem"]]), "--lexicon", "tables"]),
            ("model", [dice.choice(["model/model.npz", "model/card.json"])], dice.choice([
                ["model", "model"], ["score", "a.txt", "--model", "model"], ["model", "model", "model"]])),
        )  # fmt: skip
        if dice.random() < 0.05:
            yield Path(text).suffix, [text], ["plot", dice.choice(["matrix", "bars"]), text, "a.txt", "-o", "OUT.svg"]
            yield kind_of(labels), [labels], ["train", labels, "-o", "OUT"]
            yield "lexicon", [f"tables/{dice.choice(tables(files))}"], ["table", "a.txt", "--lexicon", "tables"]


def tables(files: dict[str, bytes]) -> list[str]:
    return [name.removeprefix("tables/") for name in files if name.startswith("tables/")]


def kind_of(labels: str) -> str:
    return Path(labels).stem if "/" in labels else "marked"


def broken(data: bytes, binary: bool, dice: random.Random) -> bytes:
    """The file with bits flipped or, if it is text, with pieces of markup and strange characters put in."""
    if binary or dice.random() < 0.5:
        return flipped(data, dice)
    return mutated(data.decode("utf-8", "surrogateescape"), dice).encode("utf-8", "surrogatepass")


def within(arguments: list[str]) -> tuple[int, str]:
    """The status of a run in this process, and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, err.getvalue()


def outside(arguments: list[str]) -> tuple[int, str]:
    """The same of the real command."""
    done = subprocess.run([sys.executable, "-m", "stance", *arguments], capture_output=True, timeout=3 * LIMIT)
    return done.returncode, done.stderr.decode(errors="replace")


def fault(status: int, complaint: str, took: float) -> str:
    """What a run did that no run may do, or nothing."""
    if "Traceback" in complaint or "internal error" in complaint:
        return "it shows its inside"
    if status not in (0, 1, 2):
        return f"status {status}"
    if status and not complaint.strip() and not took < 0:
        return "it fails and does not say why"
    return f"it took {took:.0f} s" if took > LIMIT else ""


def fuzz(count: int, seconds: float, seed: int, every: int) -> int:
    dice, files, told = random.Random(seed), good_files(), Counter[tuple[str, int]]()
    began, number = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "in")
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        for number, (kind, changed, words) in enumerate(runs(files, dice), 1):
            if number > count or time.perf_counter() - began > seconds:
                break
            for path in changed:
                (folder / path).write_bytes(broken(files[path], path.endswith((".npz", ".docx", ".pdf")), dice))
            call: Callable[[list[str]], tuple[int, str]] = outside if number % every == 0 else within
            started = time.process_time()
            signal.alarm(4 * LIMIT)  # a run without end is shown with where it stands
            status, complaint = call(placed(words, folder, f"{name}/OUT"))
            signal.alarm(0)
            if words[0] == "check" and status == 1:
                complaint = complaint or "told on standard output"
            reason = fault(status, complaint, time.process_time() - started)
            if reason:
                print(f"run {number} of seed {seed}: {reason}: stance {' '.join(words)}\n{complaint[-2000:]}")
                for path in changed:
                    Path(f"fuzz-cli-{Path(path).name}").write_bytes((folder / path).read_bytes())
                return 1
            told[kind.removeprefix("."), status] += 1
            for path in changed:
                (folder / path).write_bytes(files[path])
    for kind in sorted({kind for kind, _ in told}):
        print(f"{kind:<13}", *(f"{told[kind, status]:>7,} status {status}" for status in (0, 1, 2)))
    print(f"{told.total():,} runs, {told.total() // every} of them of the real command, no traceback, "
          f"{time.perf_counter() - began:.0f} s")  # fmt: skip
    return 0


def placed(words: list[str], folder: Path, output: str) -> list[str]:
    """The arguments with the places of the files."""
    known = {path.name for path in folder.iterdir()} - {"model"} if words[0] == "model" else {
        path.name for path in folder.iterdir()}  # fmt: skip
    made = [str(folder / word) if word.split("/")[0] in known else word for word in words[1:]]
    made = [str(folder / "model") if word == "model" else word for word in made]
    return [words[0], *(word.replace("OUT", output, 1) if word.startswith("OUT") else word for word in made)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="runs at most")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="time at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=100, help="one in so many runs starts the real command")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.exit(fuzz(options.count, options.seconds, options.seed, options.every))
