import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import Stance
from stance.labelled import load_records, read_records
from stance.records import LabelledTarget, Record, format_marked, parse_marked

SUPPORT, CONDEMN, NEUTRAL = Stance.SUPPORT, Stance.CONDEMN, Stance.NEUTRAL


@st.composite
def marked_targets(draw):
    """A text with targets that nest but do not cross."""
    text = draw(st.text(alphabet=st.sampled_from("ab[]\\+-= é中"), min_size=1, max_size=25))
    ends = st.integers(0, len(text))
    kept = {}
    for start, end in draw(st.lists(st.tuples(ends, ends), max_size=8)):
        crosses = any(s < start < e < end or start < s < end < e for s, e in kept)
        if start < end and not crosses and text[start:end] == text[start:end].strip():
            kept[start, end] = draw(st.sampled_from(Stance))
    targets = [LabelledTarget(start, end, stance) for (start, end), stance in kept.items()]
    return text, tuple(sorted(targets, key=lambda t: (t.start, -t.end)))


@settings(deadline=None)
@given(marked_targets())
def test_marking_a_text_and_parsing_it_gives_it_back(made):
    assert parse_marked(format_marked(*made)) == made


@settings(deadline=None)
@given(st.text(max_size=40))
def test_unmarked_text_goes_round(text):
    assert parse_marked(format_marked(text, [])) == (text, ())


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("[]+-=\\ ab"), max_size=30))
def test_any_line_is_parsed_or_refused_with_a_value_error(line):
    try:
        made = parse_marked(line)
    except ValueError:
        return
    assert parse_marked(format_marked(*made)) == made


@pytest.mark.parametrize(
    "line",
    [
        "We condemn [-[-Iran]'s attack on [=Israel]] and oppose [-attempts to undermine the [+UN Charter]].",
        "[+[=Two] joined][-beside] each other.",
        r"A \[real\] bracket and a back\\slash by [=Iran].",
        "",
    ],
)
def test_marked_sentence_goes_round(line):
    assert format_marked(*parse_marked(line)) == line


def test_targets_stand_in_order_the_longer_first():
    text, targets = parse_marked("We condemn [-[=Iran]'s attack on [+Israel]].")
    assert text == "We condemn Iran's attack on Israel."
    assert targets == (
        LabelledTarget(11, 34, CONDEMN),
        LabelledTarget(11, 15, NEUTRAL),
        LabelledTarget(28, 34, SUPPORT),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "We [condemn] it.",
            r"column 4: '\[' must be followed by one of \+ - =, got 'c'; write \\\[ for a real bracket",
        ),
        ("We [", r"column 4: '\[' must be followed by one of \+ - =, got ''"),
        ("We] met.", r"column 3: '\]' must close a target, got none open; write \\\] for a real bracket"),
        ("We [-[=met.]", r"column 13: every '\[' must be closed, got 1 open; add '\]'"),
        ("We [-] met.", r"target must lie inside the text of 8 characters, got \(3, 3\); fix start and end"),
        ("We [- met].", r"target must not begin or end with white space, got ' met'; fix start and end"),
        ("We [-[=met]].", r"target must be marked once, got 'met' twice; keep one"),
    ],
)
def test_malformed_line_is_refused_with_place_and_way_out(line, message):
    with pytest.raises(ValueError, match=message):
        parse_marked(line)


def test_crossing_targets_cannot_be_marked():
    targets = [LabelledTarget(0, 6, SUPPORT), LabelledTarget(3, 9, CONDEMN)]
    with pytest.raises(ValueError, match="targets must not cross, got 'one two t'; use JSON lines"):
        format_marked("one two three", targets)


TARGET = {"start": 11, "end": 15, "stance": "condemn"}
ROW = {
    "id": "r1",
    "statement": "s1",
    "family": "f1",
    "text": "We condemn Iran.",
    "targets": [TARGET | {"text": "Iran", "kind": "actor"}],
}
PLAIN = Record("r1", "We condemn Iran.", (LabelledTarget(11, 15, CONDEMN),), "s1", "mine")


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def json_lines(*rows):
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)


def test_json_lines_give_records(tmp_path):
    records = read_records(
        written(tmp_path, "mine.jsonl", json_lines(ROW, "", ROW | {"id": "r2", "targets": []}) + "\n")
    )
    assert records[0] == Record("r1", "We condemn Iran.", (LabelledTarget(11, 15, CONDEMN, "actor"),), "s1", "f1")
    assert (records[0].spans, records[1].id, records[1].targets) == ([(11, 15)], "r2", ())


def test_json_row_without_id_is_named_by_file_and_line(tmp_path):
    records = read_records(written(tmp_path, "mine.jsonl", json_lines("", {"text": "We met.", "targets": []})))
    assert [(r.id, r.statement, r.family) for r in records] == [("mine:2", "mine:2", "mine")]


def test_numbers_in_quotes_are_read(tmp_path):
    row = ROW | {"targets": [{"start": "11", "end": " 15 ", "stance": "condemn"}]}
    assert read_records(written(tmp_path, "a.jsonl", json_lines(row)))[0].spans == [(11, 15)]


def test_optional_targets_are_kept_apart(tmp_path):
    row = ROW | {"targets": [TARGET, {"start": 0, "end": 2, "stance": "neutral", "optional": True}]}
    (record,) = read_records(written(tmp_path, "a.jsonl", json_lines(row)))
    assert (record.spans, record.optional) == ([(11, 15)], (LabelledTarget(0, 2, NEUTRAL),))


@pytest.mark.parametrize("weight", ["heavy", 0, -1, True, None, "nan", float("inf")])
def test_weight_that_is_no_positive_number_is_refused(tmp_path, weight):
    message = r"weight must be a positive number, got .*; leave out what should not count"
    with pytest.raises(ValueError, match=rf"a\.jsonl:1: {message}"):
        read_records(written(tmp_path, "a.jsonl", json_lines(ROW | {"weight": weight})))
    if isinstance(weight, str | int):
        with pytest.raises(ValueError, match=r"b\.txt:2: "):
            read_records(written(tmp_path, "b.txt", f"We met.\n# weight: {weight}\nWe condemn [-it].\n"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", r"a\.jsonl:1: a record must be JSON, got Expecting property name.*; fix the row or export it again"),
        ([1], r"a\.jsonl:1: a record must be an object with 'text' and 'targets', got '\[1\]'; see docs/labelling\.md"),
        ({"text": "We met."}, r"a\.jsonl:1: a record must be an object with 'text' and 'targets'"),
        ({"text": 5, "targets": []}, r"a\.jsonl:1: a record must be an object with 'text' and 'targets'"),
        (ROW | {"targets": [7]}, r"a\.jsonl:1: a target must be an object, got '7'; give start, end and stance"),
        (
            ROW | {"targets": [TARGET | {"text": "Iraq"}]},
            r"target text must equal text\[11:15\] 'Iran', got 'Iraq'; fix start and end",
        ),
        (
            ROW | {"targets": [TARGET | {"start": 1.5}]},
            r"start must be a whole number of characters, got 1\.5; fix the row",
        ),
        (ROW | {"targets": [TARGET | {"start": True}]}, r"start must be a whole number of characters, got True"),
        (ROW | {"targets": [TARGET | {"end": None}]}, r"end must be a whole number of characters, got None"),
        (ROW | {"targets": [TARGET | {"end": "x"}]}, r"end must be a whole number of characters, got 'x'"),
        (
            ROW | {"targets": [TARGET | {"end": 99}]},
            r"target must lie inside the text of 16 characters, got \(11, 99\)",
        ),
        (
            ROW | {"targets": [TARGET | {"start": -1}]},
            r"target must lie inside the text of 16 characters, got \(-1, 15\)",
        ),
        (ROW | {"targets": [TARGET | {"start": 10}]}, r"target must not begin or end with white space, got ' Iran'"),
        (ROW | {"targets": [TARGET, TARGET]}, r"target must be marked once, got 'Iran' twice; keep one"),
        (
            ROW | {"targets": [TARGET | {"stance": "favour"}]},
            r"stance must be one of condemn, neutral, support, got 'favour'; rename the label",
        ),
        (
            ROW | {"targets": [TARGET | {"stance": ["support"]}]},
            r"stance must be one of condemn, neutral, support, got \['support'\]",
        ),
    ],
)
def test_bad_json_row_is_refused_with_file_line_and_way_out(tmp_path, row, message):
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "a.jsonl", json_lines(row)))


def test_all_bad_rows_are_named_at_once(tmp_path):
    with pytest.raises(ValueError, match=r"(?s)a\.jsonl:1: .*\n.*a\.jsonl:3: stance must be .*\n.*a\.jsonl:4: "):
        read_records(
            written(tmp_path, "a.jsonl", json_lines("{", ROW, ROW | {"targets": [TARGET | {"stance": "x"}]}, "[]"))
        )


def test_a_flood_of_bad_rows_is_cut_short(tmp_path):
    with pytest.raises(ValueError, match=r"a\.txt: and 70 more$") as caught:
        read_records(written(tmp_path, "a.txt", "We [met.\n" * 120))
    assert len(str(caught.value).splitlines()) == 51


@pytest.mark.parametrize(("name", "mark"), [("mine.csv", ","), ("mine.tsv", "\t"), ("MINE.CSV", ",")])
def test_table_gives_one_record_for_the_rows_of_a_text(tmp_path, name, mark):
    rows = [
        "id,statement,text,start,end,stance",
        "r1,s1,We condemn Iran.,11,15,condemn",
        "r1,s1,We condemn Iran.,0,2,neutral",
        ",,We met.,0,2,support",
    ]
    first, second = read_records(written(tmp_path, name, "\n".join(rows).replace(",", mark)))
    assert (first.id, first.statement, first.targets) == (
        "r1",
        "s1",
        (LabelledTarget(0, 2, NEUTRAL), LabelledTarget(11, 15, CONDEMN)),
    )
    assert (second.id, second.family) == (f"{name[:4]}:4", name[:4])


def test_cell_in_quotes_may_hold_commas_and_quotes(tmp_path):
    path = written(tmp_path, "a.csv", 'text,start,end,stance\r\n"We ""met"", Iran.",10,14,neutral\r\n')
    assert [(r.text, r.text[10:14]) for r in read_records(path)] == [('We "met", Iran.', "Iran")]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "text,start,stance\n",
            r"a\.csv:1: header must name text, start, end and stance, got text, start, stance; add end",
        ),
        ("", r"a\.csv:1: header must name text, start, end and stance, got .*; add end, stance, start, text"),
        (
            "text,start,end,stance\nWe met.,0,2,x\n",
            r"a\.csv:2: stance must be one of condemn, neutral, support, got 'x'",
        ),
        ("text,start,end,stance\nWe met.,0\n", r"a\.csv:2: end must be a whole number of characters, got None"),
        ("text,start,end,stance\nA b.,0,1,x\nC d.,0,9,neutral\n", r"(?s)a\.csv:2: .*a\.csv:3: target must lie inside"),
    ],
)
def test_bad_table_is_refused_with_file_line_and_way_out(tmp_path, table, message):
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "a.csv", table))


def test_marked_lines_are_grouped_by_their_headings(tmp_path):
    path = written(
        tmp_path, "voice.txt", "# a remark\nWe back [+AUKUS].\n\n## s-1: A title\r\nWe met [=Iran].\n## s-2\nWe left.\n"
    )
    assert [(r.id, r.statement, r.family) for r in read_records(path)] == [
        ("voice:2", "voice:2", "voice"),
        ("voice:5", "s-1", "voice"),
        ("voice:7", "s-2", "voice"),
    ]


def test_every_format_gives_the_same_record(tmp_path):
    written(tmp_path, "a.jsonl", json_lines(ROW | {"targets": [TARGET], "family": "mine"}))
    written(tmp_path, "b.csv", "id,statement,text,start,end,stance\nr1,s1,We condemn Iran.,11,15,condemn\n")
    written(tmp_path, "c.txt", "## s1\nWe condemn [-Iran].\n")
    plain = [(r.text, r.targets, r.statement) for r in read_records(tmp_path)]
    assert plain == [(PLAIN.text, PLAIN.targets, PLAIN.statement)] * 3


def test_folder_is_read_in_the_order_of_its_names_and_other_files_passed_over(tmp_path):
    for name, content in (("b.txt", "We left."), ("a.txt", "We met."), ("README.md", "[no"), ("notes.pdf", b"\xff")):
        written(tmp_path, name, content)
    assert [r.text for r in read_records(str(tmp_path))] == ["We met.", "We left."]


def test_folder_without_labelled_files_is_refused(tmp_path):
    with pytest.raises(
        ValueError,
        match=r"folder must hold labelled \.txt, \.jsonl, \.json, \.csv, \.tsv files, got none; see datasets/",
    ):
        read_records(tmp_path)


@pytest.mark.parametrize("name", ["records", "records.xlsx"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(
        ValueError,
        match=r"ending must be one of \.txt, \.jsonl, \.json, \.csv, \.tsv, got '.*'; rename or convert the file",
    ):
        read_records(written(tmp_path, name, "We met."))


def test_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl"):
        read_records(tmp_path / "none.jsonl")


def test_file_that_is_not_utf8_is_refused_with_the_byte(tmp_path):
    with pytest.raises(ValueError, match=r"a\.txt: labelled files must be UTF-8, got byte 0xe9 at 6; save as UTF-8"):
        read_records(written(tmp_path, "a.txt", b"We caf\xe9."))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "We condemn [-Iran]."),
        ("a.jsonl", json.dumps(ROW)),
        ("a.csv", "text,start,end,stance\nWe condemn Iran.,11,15,condemn"),
    ],
)
def test_byte_order_mark_is_passed_over(tmp_path, name, content):
    assert read_records(written(tmp_path, name, f"\ufeff{content}"))[0].spans == [(11, 15)]


def test_shipped_records_are_read():
    records = load_records()
    assert len(records) == len({record.id for record in records}) > 1000
