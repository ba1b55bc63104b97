import pytest
from marked import analysed

from stance.ladders import Rung, climb, read_ladder
from stance.rows import rows_of

LADDER = [
    Rung("", 1, "take note of"),
    Rung("", 2, "acknowledge"),
    Rung("", 3, "respect"),
    Rung("", 4, "support"),
    Rung("", 5, "firmly support"),
]


def steps(marked, ladder=LADDER):
    return [(f.rung.step, f.words, f.passage.target) for f in climb(ladder, rows_of("a.txt", analysed(marked)))]


@pytest.mark.parametrize(
    ("marked", "step", "words"),
    [
        ("It took note of the [=principle].", 1, "took note of"),
        ("We acknowledge the [=principle].", 2, "acknowledge"),
        ("Respecting the [+principle], we met.", 3, "Respecting"),
        ("Kiribati supports the [+principle].", 4, "supports"),
        ("Kiribati firmly\nsupported the [+principle].", 5, "firmly\nsupported"),
        ("We respect, and indeed support, the [+principle].", 4, "support"),
    ],
)
def test_a_passage_stands_on_the_rung_of_the_nearest_longest_phrase(marked, step, words):
    assert steps(marked) == [(step, words, "principle")]


@pytest.mark.parametrize("marked", ["We discussed the [=principle].", "The [=principle] is what we support."])
def test_without_a_phrase_before_it_a_target_stands_nowhere(marked):
    assert steps(marked) == []


def test_a_rung_counts_only_for_its_target():
    ladder = [Rung("principle", 1, "respect"), Rung("IRN", 2, "respect")]
    assert steps("We respect the [+principle] and [+Tehran] and the [+harvest].", ladder) == [
        (1, "respect", "principle"),
        (2, "respect", "Tehran"),
    ]


def test_footings_stand_in_the_order_of_time():
    late, early = (list(rows_of(d, analysed("We respect [+Iran].", date=d))) for d in ("2023-01-01", "2021-01-01"))
    assert [footing.passage.file for footing in climb(LADDER, late + early)] == ["2021-01-01", "2023-01-01"]


def test_a_ladder_is_read_with_its_notes_passed_over(tmp_path):
    path = tmp_path / "ladder.tsv"
    path.write_text("# of principles\ntarget\tstep\tphrase\n\tIRN\n", encoding="utf-8")
    path.write_text("# of principles\ntarget\tstep\tphrase\n\n\t1\ttake note of\nIRN\t2\tsupport\n", encoding="utf-8")
    assert read_ladder(path) == (Rung("", 1, "take note of"), Rung("IRN", 2, "support"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"ladder.tsv:1: header must be 'target step phrase' with tabs between, got ''; add it"),
        ("step\tphrase\n1\tnote\n", r":1: header must be .*, got 'step\\tphrase'; add it"),
        ("target\tstep\tphrase\n", r"ladder.tsv: ladder must have a rung, got none; add a line"),
        ("target\tstep\tphrase\nnote\t1\n", r":2: row must have 3 cells, got 2; put tabs between them"),
        ("target\tstep\tphrase\n\thigh\tnote\n", r":2: step must be a whole number from 0 on, got 'high'; count"),
        ("target\tstep\tphrase\n\t1\t \n", r":2: phrase must hold a word, got ' '; give the words of the rung"),
        ("target\tstep\tphrase\n\t1\t**\n", r":2: phrase must hold a word, got '\*\*'; give the words of the rung"),
        ("target\tstep\tphrase\na\nb\n", r":2: row must .*\n.*:3: row must"),
    ],
)
def test_a_broken_ladder_says_what_is_wrong(tmp_path, text, message):
    path = tmp_path / "ladder.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_ladder(path)
