import pytest

from stance.checking import Placed, leakage, near_pairs, warnings
from stance.records import Record, parse_marked

LONG = "The ministers of all parties met in the capital on Monday and condemned [-the attack on the port] once more."


def lines(*marked, file="a.txt", statement="s", ids=None):
    return [
        Placed(
            f"{file}:{n}",
            file,
            Record(ids[n - 1] if ids else f"{file}:{n}", *parse_marked(line), f"{statement}{n % 2}"),
        )
        for n, line in enumerate(marked, 1)
    ]


def told(records, **options):
    return list(warnings(records, **options))


def test_sound_records_give_no_warning():
    assert told(lines("We condemn the [-attack].", "We welcome the [+truce].", "They met [=Iran].")) == []


def test_repeated_sentence_is_told_with_both_places():
    made = lines("We condemn the [-attack].", "We welcome [+talks].", "we condemn  the [-attack]!", "They met [=Iran].")
    assert told(made) == ["a.txt:3: sentence is that of a.txt:1 again; remove one"]


def test_conflicting_labels_are_told_with_words_and_stances():
    made = lines("We condemn the [-attack].", "We welcome [+talks].", "We condemn the [=attack].")
    assert told(made) == [
        "a.txt:3: labels contradict those of a.txt:1: 'attack' is condemn there, neutral here; settle them"
    ]


def test_near_sentence_in_another_file_is_leakage():
    ours, theirs = (
        lines(LONG),
        lines("They met [=Iran].", LONG.replace("Monday", "Tuesday"), file="b.txt", statement="t"),
    )
    assert list(leakage(ours + theirs)) == [
        "b.txt:2: sentence is nearly that of a.txt:1, in another file; remove one, "
        "or a score on one file after training on the other is too good"
    ]
    assert list(leakage(ours + lines(LONG.replace("Monday", "Tuesday"), statement="t"))) == []


def test_statement_in_two_files_is_leakage():
    made = lines("They met [=Iran].") + lines("They left [=Oman] soon.", file="b.txt")
    assert list(leakage(made)) == [
        "b.txt:1: statement 's1' stands in a.txt too; keep the sentences of a statement in one file"
    ]
    assert any("stands in a.txt too" in line for line in told(made, apart=True))
    assert not any("stands in a.txt too" in line for line in told(made))


def test_span_that_cuts_a_word_is_told():
    assert told(lines("We condemn at[-tacks], [+truce] and [=talks] they had.")) == [
        "a.txt:1: target 'tacks' begins or ends within a word; check its offsets"
    ]


def test_articles_and_pronouns_as_targets_are_told():
    assert told(lines("We condemn [-the attack], met [=The Gambia] and [=US] envoys, and thank [+them].")) == [
        "a.txt:1: target 'the attack' begins with an article, which is left outside when one is found",
        "a.txt:1: target 'them' is a pronoun, which is never found in a text; leave it out",
    ]


def test_long_sentence_is_told_with_its_size():
    assert any(
        line.startswith("a.txt:1: sentence has 201 words; if it is several, `stance convert --split` cuts it")
        for line in told(lines("word " * 200 + "."))
    )


def test_rare_stance_is_told_with_its_count():
    made = lines(*["We condemn the [-attack] of day %d." % n for n in range(40)], "We note [=it].")  # noqa: UP031
    found = told(made)
    assert "a.txt: only 0 of 41 targets are support; label more, or it is learned badly" in found
    assert "a.txt: only 1 of 41 targets are neutral; label more, or it is learned badly" in found


def test_statements_of_one_sentence_each_are_told():
    made = [
        Placed(f"a:{n}", "a", Record(f"r{n}", *parse_marked(f"Day {n}: [=Iran], [+a], [-b]."), f"r{n}")) for n in (1, 2)
    ]
    assert told(made) == [
        "a: every sentence is a statement of its own; name the statements, or cross-validation is too kind"
    ]


def test_id_of_two_sentences_is_told():
    made = lines("We condemn [-raids].", "We welcome [+talks].", "We note [=it all].", ids=["x", "y", "x"])
    assert told(made) == ["a.txt:3: id 'x' is that of another sentence at a.txt:1; give it its own"]


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        (["We met.", "we met"], [(0, 1)]),
        (["We met.", "We left."], []),
        (["", " "], []),
        ([LONG, "Other words stand in this sentence, which nobody wrote.", LONG + " Twice."], [(0, 2)]),
        ([LONG, " ".join(LONG.split()[::-1])], []),
    ],
)
def test_near_pairs(texts, pairs):
    assert near_pairs(texts) == pairs
