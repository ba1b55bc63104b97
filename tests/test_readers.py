import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import Stance
from stance.labelled import read_labelled, read_records
from stance.readers import FORMATS, READERS, guess_format
from stance.records import LabelledTarget, Record

SUPPORT, CONDEMN, NEUTRAL = Stance.SUPPORT, Stance.CONDEMN, Stance.NEUTRAL
TEXT = "We condemn Iran’s attack on Israel, said Norway."
ATTACK = LabelledTarget(11, 34, CONDEMN)


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def json_lines(*rows):
    return "\n".join(json.dumps(row) for row in rows)


def read(folder, name, content, **options):
    return read_labelled(written(folder, name, content if isinstance(content, str) else json_lines(content)), **options)


def only(labelled):
    assert labelled.problems == []
    (record,) = labelled.records
    return record


def problem(labelled):
    assert labelled.records == []
    (line,) = labelled.problems
    return line


def region(key, start, end, *labels, **value):
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": list(labels)} | value
    value = {name: part for name, part in value.items() if part is not None}
    return {"id": key, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def task(*results, **others):
    return {
        "id": 7,
        "data": {"text": TEXT},
        "annotations": [{"result": list(results), "was_cancelled": False}],
    } | others


def tasks(*rows):
    return json.dumps(rows, indent=2)


# Label Studio


def test_label_studio_regions_are_targets(tmp_path):
    record = only(
        read(tmp_path, "export.json", tasks(task(region("a", 11, 34, "condemn"), region("b", 28, 34, "Neutral"))))
    )
    assert record == Record("7", TEXT, (ATTACK, LabelledTarget(28, 34, NEUTRAL)), "7", "export")


def test_label_studio_choices_of_a_region_give_the_kind_and_a_relation_the_holder(tmp_path):
    kind = region("a", 11, 34) | {"type": "choices", "from_name": "kind"}
    kind["value"]["choices"] = kind["value"].pop("labels") + ["object"]
    relation = {"type": "relation", "from_id": "a", "to_id": "h", "direction": "right", "labels": ["holder"]}
    results = [region("a", 11, 34, "condemn"), kind, region("h", 41, 47, "holder"), relation]
    wanted = (LabelledTarget(11, 34, CONDEMN, "object", (41, 47)),)
    assert only(read(tmp_path, "export.json", tasks(task(*results)))).targets == wanted
    turned = relation | {"from_id": "h", "to_id": "a"}
    assert only(read(tmp_path, "export.json", tasks(task(*results[:3], turned)))).targets == wanted


def test_other_relations_are_no_holders(tmp_path):
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "labels": ["same as"]}
    results = [region("a", 11, 34, "condemn"), region("b", 28, 34, "neutral"), relation]
    assert [t.holder for t in only(read(tmp_path, "export.json", tasks(task(*results)))).targets] == [None, None]


def test_hypertext_counts_by_its_global_offsets(tmp_path):
    odd = region("a", 0, 1, "condemn", globalOffsets={"start": 11, "end": 34}, text=None)
    odd["value"] |= {"start": "/div[1]/text()[1]", "end": "/div[1]/text()[1]"}
    assert only(read(tmp_path, "export.json", tasks(task(odd)))).targets == (ATTACK,)


def test_json_min_is_read(tmp_path):
    row = {
        "id": 3,
        "text": TEXT,
        "label": [{"start": 11, "end": 34, "text": TEXT[11:34], "labels": ["condemn"]}],
        "annotator": 1,
    }
    assert only(read(tmp_path, "min.json", tasks(row))).targets == (ATTACK,)


def test_text_under_another_name_is_found(tmp_path):
    row = task(region("a", 11, 34, "condemn")) | {"data": {"sentence": TEXT, "statement": "s1", "id": "r1"}}
    assert only(read(tmp_path, "export.json", tasks(row))) == Record("r1", TEXT, (ATTACK,), "s1", "export")


def test_tasks_that_nobody_finished_are_left_out_and_told(tmp_path):
    cancelled = task(region("a", 11, 34, "condemn"))
    cancelled["annotations"][0]["was_cancelled"] = True
    proposed = {
        "data": {"text": TEXT},
        "annotations": [],
        "predictions": [{"result": [region("a", 11, 34, "condemn")]}],
    }
    labelled = read(tmp_path, "export.json", json.dumps([cancelled, proposed]))
    assert (labelled.records, labelled.problems) == ([], [])
    assert [note.split(": ")[1] for note in labelled.notes] == ["left out, task has no finished annotation"] * 2


def test_task_without_regions_has_no_targets(tmp_path):
    assert only(read(tmp_path, "export.json", tasks(task()))).targets == ()


def test_of_several_annotations_the_ground_truth_is_taken(tmp_path):
    row = task(region("a", 11, 34, "condemn"))
    row["annotations"].append({"result": [region("a", 28, 34, "neutral")], "ground_truth": True})
    labelled = read(tmp_path, "export.json", tasks(row))
    assert only(labelled).targets == (LabelledTarget(28, 34, NEUTRAL),)
    assert labelled.notes == [f"{tmp_path}/export.json:2: task has 2 annotations, took the ground truth"]


def test_problems_of_an_array_name_the_line_of_their_task(tmp_path):
    labelled = read(
        tmp_path, "export.json", "[\n" + json.dumps(task()) + ",\n" + json.dumps(task(region("a", 0, 2, "PER")))
    )
    assert labelled.problems[0].startswith(
        f"{tmp_path}/export.json:3: stance must be one of condemn, neutral, support,"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", r"json:1: a Label Studio task must be an object, got '1'; export it as JSON or JSON-MIN"),
        ('[{"data": {}}]', r"json:1: a Label Studio task must hold one text, got '\{\}'; name its field 'text'"),
        ('[{"data": {"a": "x", "b": "y"}}]', r"a Label Studio task must hold one text, got .*; name its field 'text'"),
        ('[{"data": ', r"json:1: file must be a whole JSON array, got Expecting value.*; export it again"),
        ('[\n{"data": {"text": "We met."}}', r"json:2: file must be a whole JSON array, got its end before '\]'; exp"),
        ("[" * 100_000, r"json:1: file must be a whole JSON array, got a deeply nested value; export it again"),
    ],
)
def test_bad_label_studio_file_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "export.json", content))


# offsets that tools get wrong


@pytest.mark.parametrize(
    ("start", "end", "words", "note"),
    [
        (11, 34, TEXT[11:34], None),
        (11, 34, None, None),
        (10, 35, None, "white space around"),
        (10, 34, " " + TEXT[11:34], "white space around"),
        (13, 36, TEXT[11:34], "moved from 13:36 to 11:34, where its words stand"),
        (0, 23, TEXT[11:34], "moved from 0:23 to 11:34"),
        (11, 999, TEXT[11:34], "moved from 11:999 to 11:34"),
        (12, 35, "Iran’s  attack\non Israel", "moved from 12:35 to 11:34"),
    ],
)
def test_slips_of_offsets_are_mended_and_told(tmp_path, start, end, words, note):
    text = TEXT.replace("Israel,", "Israel ,")
    row = task(region("a", start, end, "condemn", text=words)) | {"data": {"text": text}}
    labelled = read(tmp_path, "export.json", tasks(row))
    assert only(labelled).targets == (ATTACK,)
    assert [note in line for line in labelled.notes] == ([True] if note else [])


@pytest.mark.parametrize(
    ("start", "end", "words", "message"),
    [
        (5, 9, "Oslo", r"target 'Oslo' must stand at 5:9, got .* and the words in 0 other places; fix start and end"),
        (9, 13, "Iran", r"target 'Iran' must stand at 9:13, got .* and the words in 2 other places about as near; fix"),
        (3, 99, None, r"target must lie inside the text of 19 characters, got \(3, 99\); fix start and end"),
        (
            None,
            None,
            "Iran",
            r"target 'Iran' must stand in the text once, got 2; give start and end, or its occurrence",
        ),
        ("a", 4, None, r"start must be a whole number of characters, got 'a'; fix the row"),
    ],
)
def test_offsets_that_could_mean_several_places_are_refused(tmp_path, start, end, words, message):
    row = {"text": "If Iran asks, Iran.", "spans": [{"start": start, "end": end, "text": words, "label": "neutral"}]}
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "a.jsonl", json_lines(row)))


def test_shift_is_mended_where_one_place_is_much_nearer(tmp_path):
    row = {"text": "If Iran asks, Iran.", "spans": [{"start": 4, "end": 8, "text": "Iran", "label": "neutral"}]}
    assert only(read(tmp_path, "a.jsonl", row)).spans == [(3, 7)]


def test_words_inside_longer_words_are_no_place_for_a_target(tmp_path):
    row = {"text": "Iranian oil, Iran.", "spans": [{"start": 1, "end": 5, "text": "Iran", "label": "neutral"}]}
    assert only(read(tmp_path, "a.jsonl", row)).spans == [(13, 17)]


@pytest.mark.parametrize("name", ["doccano", "prodigy", "label-studio"])
def test_span_marked_twice_alike_is_kept_once_and_told(tmp_path, name):
    rows = {
        "doccano": json_lines({"text": TEXT, "label": [[11, 34, "condemn"], [11, 34, "condemn"]]}),
        "prodigy": json_lines({"text": TEXT, "spans": [{"start": 11, "end": 34, "label": "condemn"}] * 2}),
        "label-studio": tasks(task(region("a", 11, 34, "condemn"), region("b", 11, 34, "condemn"))),
    }
    labelled = read(tmp_path, "a.json", rows[name], format=name)
    assert only(labelled).targets == (ATTACK,)
    assert name == "prodigy" or "was marked twice alike, kept one" in labelled.notes[0]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[11, 34, "condemn"], [11, 34, "support"]], r"target must be marked once, got .* twice; keep one"),
        ([[11, 34, "actor"]], r"stance must be one of condemn, neutral, support, got only the kind 'actor'; label its"),
        ([[11, 34, None]], r"stance must be one of condemn, neutral, support, got None; rename the label"),
        (
            [[11, 34, "good"]],
            r"got 'good'; rename the label, or map it with `--map good=STANCE` \(`=-` leaves it out\)",
        ),
        ([[11, 34]], r"a doccano label must be \[start, end, label\], got .*; export it again"),
    ],
)
def test_labels_that_contradict_are_refused(tmp_path, labels, message):
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "a.jsonl", json_lines({"text": TEXT, "label": labels})))


def test_region_with_two_stances_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a target must have one stance, got condemn and support; keep one"):
        read_records(written(tmp_path, "a.json", tasks(task(region("a", 11, 34, "support", "condemn")))))


def test_labels_are_mapped_and_left_out(tmp_path):
    row = {"text": TEXT, "label": [[11, 34, "NEG"], [28, 34, "Country"], [0, 2, 1]]}
    labelled = read(tmp_path, "a.jsonl", row, labels={"neg": "condemn", "COUNTRY": "-", "1": "neutral"})
    assert only(labelled).targets == (LabelledTarget(0, 2, NEUTRAL), ATTACK)


def test_mapping_to_no_stance_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"labels: 'neg' must mean one of condemn, .*, -, got 'bad'; correct it"):
        read(tmp_path, "a.jsonl", {"text": TEXT, "label": []}, labels={"neg": "bad"})


# doccano


@pytest.mark.parametrize("name", ["label", "labels"])
def test_doccano_labels_are_targets(tmp_path, name):
    row = {"id": 5, "text": TEXT, name: [[11, 34, "condemn"]], "Comments": [], "statement": "s1"}
    assert only(read(tmp_path, "all.jsonl", row)) == Record("5", TEXT, (ATTACK,), "s1", "all")


def test_doccano_relations_give_holders(tmp_path):
    entities = [
        {"id": 12, "label": "condemn", "start_offset": 11, "end_offset": 34},
        {"id": 15, "label": "holder", "start_offset": 41, "end_offset": 47},
    ]
    row = {"text": TEXT, "entities": entities, "relations": [{"id": 1, "from_id": 12, "to_id": 15, "type": "holder"}]}
    assert only(read(tmp_path, "all.jsonl", row)).targets == (LabelledTarget(11, 34, CONDEMN, "", (41, 47)),)


def test_bad_doccano_row_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a doccano row must be an object with 'text' and 'label' or 'entities', got"):
        read_records(written(tmp_path, "a.jsonl", json_lines({"label": ["positive"]})))


@pytest.mark.parametrize(("start", "end"), [(41, 999), (-1, 4), (9, 9)])
def test_holder_outside_the_text_is_refused(tmp_path, start, end):
    row = {
        "text": TEXT,
        "targets": [{"start": 11, "end": 34, "stance": "condemn", "holder": {"start": start, "end": end}}],
    }
    with pytest.raises(ValueError, match=r"holder must lie inside the text of 48 characters, got .*; fix its offsets"):
        read_records(written(tmp_path, "a.jsonl", json_lines(row)))


# Prodigy


def test_prodigy_spans_are_targets(tmp_path):
    spans = [{"start": 11, "end": 34, "token_start": 2, "token_end": 6, "label": "CONDEMN"}]
    row = {"text": TEXT, "spans": spans, "answer": "accept", "_task_hash": 1, "meta": {"statement": "s1"}}
    assert only(read(tmp_path, "out.jsonl", row)) == Record("out:1", TEXT, (ATTACK,), "s1", "out")


@pytest.mark.parametrize("answer", ["reject", "ignore"])
def test_prodigy_rows_that_were_not_accepted_are_left_out_and_told(tmp_path, answer):
    labelled = read(tmp_path, "out.jsonl", {"text": TEXT, "spans": [], "answer": answer})
    assert labelled.notes == [f"{tmp_path}/out.jsonl:1: left out, answer is '{answer}'"]
    assert labelled.records == labelled.problems == []


def test_prodigy_relations_give_holders(tmp_path):
    target, holder = {"start": 11, "end": 34, "label": "condemn"}, {"start": 41, "end": 47, "label": "holder"}
    relations = [{"head": 6, "child": 9, "head_span": target, "child_span": holder, "label": "holder"}]
    row = {"text": TEXT, "spans": [target, holder], "relations": relations, "answer": "accept"}
    assert only(read(tmp_path, "out.jsonl", row)).targets == (LabelledTarget(11, 34, CONDEMN, "", (41, 47)),)


def test_bad_prodigy_row_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a Prodigy row must be an object with 'text' and 'spans', got .*; export it"):
        read_records(written(tmp_path, "a.jsonl", json_lines({"image": "a.png", "spans": []})))


# brat


def brat(folder, annotations, text=f"They met.\n{TEXT}\n"):
    written(folder, "talk.ann", annotations)
    return read_labelled(written(folder, "talk.txt", text))


def test_brat_spans_are_targets_of_their_lines(tmp_path):
    annotations = "T1\tCondemn 21 44\tIran’s attack on Israel\nT2\tneutral 38 44\tIsrael\nT3\tHolder 51 57\tNorway\n"
    annotations += "R1\tHolder Arg1:T1 Arg2:T3\nA1\tKind T2 actor\n#1\tAnnotatorNotes T1\tsure?\n*\tEquiv T1 T2\n"
    labelled = brat(tmp_path, annotations)
    assert labelled.problems == []
    wanted = (LabelledTarget(11, 34, CONDEMN, "", (41, 47)), LabelledTarget(28, 34, NEUTRAL, "actor"))
    assert labelled.records == [
        Record("talk:1", "They met.", (), "talk", "talk"),
        Record("talk:2", TEXT, wanted, "talk", "talk"),
    ]


def test_brat_span_of_several_pieces_is_taken_whole(tmp_path):
    assert brat(tmp_path, "T1\tcondemn 21 27;38 44\tIran’s Israel\n").records[1].targets == (ATTACK,)


def test_brat_keeps_carriage_returns_out_of_the_texts(tmp_path):
    labelled = brat(tmp_path, "T1\tcondemn 22 45\tIran’s attack on Israel\r\n", f"They met.\r\n{TEXT}\r\n")
    assert (labelled.records[1].text, labelled.records[1].targets) == (TEXT, (ATTACK,))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "T1 condemn 3 4",
            r"talk\.txt:1: in the \.ann file: a span must be 'T1<tab>label start end<tab>text', got 'T1 c",
        ),
        ("T1\tcondemn x 4\ty", r"a span must be 'T1<tab>label start end<tab>text', got .*; fix the line"),
        ("R1\tholder Arg1:T1", r"a relation must name two spans, got .*; fix the line"),
        ("T1\tcondemn 9 12\tand", r"talk\.txt:1: in the \.ann file: target must begin inside a line .*, got 9; fix T1"),
        (
            "T1\tcondemn 900 904\tIran",
            r"target must begin inside a line of the text of 59 characters, got 900; fix T1",
        ),
        ("T1\tcondemn 21 44\tNorth Korea", r"talk\.txt:2: target 'North Korea' must stand at 11:34, got 'Iran’s"),
    ],
)
def test_bad_brat_line_is_refused(tmp_path, line, message):
    brat(tmp_path, line)
    with pytest.raises(ValueError, match=message):
        read_records(tmp_path / "talk.txt")


def test_brat_is_read_from_either_file_or_the_folder(tmp_path):
    brat(tmp_path, "T1\tcondemn 21 44\tIran’s attack on Israel\n")
    assert read_records(tmp_path) == read_records(tmp_path / "talk.ann") == read_records(tmp_path / "talk.txt")


# NewsMTSC, tables


def test_newsmtsc_polarities_are_stances_and_articles_statements(tmp_path):
    targets = [{"from": 28, "to": 34, "mention": "Israel", "polarity": 4.0}, {"from": 11, "to": 34, "polarity": 2}]
    row = {"primary_gid": "allsides_10_4_25_Israel_28_34", "sentence_normalized": TEXT, "targets": targets}
    record = only(read(tmp_path, "train.jsonl", row))
    assert (record.targets, record.statement) == ((ATTACK, LabelledTarget(28, 34, NEUTRAL)), "allsides_10_4")


def test_bad_newsmtsc_row_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a NewsMTSC row must be an object with 'sentence_normalized' and 'targets'"):
        read_records(written(tmp_path, "a.jsonl", json_lines({"sentence_normalized": 5})))
    row = {"sentence_normalized": TEXT, "targets": [{"from": 11, "to": 34, "polarity": 3}]}
    with pytest.raises(ValueError, match=r"stance must be one of condemn, neutral, support, got 3; rename"):
        read_records(written(tmp_path, "a.jsonl", json_lines(row)))


def test_table_may_name_targets_by_their_words(tmp_path):
    rows = "text,target,occurrence,stance\nIran met Iran.,Iran,2,neutral\nIran met Iran.,met,,support\nWe left.,,,\n"
    first, second = read(tmp_path, "a.csv", rows).records
    assert first.targets == (LabelledTarget(5, 8, SUPPORT), LabelledTarget(9, 13, NEUTRAL))
    assert (second.text, second.targets) == ("We left.", ())


def test_a_sentence_of_a_table_that_stands_in_two_statements_is_two_records(tmp_path):
    rows = "statement,text,target,stance\na,We met Iran.,Iran,neutral\nb,We met Iran.,Iran,neutral\n"
    labelled = read(tmp_path, "a.csv", rows)
    assert [record.statement for record in labelled.records] == ["a", "b"]
    assert labelled.notes == []


@pytest.mark.parametrize("header", ["Text,Target,Stance", " text ;TARGET;Stance", "text;target;stance"])
def test_headers_of_tables_may_have_capitals_and_semicolons_between(tmp_path, header):
    row = "We met Iran.,Iran,neutral\n".replace(",", ";" if ";" in header else ",")
    (record,) = read_records(written(tmp_path, "a.csv", f"{header}\n{row}"))
    assert [(record.text[t.start : t.end], t.stance) for t in record.targets] == [("Iran", Stance.NEUTRAL)]


def test_labels_of_marked_text_can_be_mapped_too(tmp_path):
    path = written(tmp_path, "a.txt", "We condemn [-piracy] and welcome [+truces] in [=Oman].\n")
    (record,) = read_records(path, labels={"support": "-", "condemn": "neutral"})
    assert [(record.text[t.start : t.end], t.stance) for t in record.targets] == [
        ("piracy", Stance.NEUTRAL),
        ("Oman", Stance.NEUTRAL),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "text,target,stance\nIran met Iran.,Iran,neutral\n",
            r"csv:2: target 'Iran' must stand in the text once, got 2;",
        ),
        (
            "text,target,stance\nWe met.,Iran,neutral\n",
            r"csv:2: target 'Iran' must stand in the text once, got 0; give",
        ),
        (
            "text,target,occurrence,stance\nIran met.,Iran,2,neutral\n",
            r"target 'Iran' must stand in the text at least 2 times, got 1; give start and end, or its occurrence",
        ),
        ("text,target,stance\nWe met, Iran.,Iran,neutral\n", r"csv:2: row must have 3 cells, got 4; quote it"),
        ("text,target\n", r"csv:1: header must name .*, got text, target; add stance, or target in the place"),
    ],
)
def test_bad_table_of_words_is_refused(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        read_records(written(tmp_path, "a.csv", rows))


def test_line_breaks_within_a_cell_keep_their_length(tmp_path):
    record = only(read(tmp_path, "a.csv", 'text,start,end,stance\r\n"We\r\ncondemn Iran.",12,16,condemn\r\n'))
    assert [record.text[start:end] for start, end in record.spans] == ["Iran"]


# which format


@pytest.mark.parametrize(
    ("ending", "text", "format"),
    [
        (".txt", "We met.", "marked"),
        (".CSV", "", "csv"),
        (".json", " [", "label-studio"),
        (".jsonl", '\n{"text": "", "targets": []}', "jsonl"),
        (".jsonl", '{"data": {}, "annotations": []}', "label-studio"),
        (".jsonl", '{"text": "", "spans": []}', "prodigy"),
        (".jsonl", '{"text": "", "label": []}', "doccano"),
        (".jsonl", '{"sentence_normalized": "", "targets": []}', "newsmtsc"),
        (".jsonl", "{", "jsonl"),
        (".jsonl", "", "jsonl"),
    ],
)
def test_format_is_guessed(ending, text, format):
    assert guess_format(ending, text, False, "a") == format


def test_format_that_is_none_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"format must be one of marked, brat, jsonl, .*, got 'xml'; see docs/labelling"
    ):
        read(tmp_path, "a.jsonl", {}, format="xml")
    assert set(READERS) <= set(FORMATS)


LEAVES = st.none() | st.booleans() | st.integers(-3, 30) | st.floats() | st.sampled_from(["text", "condemn", TEXT])
KEYS = st.sampled_from(
    [
        "text",
        "targets",
        "label",
        "spans",
        "entities",
        "relations",
        "data",
        "annotations",
        "result",
        "value",
        "start",
        "end",
    ]
    + ["labels", "stance", "meta", "sentence_normalized", "polarity", "from", "to", "holder", "id", "type", "kinds"]
    + ["head_span", "child_span", "from_id", "to_id"]
)
JSON = st.recursive(LEAVES, lambda p: st.lists(p, max_size=3) | st.dictionaries(KEYS, p, max_size=6), max_leaves=14)


@settings(deadline=None)
@given(st.sampled_from(sorted(READERS)), JSON)
def test_any_json_is_read_or_refused_with_a_value_error(tmp_path_factory, format, row):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(row if format != "label-studio" else [row]), encoding="utf-8")
    labelled = read_labelled(path, format=format)
    assert all(str(path) in line for line in labelled.problems + labelled.notes)


def test_polarity_that_is_no_number_is_told(tmp_path):
    row = {"sentence_normalized": TEXT, "targets": [{"from": 11, "to": 34, "polarity": [2]}]}
    (problem,) = read(tmp_path, "train.jsonl", row).problems
    assert "stance must be one of condemn, neutral, support" in problem


@pytest.mark.parametrize("lines", [0, 2, 20_000])
def test_quotation_mark_that_is_never_closed_is_told_and_what_stands_before_it_is_read(lines, tmp_path):
    rows = f'text,target,stance\n"{TEXT}",Israel,neutral\n"We condemn it,x,condemn\n' + "We met.\n" * lines
    labelled = read(tmp_path, "labels.csv", rows)
    assert len(labelled.records) == 1
    (problem,) = labelled.problems
    assert "labels.csv:3: row must be CSV, got unexpected end of data; look for a quotation mark" in problem


def test_a_row_that_is_no_csv_is_told_and_those_around_it_are_read(tmp_path):
    row = f'"{TEXT}",Israel,neutral\n'
    labelled = read(
        tmp_path, "labels.csv", f'text,target,stance\n{row}"He said "no" to it,it,condemn\n\nWe met.,x,neutral\n'
    )
    assert [record.text for record in labelled.records] == [TEXT]
    assert [problem.split(":")[1] for problem in labelled.problems] == ["3", "5"]  # the last has no such target
    assert "row must be CSV" in labelled.problems[0]


@pytest.mark.parametrize(
    ("label", "way_out"),
    [
        ("condem", "write 'condemn' if that is meant"),
        ("", "fill it in, or delete the row"),
        ("nuetral", "write 'neutral'"),
    ],
)
def test_label_that_is_nearly_a_stance_is_not_taken_for_another(tmp_path, label, way_out):
    (problem,) = read(tmp_path, "labels.csv", f'text,target,stance\n"{TEXT}",Israel,{label or " "}\n').problems
    assert way_out in problem
