import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import make_row

import stance
from stance.records import Record, parse_marked
from stance.rows import (
    WRITERS,
    Row,
    Selection,
    describe,
    format_for,
    named,
    rows_of,
)


def test_rows_give_the_words_of_the_text():
    text = "It rained. We condemn\r\nthe attack on Kharkiv.\n\nThey welcomed the ceasefire."
    for row in rows_of("a.txt", stance.analyze(text)):
        assert text[row.start : row.end] == row.target
        assert row.sentence in text
        assert row.sentence_start <= row.start < row.sentence_start + len(row.sentence)
        assert row.condemn + row.neutral + row.support == pytest.approx(1, abs=1e-3)
        assert row.confidence == max(row.condemn, row.neutral, row.support) == getattr(row, row.stance)


def test_sentences_are_counted_from_one():
    rows = list(rows_of("a.txt", stance.analyze("We condemn the attack. We welcome the ceasefire.")))
    assert {(row.target, row.sentence_number) for row in rows} == {("attack", 1), ("ceasefire", 2)}


def test_rows_bear_the_date_and_the_issuers_of_their_document():
    analysis = stance.analyze("We condemn the attack.", date="2024-05-17", issuers=["FRA", "Republic of Lilliput"])
    assert {(row.date, row.issuers) for row in rows_of("a.txt", analysis)} == {
        ("2024-05-17", "FRA; Republic of Lilliput")
    }
    unknown = stance.analyze("We condemn the attack.")
    assert {(row.date, row.issuers) for row in rows_of("a.txt", unknown)} == {(None, "")}


def test_a_text_without_targets_gives_no_rows():
    assert list(rows_of("a.txt", stance.analyze(""))) == []


@pytest.mark.parametrize(
    ("wanted", "row", "kept"),
    [
        ("usa", make_row(target="American", id="USA"), True),
        ("US", make_row(target="the US fleet"), True),
        ("us", make_row(target="Russia", id="RUS"), False),
        ("black sea", make_row(target="Black\nSea"), True),
        ("C++ (new)", make_row(target="C++ (new) standard"), True),
    ],
)
def test_targets_are_selected_by_id_or_whole_words(wanted, row, kept):
    assert Selection(targets=(wanted,)).keeps(row) is kept


def test_a_selection_asks_for_stance_and_confidence_together():
    selection = Selection(stances=("condemn",), min_confidence=0.9)
    assert selection.keeps(make_row())
    assert not selection.keeps(make_row(stance="support"))
    assert not selection.keeps(make_row(confidence=0.89))


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("a.csv", "csv"), ("a.JSON", "json"), ("a.jsonl", "jsonl"), ("a.md", "markdown"), ("a.txt", "table")],
)
def test_the_ending_of_a_file_gives_the_format(path, wanted):
    assert format_for(path) == wanted


def written(name, rows):
    return "\n".join(WRITERS[name]([row._asdict() for row in rows], Row._fields))


@given(st.text(), st.sampled_from(["=1+1", "+1", "-1", "@a", 'say "no"', "a,b", "a\nb"]))
def test_csv_gives_back_every_text_that_a_terminal_bears(text, start):
    target = start + "".join(c for c in text if c.isprintable())
    back = list(csv.DictReader(io.StringIO(written("csv", [make_row(target=target)]), newline="")))
    assert [row["target"] for row in back] == [target]


def test_a_row_of_csv_still_finds_its_target_in_its_sentence():
    sentence = "Page 1\fWe condemn the attack."
    start = sentence.index("attack")
    row = make_row(target="attack", sentence=sentence)._replace(start=start + 9, end=start + 15, sentence_start=9)
    back = next(csv.DictReader(io.StringIO(written("csv", [row]), newline="")))
    first, last = (int(back[name]) - int(back["sentence_start"]) for name in ("start", "end"))
    assert back["sentence"][first:last] == back["target"]


def test_analyses_with_titles_that_look_like_numbered_ones_all_have_names():
    listed = [stance.analyze("We met.", title=title) for title in ("A", "A", "A 1", "", "text 4")]
    assert [analysis.facts.title for analysis in named(listed).values()] == ["A", "A", "A 1", "", "text 4"]


@pytest.mark.parametrize("analyses", ["text", ["text"], {"name": "text"}, [stance.analyze("We met."), None]])
def test_what_is_no_analysis_is_refused(analyses):
    with pytest.raises(TypeError, match=r"analysis must be an Analysis, got (str|NoneType); leave failures out"):
        named(analyses)


def test_csv_has_a_heading_without_rows():
    assert written("csv", []) == ",".join(f'"{name}"' for name in Row._fields)


@given(st.text())
def test_json_gives_back_any_text(text):
    row = make_row(target=text)
    assert json.loads(written("jsonl", [row])) == row._asdict()
    assert json.loads(written("json", [row, row])) == [row._asdict()] * 2


def test_json_without_rows_is_an_empty_array():
    assert written("json", []) == "[]"
    assert written("jsonl", []) == ""


@pytest.mark.parametrize("name", sorted(WRITERS))
@pytest.mark.parametrize("bad", ["\x1b[31m", "\x9b31m", "\udcff", "\0"])
def test_no_format_lets_the_text_steer_a_terminal(name, bad):
    lines = written(name, [make_row(target=f"a{bad}b", file=f"x{bad}")])
    assert bad not in lines
    sign = "\ufffd" if name == "csv" else f"\\u{ord(bad[0]):04x}"  # in a table offsets must still fit
    assert sign in lines.replace("\\\\u", "\\u")
    lines.encode()


def test_markdown_keeps_a_row_on_its_line():
    lines = written("markdown", [make_row(target="a | b\n<sup>*1*</sup>")]).splitlines()
    assert len(lines) == 3
    assert r"a \| b \<sup>\*1\*\</sup>" in lines[2]


def test_a_description_counts_each_family_and_all():
    marked = ("We condemn [-piracy] in [=Oman].", "We back [+AUKUS].", "It rained.")
    places = (("s1", "g7"), ("s1", "g7"), ("s2", "news"))
    records = [Record(line, *parse_marked(line), *place) for line, place in zip(marked, places, strict=True)]
    assert [tuple(row) for row in describe(records)] == [
        ("g7", 1, 2, 3, 0.333, 0.333, 0.333),
        ("news", 1, 1, 0, 0.0, 0.0, 0.0),
        ("all", 2, 3, 3, 0.333, 0.333, 0.333),
    ]
