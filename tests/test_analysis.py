import time
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stance
from stance import analyze, explain, judge
from stance.document import Analysis, Document, Holder, Stance, Target, TargetKind
from stance.records import parse_marked
from stance.rules import RULES

TEXT = (
    "We condemn Iran's attack on Israel and welcome the truce. The ministers took note of the report.\n\n"
    "The trilateral partnership (AUKUS) is a threat to peace; we do not support it."
)
CLEAR = [
    "We strongly condemn [-[-Iran]'s attack on [=Israel]].",
    "We welcome the [+ceasefire in [=Gaza]].",
    "We reject [-attempts to undermine the [+UN Charter]].",
    "The ministers took note of the [=report].",
    "We reaffirm our commitment to the [+rule of law].",
    "They deplored the [-killing of [=civilians]].",
    "We do not support the [-plan].",
    "We support the [+plan].",
    "We call on [-Russia] to stop the [-attacks].",
    "We thank [+Egypt] and [+Qatar] for their mediation.",
    "We will cooperate closely with the [+African Union].",
    "The Council condemned in the strongest terms the [-terrorist attack].",
    "We oppose [-unilateral sanctions].",
    "We express our condolences to the [+families of the victims].",
    "We are gravely concerned about the [-humanitarian crisis] in [=Sudan].",
    "They discussed the [=situation in [=Myanmar]].",
    "We look forward to the [+early entry into force of the treaty].",
    "We commend [+[+Brazil]'s leadership].",
    "We condemn the [-war against [=Ukraine]].",
    "We must combat [-piracy] and [-illegal fishing].",
    "We underline the importance of [+food security].",
    "The leaders rejected the [-ultimatum].",
    "We stand with the [+people of Ukraine].",
    "The meeting was held in [=Geneva].",
    "We warn against any [-use of nuclear weapons].",
]
FORMS = [
    "We condemn {}'s attack on Israel.",
    "We condemn the attack on {} in the strongest terms.",
    "We welcome {}'s efforts to mediate and support cooperation with {}.",
    "The ministers discussed the situation in {} and took note of the report.",
    "We call on {} to stop the attacks and thank Kenya.",
]
ODD = [
    "", " ", "\n\n", "\x00", "\ud800", "\udfff\ud800", "condemn", "We", ".", "[",
    "中国反对制裁。", "Россия осуждает санкции.",
    "We condemn \ud800Iran\udc00's attack\x00 on Israel.", "We\u2028condemn\u0085the\x0battack.",
    "We condemn &lt;b&gt;Iran&lt;/b&gt;.", "We condemn the at\u0301tack.", "<p>We condemn <b>Iran</b>.</p>",
    "We condemn\u00a0Iran\u200b\ufeff.", "---\ntitle: a\n---\nWe condemn Iran.", "We condemn Iran" + "’" * 500,
    "﷽" * 300, "🇮🇷 condemns 🇮🇱", "We condemn\r\nthe attack\r\non Israel",
]  # fmt: skip
# each has to be answered, in a time that grows no faster than its length
ENDLESS = {
    "one word": "a" * 1_000_000,
    "one capital": "A" * 1_000_000,
    "one number": "1" * 1_000_000,
    "stops": "a." * 300_000,
    "brackets": "[" * 100_000,
    "pairs of brackets": "[]" * 50_000,
    "opened tags": "<" * 100_000,
    "spaces": " " * 1_000_000,
    "line breaks": "\n" * 300_000,
    "quotes": '"' * 100_000,
    "commas": ", " * 30_000,
    "controls": "\x00\x01\x1b" * 50_000,
    "surrogates": "\ud800" * 100_000,
    "one sentence": "we condemn the attack and " * 4_000,
    "one name": "President of the " * 10_000,
}


def judged(marked):
    """Pairs of label and judged stance for a marked sentence, by the target's words."""
    text, targets = parse_marked(marked)
    found = judge(text, [(target.start, target.end) for target in targets])
    return {
        (text[t.start : t.end], t.start): (str(t.stance), str(j.stance)) for t, j in zip(targets, found, strict=True)
    }


def stance_of(text, words, after=""):
    start = text.index(words, text.index(after))
    return str(judge(text, [(start, start + len(words))])[0].stance)


@cache
def analysis():
    return analyze(TEXT)


# the contract


def test_segment_gives_a_document():
    document = stance.segment(TEXT)
    assert isinstance(document, Document)
    assert document.text == TEXT
    assert all(TEXT[part.start : part.end] == part.text for part in (*document.sentences, *document.tokens))


def test_analysis_holds_the_document_and_the_judgements():
    assert isinstance(analysis(), Analysis)
    assert analysis().document == stance.segment(TEXT)
    assert len(analysis()) == len(list(analysis())) == len(analysis().judgements) > 0


def test_judgement_has_the_fields_of_the_contract():
    for judgement in analysis().judgements:
        assert isinstance(judgement.target, Target)
        assert judgement.target.kind in TargetKind
        assert judgement.target.id is None or isinstance(judgement.target.id, str)
        assert isinstance(judgement.stance, Stance)
        assert str(judgement.stance) in ("support", "condemn", "neutral")
        assert isinstance(judgement.holder, Holder)
        assert judgement.evidence in TEXT
        assert judgement.strength in range(1, 6)
        assert set(judgement.votes) <= {rule.__name__ for rule in RULES}
        assert all(isinstance(vote, Stance) for vote in judgement.votes.values())


def test_probabilities_are_three_finite_shares_of_one_and_the_stance_has_the_largest():
    for judgement in analysis().judgements:
        chances = judgement.probabilities
        assert list(chances) == ["condemn", "neutral", "support"]
        assert all(type(chance) is float and 0 <= chance <= 1 for chance in chances.values())
        assert sum(chances.values()) == pytest.approx(1)
        assert chances[judgement.stance] == max(chances.values()) == judgement.confidence


def test_judgements_stand_in_the_order_of_the_text_the_longer_target_first():
    keys = [(judgement.target.start, -judgement.target.end) for judgement in analysis()]
    assert all(left < right for left, right in pairwise(keys))


def test_targets_nest_and_never_cross():
    spans = [(judgement.target.start, judgement.target.end) for judgement in analysis()]
    assert not [(a, b) for a in spans for b in spans if a[0] < b[0] < a[1] < b[1]]


def test_sentence_of_a_judgement_holds_where_the_target_begins():
    for judgement in analysis():
        sentence = analysis().sentence_of(judgement)
        assert sentence.start <= judgement.target.start < sentence.end


def test_analysis_is_the_same_each_time():
    assert analyze(TEXT) == analysis()


def test_analysis_does_not_depend_on_the_other_paragraphs():
    first, second = TEXT.split("\n\n")
    alone = [(str(j.stance), j.target.text) for part in (first, second) for j in analyze(part)]
    assert [(str(j.stance), j.target.text) for j in analysis()] == alone


@pytest.mark.parametrize("text", [b"We condemn it.", None, 7, ["We condemn it."]])
def test_text_that_is_no_string_is_refused(text):
    with pytest.raises(TypeError, match=rf"text must be a str, got {type(text).__name__}; decode bytes first"):
        analyze(text)


def test_own_model_is_used():
    from stance.model import shipped_model

    assert analyze(TEXT, model=shipped_model()) == analysis()
    assert judge(TEXT, [(0, 10)], model=shipped_model()) == judge(TEXT, [(0, 10)])


# any text


@pytest.mark.parametrize("text", ODD)
def test_odd_text_is_analysed_and_its_spans_give_back_the_words(text):
    for judgement in analyze(text):
        target, holder = judgement.target, judgement.holder
        assert text[target.start : target.end] == target.text != ""
        assert sum(judgement.probabilities.values()) == pytest.approx(1)
        assert holder.start is None or text[holder.start : holder.end].split() == holder.text.split()


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u200b", "."])
def test_text_without_words_has_no_judgements(text):
    assert analyze(text).judgements == ()
    assert judge(text, []) == ()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters() | st.sampled_from("We condemn Iran’s. (no) 12\n-;,'<>&\ud800"), max_size=200))
def test_spans_of_any_text_give_back_its_words(text):
    for judgement in analyze(text):
        assert text[judgement.target.start : judgement.target.end] == judgement.target.text


@settings(max_examples=40, deadline=None)
@given(st.text("We condemn Iran. \n\ud800", min_size=1, max_size=60), st.data())
def test_any_span_with_a_word_is_judged_as_given(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if any(token.end > start and token.start < end for token in stance.segment(text).tokens):
        (judgement,) = judge(text, [(start, end)])
        assert (judgement.target.start, judgement.target.end, judgement.target.text) == (start, end, text[start:end])
    else:
        with pytest.raises(ValueError, match=r"span must hold a word, got .*; fix start and end"):
            judge(text, [(start, end)])


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_text_is_answered_in_bounded_time(name):
    began = time.process_time()
    found = analyze(ENDLESS[name])
    assert time.process_time() - began < 15
    assert all(ENDLESS[name][j.target.start : j.target.end] == j.target.text for j in islice(found, 50))


def test_many_targets_of_one_sentence_are_judged_in_bounded_time():
    unit = "we condemn Iran and "
    began = time.perf_counter()
    found = judge(unit * 500, [(len(unit) * n + 11, len(unit) * n + 15) for n in range(500)])
    assert time.perf_counter() - began < 15
    assert {judgement.target.id for judgement in found} == {"IRN"}


# judge


def test_judgements_answer_the_spans_in_their_order():
    words = ["truce", "Iran's attack on Israel", "report", "Israel", "Iran"]
    spans = [(TEXT.index(word), TEXT.index(word) + len(word)) for word in words]
    assert [judgement.target.text for judgement in judge(TEXT, spans)] == words
    assert [str(judgement.stance) for judgement in judge(TEXT, spans)] == [
        "support",
        "condemn",
        "neutral",
        "neutral",
        "condemn",
    ]


def test_stance_on_a_target_does_not_depend_on_the_order_of_the_spans():
    spans = [(j.target.start, j.target.end) for j in analysis()]
    forwards, backwards = judge(TEXT, spans), judge(TEXT, spans[::-1])[::-1]
    assert [judgement.stance for judgement in forwards] == [judgement.stance for judgement in backwards]
    assert [j.probabilities for j in forwards] == [pytest.approx(j.probabilities) for j in backwards]


def test_no_spans_have_no_judgements():
    assert judge(TEXT, []) == ()


def test_the_same_span_may_be_asked_twice():
    one, two = judge("We condemn the attack.", [(15, 21), (15, 21)])
    assert one.stance is two.stance is Stance.CONDEMN


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, int])
def test_spans_may_be_numpy_integers(kind):
    (judgement,) = judge("We condemn the attack.", [(kind(15), kind(21))])
    assert judgement == judge("We condemn the attack.", [(15, 21)])[0]
    assert type(judgement.target.start) is type(judgement.target.end) is int


def test_spans_may_be_rows_of_an_array():
    assert judge(TEXT, np.array([[3, 10], [11, 15]])) == judge(TEXT, [(3, 10), (11, 15)])


@pytest.mark.parametrize("span", [(15, 20), (16, 21), (14, 22), (11, 21), (0, 22)])
def test_span_that_cuts_words_or_takes_in_marks_is_kept_as_given(span):
    (judgement,) = judge("We condemn the attack.", [span])
    assert (judgement.target.start, judgement.target.end) == span
    assert judgement.target.text == "We condemn the attack."[slice(*span)]


def test_targets_may_cross():
    first, second = judge("They condemned war and hunger in Sudan.", [(15, 29), (23, 38)])
    assert (first.target.text, second.target.text) == ("war and hunger", "hunger in Sudan")


def test_target_may_run_over_the_end_of_a_sentence():
    text = "We condemn the attack. The war goes on."
    (judgement,) = judge(text, [(15, len(text))])
    assert judgement.target.text == "attack. The war goes on."


@pytest.mark.parametrize("span", [(5, 5), (21, 15), (-3, 4), (15, 23), (30, 40), (0, 10**30)])
def test_reversed_empty_and_outside_spans_are_refused(span):
    with pytest.raises(
        ValueError, match=r"span must satisfy 0 <= start < end <= 22, got \(.*\); fix start and end"
    ) as caught:
        judge("We condemn the attack.", [(15, 21), span])
    assert str(span) in str(caught.value)


@pytest.mark.parametrize("span", [("15", "21"), (1.0, 2.0), (None, 3), (1, 2, 3), (1,), (), 7, None, "ab"])
def test_spans_that_are_no_two_whole_numbers_are_refused(span):
    with pytest.raises(ValueError, match=r"span must be two whole numbers, got .*; give start and end in characters"):
        judge("We condemn the attack.", [span])


@pytest.mark.parametrize(
    ("text", "span"), [("We  condemn it.", (2, 4)), ("   ", (0, 2)), ("\n\n", (0, 1)), ("We. \n It.", (3, 6))]
)
def test_span_without_a_word_is_refused(text, span):
    with pytest.raises(ValueError, match=r"span must hold a word, got \(\d, \d\); fix start and end"):
        judge(text, [span])


# what is told


def test_only_targets_that_are_likely_right_with_their_stance_are_told(monkeypatch):
    monkeypatch.setattr("stance.analysis._RIGHT", 0.0)
    everything = {(j.target.start, j.target.end): j for j in analyze(TEXT).judgements}
    monkeypatch.setattr("stance.analysis._RIGHT", 0.99)
    told = {(j.target.start, j.target.end): j for j in analyze(TEXT).judgements}
    assert 0 < len(told) < len(everything)
    assert all(everything[span] == judgement for span, judgement in told.items())
    assert min(judgement.confidence for judgement in told.values()) >= 0.8


def test_a_given_target_is_judged_however_unlikely(monkeypatch):
    monkeypatch.setattr("stance.analysis._RIGHT", 1.1)
    assert len(analyze("We condemn the attack.")) == 0
    assert [str(j.stance) for j in judge("We condemn the attack.", [(15, 21)])] == ["condemn"]


# explain


def test_explanation_is_of_what_is_told_alone(monkeypatch):
    monkeypatch.setattr("stance.analysis._RIGHT", 0.8)
    assert [judgement for judgement, _ in explain(TEXT)] == list(analyze(TEXT))


def test_explanation_gives_each_judgement_its_features():
    found = list(explain(TEXT, most=4))
    assert [judgement for judgement, _ in found] == list(analysis())
    for _, shares in found:
        assert 0 < len(shares) <= 4
        weights = [abs(share) for _, share in shares]
        assert weights == sorted(weights, reverse=True)
        assert np.isfinite(weights).all()


def test_explanation_of_an_endless_sentence_is_that_of_its_parts():
    text = "We condemn the attacks on " + "ports, " * 320 + "and roads."
    assert [judgement for judgement, _ in explain(text)] == list(analyze(text))


def test_explanation_of_nothing_is_empty():
    assert list(explain("")) == []


# laws of language


@pytest.mark.parametrize("marked", CLEAR)
def test_clear_sentence_is_judged_right(marked):
    assert {words: got for words, (label, got) in judged(marked).items() if got != label} == {}


@pytest.mark.parametrize("state", ["China", "Russia", "France", "Peru", "Iran", "Ukraine"])
@pytest.mark.parametrize("form", FORMS)
def test_swapping_one_country_for_another_keeps_every_stance(form, state):
    own, other = (analyze(form.replace("{}", name)) for name in (state, "Japan"))
    assert [(j.stance, j.target.text.replace(state, "Japan")) for j in own] == [
        (j.stance, j.target.text) for j in other
    ]
    assert [j.probabilities for j in own] == [pytest.approx(j.probabilities) for j in other]


@pytest.mark.parametrize("thing", ["plan", "decision", "idea", "initiative"])
@pytest.mark.parametrize("verb", ["support", "accept", "back", "endorse"])
def test_do_not_turns_support(verb, thing):
    assert stance_of(f"We {verb} the {thing}.", thing) == "support"
    assert stance_of(f"We do not {verb} the {thing}.", thing) == "condemn"
    assert stance_of(f"We don't {verb} the {thing}.", thing) == "condemn"


@pytest.mark.parametrize("thing", ["plan", "decision", "attack"])
def test_what_was_not_condemned_is_neutral(thing):
    assert stance_of(f"They condemned the {thing}.", thing) == "condemn"
    assert stance_of(f"They did not condemn the {thing}.", thing) == "neutral"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We strongly condemn the attack on the convoy.", "attack"),
        ("We warmly welcome the ceasefire agreement.", "ceasefire agreement"),
        ("The ministers took note of the report.", "report"),
        ("We reject any attempts to change the status quo.", "attempts to change the status quo"),
        ("We support the people's efforts to rebuild.", "people's efforts to rebuild"),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.lower,
        lambda text: text.replace("'", "’"),
        lambda text: text.replace(" the ", " the\n"),
        lambda text: text.replace(" the ", " the\r\n"),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "   "),
        lambda text: f"“{text}”",
        lambda text: f'"{text}"',
        lambda text: f"12. {text}",
        lambda text: f"- {text}",
    ],
    ids=[
        "upper",
        "lower",
        "apostrophes",
        "wrapped",
        "wrapped \\r\\n",
        "hard spaces",
        "spaces",
        "quoted",
        "straight",
        "numbered",
        "bullet",
    ],
)
def test_case_quotes_and_line_breaks_change_nothing(text, words, change):
    assert stance_of(change(text), change(words).strip('“”"-12. ')) == stance_of(text, words)


def test_no_target_of_a_heading_begins_with_of():
    text = "Joint Statement of the Foreign Ministers of Norway, Kenya and the Republic of Korea"
    found = [judgement.target.text for judgement in analyze(text).judgements]
    assert {"Kenya", "Republic of Korea"} <= set(found)
    assert not [words for words in found if words.lower().startswith("of ")]


@pytest.mark.parametrize(
    "text", ["Office of the Spokesperson", "Joint Statement on the Situation in Libya", "Elections in The Gambia"]
)
def test_no_target_of_a_heading_begins_with_an_article(text):
    found = [judgement.target.text for judgement in analyze(text).judgements]
    assert found
    assert not [words for words in found if words.startswith("the ")]


def test_model_must_be_one():
    with pytest.raises(TypeError, match=r"model must be a Model, got str; load it with stance.load\(path\)"):
        analyze(TEXT, model="my-model")
