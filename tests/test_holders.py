from importlib import resources

import pytest

from stance import analyze, judge
from stance.analysis import analyze_together
from stance.cues import read
from stance.lexicon import load_lexicon
from stance.records import parse_marked
from stance.segmentation import segment
from stance.speakers import deeds, hopes, leaders, reporting_verbs
from stance.views import find_parties


def rows_of_table(name):
    lines = resources.files("stance").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def holder_of(marked):
    text, targets = parse_marked(marked)
    return judge(text, [(target.start, target.end) for target in targets])[0].holder


@pytest.mark.parametrize(
    ("marked", "holder", "identity"),
    [
        ("Iran condemned the [-attack].", "Iran", "IRN"),
        ("Beijing firmly opposes the [-sanctions].", "Beijing", "CHN"),
        ("The European Union has repeatedly welcomed the [+truce].", "European Union", "eu"),
        ("The African Union does not support the [-plan].", "African Union", "au"),
        ("President Zorblat rejected the [-ultimatum].", "President Zorblat", None),
    ],
)
def test_holder_is_the_named_subject_of_the_judging_verb(marked, holder, identity):
    found = holder_of(marked)
    assert found.text == holder
    assert found.id == identity


@pytest.mark.parametrize(
    "marked",
    [
        "We condemn the [-attack].",
        "They welcomed the [+truce].",
        "[-Such attacks] are unacceptable.",
        "[=Delegates] arrived.",
    ],
)
def test_without_a_named_subject_it_is_the_speaker(marked):
    found = holder_of(marked)
    assert (found.text, found.start, found.end, found.id) == ("the speaker", None, None, None)


def test_a_target_does_not_hold_the_view_on_itself():
    assert holder_of("[=Iran] condemned the attack.").text == "the speaker"


def test_holder_of_a_reported_view_is_the_one_who_holds_it():
    assert holder_of("We note that Russia supports the [+plan].").text == "Russia"


@pytest.mark.parametrize("before", ["", "It rained. ", "Le café fut fermé.\r\n\r\n", "\ud800 said it.\n\n"])
def test_span_of_the_holder_indexes_the_text_as_given(before):
    text = f"{before}At the end of its long meeting on Tuesday, the European\nUnion condemned the attack."
    start = text.index("attack")
    (judgement,) = judge(text, [(start, start + 6)])
    assert text[judgement.holder.start : judgement.holder.end] == "European\nUnion"


def test_every_holder_found_in_a_text_stands_there():
    text = "Iran rejected the plan. France and Japan welcomed it. The U.S. deplored the attack on Israel."
    found = [judgement.holder for judgement in analyze(text) if judgement.holder.start is not None]
    assert found
    assert all(text[holder.start : holder.end].split() == holder.text.split() for holder in found)


def holders_in(text, **given):
    """Each target's words with the id of the holder, or the holder's words where it has none.

    Unsure targets, which are not told by default, have a holder too.
    """
    analysis = analyze(text, **given) if given else analyze_together([text], least=0.0)[0]
    return {j.target.text: j.holder.id or j.holder.text for j in analysis}


PERU_CHAD = "Joint Statement of Peru and Chad\n\n"


@pytest.mark.parametrize(
    ("sentence", "target", "holder"),
    [
        ("We condemn the attack.", "attack", "PER+TCD"),
        ("Our countries condemn the attack.", "attack", "PER+TCD"),
        ("The two sides condemned the attack.", "attack", "PER+TCD"),
        ("The leaders condemned the attack.", "attack", "PER+TCD"),
        ("The attack is unacceptable.", "attack", "PER+TCD"),
        ("Peru condemned the attack.", "attack", "PER"),
        ("The Foreign Minister of Chad condemned the attack.", "attack", "TCD"),
        ("The statement condemned the attack.", "attack", "PER+TCD"),
        ("Some members condemned the attack.", "attack", "Some members"),
        ("Oman dissociated itself from the sanctions.", "sanctions", "OMN"),
    ],
)
def test_whom_the_words_of_a_joint_text_mean(sentence, target, holder):
    assert holders_in(PERU_CHAD + sentence)[target] == holder


@pytest.mark.parametrize(
    ("sentence", "target"),
    [
        ("We condemn armed groups that threaten the truce.", "truce"),
        ("We deplore the raids in Gaza depriving civilians of food and welcome the truce.", "truce"),
        ("We will help Ukraine, restore order in Haiti, and support the truce.", "truce"),
    ],
)
def test_who_only_acts_holds_no_view(sentence, target):
    assert holders_in(PERU_CHAD + sentence)[target] == "PER+TCD"


@pytest.mark.parametrize(
    ("named", "title", "identity"),
    [
        ("Prime Minister Netanyahu thanked Chad.", "President", None),
        ("President Xi Jinping thanked Chad.", "Prime Minister", None),
        ("President Xi Jinping thanked Chad.", "Head of State", "CHN"),
        ("Foreign Minister Lavrov thanked Chad.", "Minister", "RUS"),
        ("Volodymyr Zelenskyy thanked Chad.", "President", "UKR"),
        ("Hamas thanked Chad.", "President", None),
    ],
)
def test_a_title_means_who_was_named_with_it(named, title, identity):
    assert holders_in(f"{named} The {title} condemned the shelling.")["shelling"] == (identity or title)


MET = "President Mahamat Osei of Chad met Prime Minister Ana Quispe of Peru. "


@pytest.mark.parametrize(
    ("sentence", "identity"),
    [
        ("The President condemned the attack.", "TCD"),
        ("The Prime Minister condemned the attack.", "PER"),
        ("The President and the Prime Minister condemned the attack.", "PER+TCD"),
        ("The Foreign Minister condemned the attack.", None),
        ("President Glim of Cuba came. The President condemned the attack.", None),
        ("The Vice President condemned the attack.", None),
        ("A president condemned the attack.", None),
    ],
)
def test_an_office_means_who_was_named_with_it(sentence, identity):
    assert {j.holder.id for j in analyze(MET + sentence) if j.target.text == "attack"} == {identity}


def test_who_told_reporters_holds_what_was_quoted():
    found = analyze("“We reject the deal with Chad,” Fico told reporters in Vienna.")
    assert {j.holder.id for j in found if j.target.text in ("deal with Chad", "Chad")} == {"SVK"}


def test_who_is_seen_defeated_holds_no_view():
    found = analyze("We want to see Chad defeated and to ensure the security of Peru.")
    assert {j.holder.text for j in found} == {"the speaker"}


@pytest.mark.parametrize("subject", ["The visiting minister", "Participating States", "When the war ended Chad"])
def test_who_stands_behind_a_participle_holds_a_view(subject):
    (holder,) = {j.holder.text for j in analyze(f"{subject} condemned the attack.") if j.target.text == "attack"}
    assert subject.endswith(holder)


def test_he_is_not_all_who_issued_a_text():
    text = "The Foreign Minister of Brazil, Mauro Vieira, spoke. He welcomed the truce."
    assert holders_in(PERU_CHAD + text)["truce"] == "He"


def test_issuers_that_are_given_hold_the_views():
    assert holders_in("We condemn the attack.", issuers=["g7"])["attack"] == "g7"
    assert holders_in("We condemn the attack.", issuers=["The Elms"])["attack"] == "The Elms"


@pytest.mark.parametrize(
    ("text", "target", "holder"),
    [
        ("Putin rejected criticism by Blinken.", "criticism by Blinken", "RUS"),
        ("The attack was condemned by Iran.", "attack", "IRN"),
        ("According to Ukraine, sanctions failed.", "sanctions", "UKR"),
        ("Beijing's opposition to AUKUS grew.", "AUKUS", "CHN"),
        ('"Sanctions are illegal," said Sergei Lavrov.', "Sanctions", "RUS"),
        ('"We reject sanctions," French President Emmanuel Macron said.', "sanctions", "FRA"),
        ('"We reject sanctions. They harm trade," Macron said.', "sanctions", "FRA"),
        ('"It is bad," Macron said. "We reject sanctions."', "sanctions", "FRA"),
        ('Macron said: "It is bad. We reject sanctions."', "sanctions", "FRA"),
        ("Macron spoke. He condemned the attack.", "attack", "FRA"),
        ("Prime Minister of Peru Zorb Glim spoke. Glim condemned the attack.", "attack", "PER"),
        ("Peru and Chad met. They condemned the attack.", "attack", "PER+TCD"),
        ("The Security Council met. The Council condemned the attack.", "attack", "unsc"),
        ("President of Peru Zorb Glim: Thank you. I condemn the attack.", "attack", "PER"),
        ("President of Peru Zorb Glim (retranslated): I condemn the attack.", "attack", "PER"),
        ("Xi and Putin condemned AUKUS.", "AUKUS", "CHN+RUS"),
        ("China met Peru. The paper backs China's support for Chad. It condemned the attack.", "attack", "the speaker"),
    ],
)
def test_whom_the_words_of_a_report_mean(text, target, holder):
    assert holders_in(text)[target] == holder


@pytest.mark.parametrize("identity", sorted(set(leaders().values())))
def test_leaders_speak_for_those_whom_the_table_names(identity):
    assert identity in load_lexicon().actors
    for name in (name for name, known in leaders().items() if known == identity and name.isalpha()):
        assert holder_of(f"{name.title()} rejected the [-plan].").id == identity


@pytest.mark.parametrize("row", rows_of_table("holder-nouns.tsv"), ids=lambda row: row[0])
def test_each_noun_for_holders_is_one_in_its_example(row):
    noun, refers, example = row
    assert refers in ("person", "body", "members", "group", "text")
    (sentence,) = segment(example).sentences
    assert noun in {party.noun for party in find_parties(read(sentence, load_lexicon()))}


@pytest.mark.parametrize("row", rows_of_table("reporting.tsv"), ids=lambda row: f"{row[0]} {row[2]}")
def test_each_word_of_reporting_stands_in_its_example(row):
    _, _, use, example = row
    forms = {"report": reporting_verbs, "hope": hopes, "deed": deeds}[use]()
    (sentence,) = segment(example).sentences
    assert forms & {token.text.lower() for token in sentence.tokens}


def test_an_unclosed_quotation_does_not_take_the_whole_text():
    text = 'Macron said: "It is bad. ' + "It rained on the town. " * 20 + "The attack on Mali is unacceptable."
    assert holders_in(text)["attack on Mali"] == "the speaker"


def test_it_behind_a_report_means_whoever_reports():
    found = holder_of("Peru welcomed the truce and Chad said that it deplores the [-coup].")
    assert (found.text, found.id) == ("Chad", "TCD")
