"""`make fuzz`: mutated files of every kind through each door; prints a count of each, ends with 1 at the first crash.

A door may answer or refuse with one line (ValueError, or an ImportError or OSError that names the file); anything else
is a crash, and a model that loads must be the one that was saved.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import stance
from stance.console import EXPECTED
from stance.documents import read_text
from stance.labelled import read_labelled
from stance.ladders import read_ladder
from stance.model import shipped_model
from stance.records import format_marked, parse_marked
from stance.rows import WRITERS, Row, rows_of
from stance.word_tables import TABLES, read_table

ROOT = Path(__file__).parents[1]
PIECES = [
    "[", "]", "[+", "[-[", "\\", "\"", "'", "<script>alert(1)</script>", "</mark>", "&lt;", "&#0;", "\0",
    "\ud800", "\udfff",
    "\u202e", "\u200d", "\u0301" * 40, "\U000e0001", "\U0010ffff", "\ufeff", "\r", "\x85", "\u2028", "\x1b[2J", "{",
    "}", "[" * 300,
    "1e999", "NaN", "-1", "9" * 400, "null", "true", "\t", ",", ";", "\n", "---\n", "## ", "Iran", "We condemn ",
    "not ", "U.S.",
]  # fmt: skip
TEXT = (
    "---\ntitle: 'Joint Statement'\ndate: 2031-05-04\n---\n# Joint Statement of Peru and Chad\n\nWe condemn Iran's "
    "attack on Israel, welcome the truce and support attempts to undermine piracy.\n\n- Chad said it “deplores” it;\n"
)


def mutated(text: str, dice: random.Random) -> str:
    """The text with one to eight pieces put in, cut out, doubled or swapped."""
    for _ in range(dice.randint(1, 8)):
        first, last = sorted(dice.randint(0, len(text)) for _ in range(2))
        last = min(last, first + 60)
        text = dice.choice(
            [
                text[:first] + dice.choice(PIECES) + text[first:],
                text[:first] + text[last:],
                text[:last] + text[first:],
                text[:first] + chr(dice.randrange(0x110000)) + text[first + 1 :],
                text[:first],
            ]
        )[:20_000]
    return text


def flipped(data: bytes, dice: random.Random) -> bytes:
    """The bytes with a few flipped, or cut short, or with others put in."""
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 1, 2, 8])):
        place = dice.randrange(len(changed) or 1)
        action = dice.randrange(4)
        if action == 0:
            del changed[place:]
        elif action == 1:
            changed[place:place] = dice.randbytes(dice.randint(1, 8))
        elif changed and place < len(changed):
            changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


class Page(HTMLParser):
    """Gathers the tags of a page and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        self.seen.update(f"{tag} {name}" for name, _ in attrs)


def page_of(text: str, title: str) -> Page:
    page = Page()
    page.feed(stance.to_html({"a": stance.analyze(text)}, title=title))
    return page


PLAIN: set[str] = set()


def analyse(text: str, dice: random.Random) -> None:
    """Everything that a text goes through: spans and sums hold, and the page has no tag that plain text has not."""
    analysis = stance.analyze(text)
    for sentence in analysis.document.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    for judgement in analysis:
        target = judgement.target
        assert text[target.start : target.end] == target.text
        assert abs(sum(judgement.probabilities.values()) - 1) < 1e-9
        assert analysis.sentence_of(judgement).start <= target.start
    rows = list(rows_of("a\n<b>", analysis))
    for write in WRITERS.values():
        "\n".join(write([row._asdict() for row in rows], Row._fields)).encode()
    if dice.random() < 0.1:
        page = page_of(text, mutated("<b>title", dice)[:200] or "x")
        if not PLAIN:
            PLAIN.update(page_of(TEXT * 3, "x").seen, page_of("It rained.", "x").seen)
        assert (
            not {name for name in page.seen if name.split()[0] in ("script", "iframe", "img", "b") or " on" in name}
            - PLAIN
        )
        assert page.seen["script"] <= 2
    if text and dice.random() < 0.2:
        span = (dice.randint(-1, len(text)), dice.randint(-1, len(text) + 1))
        (judgement,) = stance.judge(text, [span])
        assert (judgement.target.start, judgement.target.end) == span


def marked(text: str, _: random.Random) -> None:
    plain, targets = parse_marked(text)
    assert parse_marked(format_marked(plain, targets)) == (plain, targets)


def seeds() -> dict[str, bytes]:
    """A good labelled file of every format, by its ending and name."""
    from stance.writers import WRITERS as FORMATS

    records = stance.load_records()[:3]
    endings = {"marked": ".txt", "csv": ".csv", "tsv": ".tsv", "label-studio": ".json"}
    return {
        f"{name}{endings.get(name, '.jsonl')}": "\n".join(write(records, False)).encode()
        for name, write in FORMATS.items()
    }


def documents() -> dict[str, bytes]:
    """A good document of every kind that can be made here."""
    made = {
        "a.txt": TEXT.encode(),
        "a.html": f"<html><body><p>{TEXT * 5}</p></body></html>".encode(),
        "b.txt": TEXT.encode("utf-16"),
    }
    try:
        import docx
        import fpdf

        word, buffer = docx.Document(), io.BytesIO()
        word.add_paragraph(TEXT)
        word.save(buffer)
        made["a.docx"] = buffer.getvalue()
        sheet = fpdf.FPDF()
        sheet.add_page()
        sheet.set_font("Helvetica", size=12)
        sheet.multi_cell(0, 5, "We condemn the attack on Iran. " * 9)
        made["a.pdf"] = bytes(sheet.output())
    except ImportError as error:
        print(f"left out: {error}")
    return made


def doors(folder: Path, dice: random.Random):  # noqa: ANN201 - pairs of a name and a call
    """A door and what to do at it, again and again."""
    labelled, read = seeds(), documents()
    good = folder / "model"
    stance.save(shipped_model(), good)
    saved = stance.load(good)
    parts = {path.name: path.read_bytes() for path in good.iterdir()}
    shipped = [ROOT / "stance" / "data" / f"{name}.tsv" for name in TABLES]
    tables = {path.name: b"".join(path.read_bytes().splitlines(True)[:30]) for path in shipped if path.exists()}
    ladder = b"target\tstep\tphrase\nIran\t1\tnotes\nIran\t2\tregrets\n"
    manifest = b"file,date,issuers,title\na.txt,2031-05-04,PER; Chad,x\n"

    def file(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data if dice.random() < 0.5 else mutated_bytes(data))
        return path

    def mutated_bytes(data: bytes) -> bytes:
        return mutated(data.decode("utf-8", "surrogateescape"), dice).encode("utf-8", "surrogatepass")

    def model() -> None:
        name = dice.choice(sorted(parts))
        header = dice.random() < 0.3  # the directory of a zip stands at its end, the headers of the arrays in front
        data = parts[name]
        broken = flipped(data[:300], dice) + data[300:] if header else flipped(data, dice)
        if broken == data:
            return
        (good / name).write_bytes(broken)
        try:
            loaded = stance.load(good)
        finally:
            (good / name).write_bytes(data)
        # white space of the card may change, for all else there is a digest
        assert name == "card.json" and loaded.card == saved.card, f"{name} altered and loaded all the same"  # noqa: PT018

    def table() -> None:
        name = dice.choice(sorted(tables))
        read_table(file(name, flipped(tables[name], dice)), name.removesuffix(".tsv"))

    def labelled_file() -> None:
        name = dice.choice(sorted(labelled))
        read_labelled(file(name, flipped(labelled[name], dice)), format=dice.choice([None, name.partition(".")[0]]))

    def document() -> None:
        name = dice.choice(sorted(read))
        text = read_text(str(file(name, flipped(read[name], dice))))
        if dice.random() < 0.1:
            stance.analyze(text)

    return {
        "text": lambda: analyse(mutated(TEXT, dice), dice),
        "marked": lambda: marked(mutated("We condemn [-[-Iran]'s attack on [=Israel]].", dice), dice),
        "labelled file": labelled_file,
        "document": document,
        "manifest": lambda: stance.read_manifest(file("manifest.csv", flipped(manifest, dice))),
        "table": table,
        "ladder": lambda: read_ladder(file("ladder.tsv", flipped(ladder, dice))),
        "model": model,
    }


WEIGHTS = {
    "text": 20,
    "marked": 25,
    "labelled file": 20,
    "document": 10,
    "manifest": 5,
    "table": 5,
    "ladder": 5,
    "model": 0,
}


def fuzz(count: int, models: int, seed: int) -> int:
    dice = random.Random(seed)
    told: dict[str, Counter[str]] = {name: Counter() for name in [*WEIGHTS, "model"]}
    with tempfile.TemporaryDirectory() as folder:
        calls = doors(Path(folder), dice)
        names = dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count) + ["model"] * models
        for number, name in enumerate(names):
            state = dice.getstate()
            try:
                calls[name]()
                told[name]["answered"] += 1
            except EXPECTED as error:
                told[name]["refused"] += 1
                if not str(error).strip():
                    return crash(name, number, seed, error)
            except BaseException as error:  # noqa: BLE001
                dice.setstate(state)
                return crash(name, number, seed, error)
    for name, counts in told.items():
        print(f"{name:<16}{counts.total():>7,} tried {counts['answered']:>7,} answered {counts['refused']:>7,} refused")
    return 0


def crash(name: str, number: int, seed: int, error: BaseException) -> int:
    import traceback

    traceback.print_exception(error)
    print(f"{name}: input {number} of seed {seed} crashed: {type(error).__name__}: {error}")
    return 1


def command_line(count: int, seed: int) -> int:
    """Mutated files through the real command, each run in a process of its own."""
    dice, told = random.Random(seed), Counter[int]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labelled, read = seeds(), documents()
        for number in range(count):
            command = dice.choice(["score", "report", "explain", "tokenize", "describe"])
            source = labelled if command == "describe" else read
            names = [dice.choice(sorted(source)) for _ in range(3 if command in ("score", "report", "describe") else 1)]
            paths = []
            for n, each in enumerate(names):
                paths.append(folder / f"{n}{each}")
                paths[-1].write_bytes(flipped(source[each], dice))
            output = ["-o", f"{name}/out"] if command == "report" else []
            done = subprocess.run(
                [sys.executable, "-m", "stance", command, *map(str, paths), *output],
                capture_output=True, timeout=120, env=os.environ | {"PYTHONHASHSEED": str(number)},
            )  # fmt: skip
            told[done.returncode] += 1
            if done.returncode not in (0, 1) or b"Traceback" in done.stderr or b"internal error" in done.stderr:
                print(command, names, done.returncode, done.stderr.decode(errors="replace")[-2000:])
                return 1
    print(f"command line    {count:>7,} tried {told[0]:>7,} status 0 {told[1]:>7,} status 1")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="mutated inputs, in process")
    parser.add_argument("--models", type=int, default=5_000, help="corrupted models")
    parser.add_argument("--commands", type=int, default=300, help="runs of the real command")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    status = fuzz(options.count, options.models, options.seed) or command_line(options.commands, options.seed)
    print(f"{time.perf_counter() - began:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
