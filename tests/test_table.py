import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import make_row

from stance.table import aligned, excerpt, format_table
from stance.terminal import Paint, columns_of

PLAIN, COLOURED = Paint(False), Paint(True)
LONG = "We, the Ministers, condemn in the strongest possible terms the attack on the town of Kharkiv last Monday."


def without_colours(line):
    return re.sub(r"\x1b\[[\d;]*m", "", line)


def test_an_excerpt_marks_target_and_evidence():
    row = make_row(target="attack", evidence="condemn")
    assert excerpt(row, 80, PLAIN) == "We *condemn* the [attack]."
    assert excerpt(row, 80, COLOURED) == "We \x1b[4mcondemn\x1b[0m the \x1b[1;31mattack\x1b[0m."


def test_an_excerpt_is_cut_between_words_around_target_and_evidence():
    row = make_row(target="attack on the town", sentence=LONG, evidence="condemn")
    assert excerpt(row, 50, PLAIN) == "… *condemn* … terms the [attack on the town] …"


def test_evidence_is_marked_as_a_whole_word_before_the_target():
    row = make_row(target="plan", sentence="We defend the end of the plan to end it.", evidence="end")
    assert excerpt(row, 80, PLAIN) == "We defend the *end* of the [plan] to end it."


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.text(max_size=60), st.integers(20, 90))
def test_an_excerpt_never_exceeds_its_width(before, target, after, width):
    sentence = before + target + after
    row = make_row(target=target, sentence=sentence, start=len(before), end=len(before) + len(target))
    assert columns_of(excerpt(row, width, PLAIN)) <= width
    assert columns_of(without_colours(excerpt(row, width, COLOURED))) <= width


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_every_line_of_the_table_fits_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    targets = (LONG[4:90], "Kharkiv")
    rows = [make_row(target=target, sentence=LONG, evidence="condemn", id="long-id-of-issue") for target in targets]
    lines = list(format_table(rows, PLAIN))
    assert max(map(columns_of, lines)) <= columns
    assert lines[0].split() == ["stance", "target", "kind/id", "conf.", "in", "the", "sentence"]
    assert lines[-1] == "2 targets: 0 support, 2 condemn, 0 neutral"


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_the_holder_is_told_where_it_changes_and_there_is_room(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    one = make_row(target="attack", evidence="condemn", holder="Chad and Peru", holder_id="PER+TCD")
    lines = list(format_table([one, one._replace(holder="a lawyer", holder_id=None)], PLAIN))
    assert max(map(columns_of, lines)) <= columns
    assert ("holder" in lines[0]) is ("PER+TCD" in lines[1]) is ("a lawyer" in lines[2]) is (columns >= 100)
    assert "holder" not in next(format_table([one, one], PLAIN))


def test_targets_inside_others_are_indented():
    sentence = "We condemn Iran's attack on Israel and Oman."
    rows = [make_row(target=t, sentence=sentence) for t in ("Iran's attack on Israel", "Iran", "Israel", "Oman")]
    lines = list(format_table(rows, PLAIN))[1:-1]
    assert [re.match(r"condemn( +)", line)[1] for line in lines] == ["  ", "    ", "    ", "  "]


def test_a_table_of_nothing_says_so():
    assert list(format_table([], PLAIN)) == ["no targets"]


def test_numbers_stand_to_the_right_under_their_heading():
    rows = [{"rule": "place_only", "fired": 1234, "share": 0.5}, {"rule": "called_upon", "fired": 7, "share": 1.0}]
    assert list(aligned(rows, PLAIN)) == [
        "rule              fired  share",
        "place_only         1234  0.500",
        "called_upon           7  1.000",
    ]


def test_no_rows_align_to_no_lines():
    assert list(aligned([], PLAIN)) == []
