from stance.records import Record, parse_marked
from stance.splitting import split


def record(line):
    return Record("r", *parse_marked(line), "s", "f")


def test_one_sentence_stays_as_it_is():
    one = record("We condemn the [-attack].")
    assert split(one) == ([one], [])


def test_sentences_keep_their_targets_and_the_statement():
    made, notes = split(record("We condemn the [-[-Iran] attack]. We welcome the [+truce]."))
    assert notes == []
    assert [(r.id, r.text, r.statement, r.family) for r in made] == [
        ("r.1", "We condemn the Iran attack.", "s", "f"),
        ("r.2", "We welcome the truce.", "s", "f"),
    ]
    assert [[r.text[start:end] for start, end in r.spans] for r in made] == [["Iran attack", "Iran"], ["truce"]]


def test_target_over_two_sentences_is_left_out_and_told():
    made, notes = split(record("We condemn the [-attack. We welcome] the truce."))
    assert [r.targets for r in made] == [(), ()]
    assert notes == ["record r: target 'attack. We welcome' runs over two sentences, left out"]
