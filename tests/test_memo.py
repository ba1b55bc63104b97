from stance.memo import LONG, Memo


def asked_of(memo, asked, *texts):
    answers = [memo[text] for text in texts]
    return answers, len(asked)


def test_answers_are_worked_out_once_unless_the_text_is_long():
    asked = []

    def function(text):
        asked.append(text)
        return len(text)

    memo = Memo(function)
    assert asked_of(memo, asked, "peace", "peace", "war") == ([5, 5, 3], 2)
    assert asked_of(memo, asked, "x" * LONG, "x" * LONG) == ([LONG, LONG], 4)


def test_answers_are_kept_up_to_a_bound(monkeypatch):
    monkeypatch.setattr("stance.memo._MOST", 3)
    memo = Memo(str.upper)
    assert [memo[text] for text in "abcdab"] == list("ABCDAB")
    assert len(memo) == 3
