import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.document import Stance
from stance.labelled import read_labelled
from stance.records import LabelledTarget, Record
from stance.writers import WRITERS, losses, write_brat

TEXT = "We condemn Iran’s attack on Israel, said Norway."
TARGETS = (LabelledTarget(11, 34, Stance.CONDEMN, "object", (41, 47)), LabelledTarget(28, 34, Stance.NEUTRAL, "actor"))
RECORD = Record("r1", TEXT, TARGETS, "s1", "mine")
WHOLE = sorted(set(WRITERS) - {"marked"})


def back(folder, records, format, predicted=False):
    path = folder / "out.txt"
    path.write_text("".join(f"{line}\n" for line in WRITERS[format](records, predicted)), encoding="utf-8", newline="")
    return read_labelled(path, format=format)


@st.composite
def records(draw):
    """Records with spans that may nest or cross, with and without kinds and holders."""
    text = draw(st.text(alphabet=st.sampled_from("ab[]\\#'\",;:\t \n\r\u2028é中😀\x00"), min_size=1, max_size=25))
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    fit = {(s, e) for s, e in draw(st.lists(spans, max_size=6)) if s < e and text[s:e] == text[s:e].strip()}
    targets = [
        LabelledTarget(
            s,
            e,
            draw(st.sampled_from(Stance)),
            draw(st.sampled_from(["", "actor"])),
            draw(st.sampled_from([None, *fit])),
        )
        for s, e in fit
    ]
    name = st.text(alphabet="ab :/é", min_size=1, max_size=5).filter(str.strip)
    ordered = tuple(sorted(targets, key=lambda t: (t.start, -t.end)))
    return Record(draw(name), text, ordered, draw(name), draw(name))


@settings(deadline=None)
@given(st.lists(records(), max_size=4, unique_by=lambda record: record.id), st.sampled_from(WHOLE))
def test_records_come_back_from_every_format_as_they_were(tmp_path_factory, made, format):
    labelled = back(tmp_path_factory.getbasetemp(), made, format)
    assert labelled.problems == []
    assert labelled.records == made


def test_marked_sentences_come_back_with_texts_stances_and_statements(tmp_path):
    made = [Record("out:2", r"#1 \ We back [AUKUS].", (LabelledTarget(14, 19, Stance.SUPPORT),), "out:2", "out"),
            Record("out:4", "They met.", (), "s: 2".replace(": ", ":"), "out")]  # fmt: skip
    labelled = back(tmp_path, made, "marked")
    assert labelled.records == made


@pytest.mark.parametrize("text", ["", " We met.", "We\nmet.", "We met. "])
def test_text_that_a_line_cannot_hold_is_refused(text):
    with pytest.raises(
        ValueError, match=r"record r1: text must stand on one line without white space around it, got .*;"
    ):
        list(WRITERS["marked"]([Record("r1", text, ())], False))


def test_crossing_targets_are_refused_in_marked_text():
    crossing = (LabelledTarget(0, 10, Stance.SUPPORT), LabelledTarget(3, 15, Stance.CONDEMN))
    with pytest.raises(ValueError, match=r"record r1: targets must not cross, got .*; use JSON lines"):
        list(WRITERS["marked"]([Record("r1", TEXT, crossing)], False))


def test_what_a_format_has_no_place_for_is_told():
    assert losses([RECORD], "marked") == ["ids", "families", "kinds", "holders"]
    assert losses([RECORD], "brat") == ["ids", "families"]
    assert [losses([RECORD], format) for format in WHOLE] == [[]] * len(WHOLE)
    differed = Record("r1", TEXT, (), "s1", "mine", TARGETS)
    assert (losses([differed], "jsonl"), losses([differed], "csv")) == ([], ["optional targets"])
    light = Record("r1", TEXT, TARGETS, "s1", "mine", weight=0.25)
    assert (losses([light], "jsonl"), losses([light], "csv")) == ([], ["weights"])
    plain = Record("mine:3", "We met.", (), "mine:3", "")
    assert losses([plain], "marked") == losses([plain], "brat") == []
    assert losses([Record("mine:3", "We met.", (), "s: 1", "")], "marked") == ["statements"]


def test_brat_gets_a_pair_of_files_for_each_statement(tmp_path):
    made = [
        RECORD,
        Record("r2", "We met.", (), "s/2", "x"),
        Record("r3", TEXT, TARGETS, "s1", "x"),
        Record("r4", "We left.", (), "s?2", "x"),
    ]
    files = write_brat(made)
    assert list(files) == ["s1", "s-2", "s-2-2"]
    for name, (text, annotations) in files.items():
        (tmp_path / f"{name}.txt").write_text("\n".join([*text, ""]), encoding="utf-8")
        (tmp_path / f"{name}.ann").write_text("\n".join([*annotations, ""]), encoding="utf-8")
    labelled = read_labelled(tmp_path)
    assert (labelled.problems, labelled.notes) == ([], [])
    assert [(r.text, r.targets, r.statement) for r in labelled.records] == [
        ("We left.", (), "s-2-2"),
        ("We met.", (), "s-2"),
        (TEXT, TARGETS, "s1"),
        (TEXT, TARGETS, "s1"),
    ]


@pytest.mark.parametrize("text", ["", "We\nmet.", "We\rmet."])
def test_text_of_several_lines_is_refused_in_brat(text):
    with pytest.raises(ValueError, match=r"record r1: text must stand on one line, got .*; convert to jsonl"):
        write_brat([Record("r1", text, ())])


def test_optional_targets_come_back_from_json_lines(tmp_path):
    made = [Record("r1", TEXT, TARGETS[:1], "s1", "mine", TARGETS[1:])]
    assert back(tmp_path, made, "jsonl").records == made


@pytest.mark.parametrize("format", ["jsonl", "marked"])
def test_weights_come_back(tmp_path, format):
    weights = [1.0, 0.25, 0.25, 1.0, 3.0]
    made = [Record(f"r{n}", TEXT, TARGETS, f"s{n}", "mine", weight=weight) for n, weight in enumerate(weights)]
    assert [record.weight for record in back(tmp_path, made, format).records] == weights


def test_proposals_are_no_annotations(tmp_path):
    (task,) = json.loads("\n".join(WRITERS["label-studio"]([RECORD], True)))
    assert "annotations" not in task
    assert task["predictions"][0]["result"][0]["value"] == {
        "start": 11, "end": 34, "text": "Iran’s attack on Israel", "labels": ["condemn"]
    }  # fmt: skip
    assert back(tmp_path, [RECORD], "label-studio", predicted=True).records == []
    row = json.loads(next(WRITERS["prodigy"]([RECORD], True)))
    assert "answer" not in row


def test_label_studio_tasks_name_the_controls_of_the_documented_interface():
    (task,) = json.loads("\n".join(WRITERS["label-studio"]([RECORD], False)))
    results = task["annotations"][0]["result"]
    assert {(r.get("from_name"), r["type"]) for r in results} == {
        ("label", "labels"),
        ("kind", "choices"),
        (None, "relation"),
    }
    assert json.loads("\n".join(WRITERS["label-studio"]([], False))) == []
