import pytest
from marked import analysed

from stance import analyze
from stance.tracing import in_order, trace, trajectories


def used(phrase, texts, **options):
    analyses = {name: analysed(marked, date=date) for name, (date, marked) in texts.items()}
    return [(use.document, use.count, use.first) for use in trace(phrase, analyses, **options)]


def test_the_first_use_is_that_of_the_earliest_document():
    texts = {
        "c": ("2023-01-01", "A just peace, a just peace."),
        "a": ("2021-01-01", "We met."),
        "b": ("2022-01-01", "Just peace."),
    }
    assert used("just peace", texts) == [("a", 0, False), ("b", 1, True), ("c", 2, False)]


def test_undated_documents_come_last_in_their_order():
    analyses = {
        "z": analysed("It rained."),
        "a": analysed("It rained."),
        "b": analysed("It rained.", date="2021-01-01"),
    }
    assert list(in_order(analyses)) == ["b", "z", "a"]


@pytest.mark.parametrize(
    ("text", "loose", "exact"),
    [
        ("We are taking note of it.", 1, 0),
        ("It TAKES\nnote of it.", 1, 1),
        ("It takes no note of it.", 0, 0),
        ("It takes note. Of it.", 0, 0),
    ],
)
def test_endings_case_and_line_breaks(text, loose, exact):
    assert used("takes note of", {"a": (None, text)})[0][1] == loose
    assert used("takes note of", {"a": (None, text)}, exact=True)[0][1] == exact


def test_apostrophes_and_hyphens_match_however_they_are_written():
    assert used("China's rules-based order", {"a": (None, "China’s rules-based order")})[0][1] == 1


def test_a_use_gives_its_words_and_the_stance_on_them():
    text = "We met. We oppose [-any change of the [=status quo] by force]."
    (use,) = trace("status quo", {"a": analysed(text)})
    assert (use.stance, use.sentence) == ("neutral", "We oppose any change of the status quo by force.")
    assert text.replace("[-", "").replace("[=", "").replace("]", "")[use.start : use.end] == "status quo"
    (whole,) = trace("oppose any change of the status quo by force", {"a": analysed(text)})
    assert whole.stance == "condemn"
    (none,) = trace("met", {"a": analysed(text)})
    assert none.stance is None


@pytest.mark.parametrize("phrase", ["", "  ", "...", "“”", "<b>", "https://un.org/a"])
def test_a_phrase_without_words_is_refused(phrase):
    with pytest.raises(ValueError, match=r"^phrase must hold a word, got .*; give the words to look for$"):
        trace(phrase, {"a": analysed("We met.")})


def test_a_trajectory_tells_the_stance_of_each_document_in_order():
    analyses = {
        "c": analysed("We condemn the [-plan].", date="2023-01-01"),
        "a": analysed("We welcome the [+plan].", date="2021-01-01"),
        "b": analysed("It rained.", date="2022-01-01"),
    }
    (path,) = trajectories(analyses)
    assert path.documents == ("a", "b", "c")
    assert [point and point.stance for point in path.points] == ["support", None, "condemn"]
    assert path.points[2].passage.evidence == "condemn"
    assert path.turns == 2
    assert path.rise < 0


@pytest.mark.parametrize(
    ("marked", "stance"),
    [
        ("We condemn [-Iran]. We thank [+Tehran].", "mixed"),
        ("We condemn [-Iran]. We reject [-Iran]. We deplore [-Iran]. We thank [+Tehran].", "condemn"),
        ("They met in [=Iran].", "neutral"),
    ],
)
def test_the_stance_of_a_text_is_that_of_most_verdicts(marked, stance):
    (path,) = trajectories({"a": analysed(marked)})
    assert path.points[0].stance == stance


def test_uncertain_stances_make_no_point():
    assert trajectories({"a": analysed("We welcome the [+plan].", confidence=0.6)}) == []


def test_targets_that_change_most_stand_first():
    analyses = {
        "a": analysed("We welcome the [+plan] and the [+harvest].", date="2021-01-01"),
        "b": analysed("We reject the [-plan] and welcome the [+harvest].", date="2022-01-01"),
    }
    assert [path.target for path in trajectories(analyses)] == ["plan", "harvest"]


def test_documents_without_names_go_by_their_titles():
    texts = [analyze("Joint Statement of Peru and Chad\n\nA just peace."), analyze("We met.")]
    assert [use.document for use in trace("just peace", texts)] == ["Joint Statement of Peru and Chad", "text 2"]
    assert trajectories(texts[0]) == trajectories({"Joint Statement of Peru and Chad": texts[0]})
