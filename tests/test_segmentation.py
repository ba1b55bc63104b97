import gc
import re
from importlib import resources
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stance
from stance import segmentation
from stance.segmentation import tokenize
from stance.toolkit import PunktSentenceTokenizer

ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)  # lone surrogates too
LAYOUT = st.text(alphabet=list("aB1.,;:!?…。\"'“”()[]<>/&#-*•\n\r\t \u00a0\u200b\u0301\ufeff"), max_size=200)
ONE_LINE = st.text(
    alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp"), exclude_characters="<&@*_"), max_size=200
)
INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]*")


def sentences(text):
    document = stance.segment(text)
    assert all(text[s.start : s.end] == s.text for s in document.sentences)
    assert all(text[t.start : t.end] == t.text for t in document.tokens)
    return [sentence.text for sentence in document.sentences]


def words(text):
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    "marked",
    [
        "The U.S. welcomed the talks.|It left.",
        "He left the U.S.|The talks went on.",
        "The U.S.-led coalition met.|We agree.",
        "Iran broke resolution No. 2231 again.|We regret it.",
        "Art. 5 and paras. 3 to 6 apply.|We agree.",
        "We said no.|They left.",
        "H.E. Mr. Li Qiang met J. R. Smith and Dr. Tedros.|They spoke.",
        "We thank Gen. Lee, Sen. Hill, St. Lucia and Acme Inc. for help.|Good.",
        "On Jan. 5 at 5 p.m. on Monday we met.|It was late.",
        "We fund water, e.g. wells, i.e. holes, vs. pipes.|It helps.",
        "We wait... and hope.|Then we act...",
        "We wait...|Then we act.",
        "Families…|Ordinary ones … wait.|We act.",
        "He said “we agree.”|She left.",
        'He said "we agree."|She left.',
        "He said ‘we agree.’|She left.",
        '"Why?" she asked.|He left.',
        "They came (in May.)|They left.",
        "Really?!|Yes!|No?",
        "It cost $1.5 billion, or 3.2 per cent.|It rose.",
        "We note this.[1]|We agree.[2][3]|Done.",
        "We note this.²|We agree.",
        "See S/RES/2231 (2015).|It stands.",
        "We met in Washington, D.C.|They stayed.",
    ],
)
def test_sentence_ends_where_a_reader_ends_it(marked):
    assert sentences(marked.replace("|", " ")) == marked.split("|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We condemn the attack\non the embassy in\nKabul. We left.",
            ["We condemn the attack\non the embassy in\nKabul.", "We left."],
        ),
        ("We met.\r\nThey agreed\r\nto talk.\r\n\r\nNext one.", ["We met.", "They agreed\r\nto talk.", "Next one."]),
        ("We met\rin Rome.\r\rNext", ["We met\rin Rome.", "Next"]),
        ("First paragraph\n\nsecond paragraph\n \t\nthird", ["First paragraph", "second paragraph", "third"]),
        ("1.        President Xi met Mr. Putin.\n2.\tThey agreed.", ["President Xi met Mr. Putin.", "They agreed."]),
        ("1.\u00a0\u00a0President Xi met.\n\n12) They agreed.", ["President Xi met.", "They agreed."]),
        ("- one thing\n* another thing\n• a third\n– a fourth", ["one thing", "another thing", "a third", "a fourth"]),
        ("(a) To stop;\n(b) To leave;\niv) To talk.", ["To stop;", "To leave;", "To talk."]),
        ("Joint Statement\nThe leaders met. They agreed.", ["Joint Statement", "The leaders met.", "They agreed."]),
        ("JOINT STATEMENT\n\nWe met.", ["JOINT STATEMENT", "We met."]),
        ("II. Peace and Security\nWe agree.", ["Peace and Security", "We agree."]),
        ("We will defend:\n• peace;\n• trade; and\n• talks.", ["We will defend:", "peace;", "trade; and", "talks."]),
        ("We agree on peace;\ntrade; and talks.", ["We agree on peace;\ntrade; and talks."]),
        ("the ministers of France,\nItaly and Spain met.", ["the ministers of France,\nItaly and Spain met."]),
        ("the leader of the\nUnited Arab Emirates met.", ["the leader of the\nUnited Arab Emirates met."]),
        (
            "# Joint Statement\n\nWe **met** [here](http://a.b/c). Good.\n> Well said.",
            ["Joint Statement", "We **met** [here](http://a.b/c).", "Good.", "Well said."],
        ),
        ("---\ntitle: A\ndate: B\n---\nWe met.", ["We met."]),
        ("---\r\ntitle: A\r\n---\r\nWe met.", ["We met."]),
        ("---\nWe met.\n---\nWe left.", ["---", "We met.", "---", "We left."]),
        ("<p>We met.</p><p>They <b>agreed</b>.</p>", ["We met.", "They <b>agreed</b>."]),
        (
            "We met.<br>They left.</b> We &amp; you stayed.&nbsp;Good.",
            ["We met.", "They left.", "We &amp; you stayed.", "Good."],
        ),
        ("\ufeffWe met.\u200b They agreed.\u2028Good.", ["We met.", "They agreed.", "Good."]),
        ("", []),
        (" \n\t\u00a0\u200b", []),
    ],
)
def test_layout_ends_sentences_and_wrapping_does_not(text, expected):
    assert sentences(text) == expected


def test_clauses_of_a_resolution_on_lines_of_their_own_are_sentences():
    clauses = [
        "Recalling its resolutions 1325 (2000) and 2242 (2015),",
        "Gravely concerned by attacks and by a violence that spreads from the north to the south of the country,",
        "Mindful of its primary responsibility,",
        "Decides to extend the mandate;",
        "Calls upon all parties to stop;",
        "Decides to remain seized of the matter.",
    ]
    numbers = ["", "", "", "1. ", "2. ", "3. "]
    assert sentences("\n".join(number + clause for number, clause in zip(numbers, clauses, strict=True))) == clauses


@pytest.mark.parametrize(
    "marked",
    [
        "اجتمع الوزراء.| وافقوا على البيان؟| نعم.",
        "我们欢迎会谈。|我们谴责“袭击！”|他们同意。",
        "हम स्वागत करते हैं।| हम निंदा करते हैं।",
        "Страны осудили удар.| Они ушли.",
        "Re\u0301publique française.| Bien.",
    ],
)
def test_other_scripts_are_cut_at_their_own_stops(marked):
    assert sentences(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iran's U.S.-led talks", ["Iran", "'s", "U.S.-led", "talks"]),
        ("Iran’s allies’ non-proliferation", ["Iran", "’s", "allies", "’", "non-proliferation"]),
        ("Qa’ida, 20,000 at 1.5", ["Qa’ida", ",", "20,000", "at", "1.5"]),
        (
            "We condemn **Russia**'s attack on _Kharkiv_.",
            ["We", "condemn", "Russia", "'s", "attack", "on", "Kharkiv", "."],
        ),
        ("[Russia](https://x.y/rus)'s *plan*", ["Russia", "'s", "plan"]),
        ("__Firstly__, snake_case [1]", ["Firstly", ",", "snake_case", "[", "1", "]"]),
        ("Rus\u00adsia con\u200bdemned it", ["Rus\u00adsia", "con\u200bdemned", "it"]),
        ("x&#8217;s <sup>1</sup>&nbsp;y", ["x", "&#8217;", "s", "1", "y"]),
        ("Cafe\u0301 is निंदा", ["Cafe\u0301", "is", "निंदा"]),
        ("wait... … [1]", ["wait", "...", "…", "[", "1", "]"]),
        ("R&D at AT&T, a&b", ["R&D", "at", "AT&T", ",", "a", "&", "b"]),
        ("US$ 40, NZ$5 or $7bn", ["US$", "40", ",", "NZ$", "5", "or", "$", "7bn"]),
        ("See (https://www.un.org/a?b=1).", ["See", "(", ")", "."]),
        ("Mail j.doe@mfa.gov.xy, or @mfa", ["Mail", ",", "or", "@", "mfa"]),
        ("a < b & c > d", ["a", "<", "b", "&", "c", ">", "d"]),
        ("co\u00adop \u200b\u202abidi\u202c", ["co\u00adop", "bidi"]),
    ],
)
def test_tokens_are_words_and_marks(text, expected):
    assert words(text) == expected


def test_abbreviations_are_sorted_in_lower_case_without_their_last_stop():
    lines = resources.files("stance").joinpath("data/abbreviations.txt").read_text(encoding="utf-8").splitlines()
    for begins in (True, False):
        listed = [line for line in lines if line[0] != "#" and line.startswith("> ") == begins]
        assert listed == sorted({line.strip().lower().rstrip(".") for line in listed})


def test_stop_without_its_space_ends_a_sentence_unless_it_is_an_abbreviation_or_an_address():
    assert sentences("Growth by 2030.The Leaders met. Calm (again).They left.") == [
        "Growth by 2030.",
        "The Leaders met.",
        "Calm (again).",
        "They left.",
    ]
    assert len(sentences("See www.Example.Com or Gen.Smith at the U.S.Embassy in St.Petersburg, and e.g.Paris.")) == 1


def test_text_that_is_no_string_is_refused():
    with pytest.raises(TypeError, match=r"text must be a str, got bytes; decode bytes first"):
        stance.segment(b"We met.")


@settings(deadline=None)
@given(ANY | LAYOUT)
def test_spans_give_back_their_text_in_order_and_do_not_overlap(text):
    document = stance.segment(text)
    assert document.text is text
    for spans in (document.sentences, tuple(document.tokens)):
        assert all(text[s.start : s.end] == s.text != "" for s in spans)
        assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(s.tokens[0].start == s.start and s.tokens[-1].end == s.end for s in document.sentences)


@settings(deadline=None)
@given(ONE_LINE)
def test_nothing_but_white_space_and_invisible_marks_is_lost(text):
    text = f"We {text}"
    ends = [0, *(token.end for token in stance.segment(text).tokens)]
    starts = [*(token.start for token in stance.segment(text).tokens), len(text)]
    assert all(INVISIBLE.fullmatch(text, end, start) for end, start in zip(ends, starts, strict=True))


@settings(deadline=None)
@given(ONE_LINE)
def test_tokens_of_a_sentence_are_those_of_its_text_alone(text):
    for sentence in stance.segment(text).sentences:
        alone = tokenize(sentence.text)
        assert alone.words == sentence.tokens.words
        assert [sentence.start + start for start in alone.starts] == sentence.tokens.starts


@given(
    st.sampled_from(
        ("Mr.", "rights.", "U.S.", "No.", "a.", "2231.", "e.g.", "Co-op.", "etc.", "met...", "ok?", "Est.", "Ltd.")
    ),
    st.sampled_from(("He", "the", "5", "(a)", "[1]", "“We", "U.S.", "-", "Ö")),
    st.sampled_from((" ", "\n", "  ", "")),
)
def test_plain_stops_are_answered_as_punkt_would(last, following, space):
    punkt = segmentation._punkt()
    context = f" {last}{space}{following}"
    assert punkt.text_contains_sentbreak(context) == PunktSentenceTokenizer.text_contains_sentbreak(punkt, context)


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        ("a", 1_000_000), ("[", 100_000), ("[+", 10_000), ("&", 200_000),
        ("U.", 300_000), ("<a", 10_000), (" ", 500_000), ("https://", 10_000), ("a.b@", 20_000), ("a@b.", 20_000),
        ("\n", 100_000), ('"', 25_000), ("!", 10_000), (".) ", 4_000), (". ", 4_000), ("U.S. ", 4_000), ("A\n", 5_000),
        ("- ", 50_000), ("e\u0301", 100_000), ("---\n", 8_000), ("。", 10_000), ("(i) ", 8_000),
    ],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion_to_its_length(piece, count):
    def seconds(text):
        gc.collect()
        gc.disable()  # a collection looks at what other tests have left behind, too
        start = process_time()
        stance.segment(text)
        gc.enable()
        return process_time() - start

    half, whole = seconds(piece * (count // 2)), seconds(piece * count)
    assert whole < 4 * half + 0.1  # the tenth is for the clock
    assert whole < 10
