import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from stance.document import Stance
from stance.labelled import load_records, read_records
from stance.records import format_marked, parse_marked
from stance.segmentation import tokenize

DATASETS = Path(__file__).parents[1] / "datasets"
FAMILIES = sorted(DATASETS.glob("*.txt"))
EDGE = re.compile(r"(?:the|a|an|our|its|their|his|her|my|your) ")  # The Hague and A3 are names


@cache
def shipped():
    return load_records()


@cache
def records_of(path):
    return read_records(path)


def marked_lines(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_brackets_balance_and_lines_are_written_as_they_are_formatted(path):
    assert [line for line in marked_lines(path) if line.count("[") != line.count("]")] == []
    assert [line for line in marked_lines(path) if format_marked(*parse_marked(line)) != line] == []


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_most_sentences_have_a_target(path):
    records = records_of(path)
    least = 0.4 if path.stem == "page-lines" else 0.85  # which teaches what of a page is no prose
    assert sum(bool(record.targets) for record in records) > least * len(records)


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_targets_begin_behind_articles_and_possessives_and_end_before_marks(path):
    spans = [record.text[start:end] for record in records_of(path) for start, end in record.spans]
    assert [span for span in spans if EDGE.match(span) or span[-1] in ",;:" or span[0] in ",;:."] == []


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_targets_begin_and_end_with_tokens(path):
    cut = []
    for record in records_of(path):
        tokens = tokenize(record.text)
        starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
        starts |= {
            token.start + i + 1 for token in tokens for i, mark in enumerate(token.text) if mark in "-‑"
        }  # pro-Iranian
        ends |= {token.start + i for token in tokens for i, mark in enumerate(token.text) if mark in "-‑"}  # U.S.-led
        cut += [record.text[start:end] for start, end in record.spans if start not in starts or end not in ends]
    assert cut == []


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_no_target_is_a_pronoun(path):
    pronouns = {
        "we",
        "We",
        "us",
        "they",
        "They",
        "them",
        "it",
        "It",
        "he",
        "He",
        "she",
        "She",
        "him",
        "her",
        "I",
        "you",
        "You",
    }
    assert pronouns & {record.text[start:end] for record in records_of(path) for start, end in record.spans} == set()


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_stances_of_a_family_are_mixed(path):
    counts = Counter(target.stance for record in records_of(path) for target in record.targets)
    shares = {stance: counts[stance] / counts.total() for stance in Stance}
    assert max(shares.values()) < 0.9
    assert shares[Stance.SUPPORT] > 0.02
    assert shares[Stance.NEUTRAL] > 0.04


def test_stances_of_all_families_are_mixed():
    counts = Counter(target.stance for record in shipped() for target in record.targets)
    assert all(0.15 < counts[stance] / counts.total() < 0.65 for stance in Stance)


def test_there_are_enough_families_sentences_and_targets():
    records = shipped()
    assert len({record.family for record in records}) == len(FAMILIES) >= 12
    assert len(records) >= 1500
    assert sum(len(record.targets) for record in records) >= 7000


def test_every_statement_stands_in_one_family():
    families = defaultdict(set)
    for record in shipped():
        families[record.statement].add(record.family)
    assert {statement: names for statement, names in families.items() if len(names) > 1} == {}


def test_every_statement_has_one_heading():
    headings = [
        line[3:].split(":")[0].strip()
        for path in FAMILIES
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    ]
    assert [heading for heading, count in Counter(headings).items() if count > 1] == []


def test_no_two_sentences_are_nearly_the_same():
    shingles, holders = [], defaultdict(list)
    for i, record in enumerate(shipped()):
        words = [token.text.lower() for token in tokenize(record.text)]
        shingles.append({tuple(words[k : k + 3]) for k in range(max(1, len(words) - 2))})
        for shingle in shingles[i]:
            holders[shingle].append(i)
    shared = Counter()
    for rows in holders.values():
        shared.update((a, b) for k, a in enumerate(rows[:50]) for b in rows[k + 1 : 50])
    alike = [pair for pair, n in shared.items() if n / (len(shingles[pair[0]]) + len(shingles[pair[1]]) - n) > 0.7]
    records = shipped()
    assert [(records[a].id, records[b].id, records[a].text) for a, b in alike] == []
