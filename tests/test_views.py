import pytest

from stance.cues import read
from stance.lexicon import load_lexicon
from stance.segmentation import segment
from stance.views import find_parties, find_views


def reading_of(text):
    (sentence,) = segment(text).sentences
    return read(sentence, load_lexicon())


def parties_of(text):
    reading = reading_of(text)
    return [" ".join(reading.keys[party.first : party.last]) for party in find_parties(reading)]


def holder_at(text):
    """Who holds the view where `>>` stands; "" where nobody is named."""
    before, after = text.split(">>")
    reading = reading_of(before + after)
    position = len(before)
    found = ""
    for view in find_views(reading):
        covers = any(token.start <= position < token.end for token in reading.tokens[view.first : view.last])
        if covers and view.noun == -1:
            found = " ".join(reading.keys[view.party.first : view.party.last]) if view.party else ""
    return found


@pytest.mark.parametrize(
    ("text", "parties"),
    [
        ("The leaders of Peru and Chad met.", ["leaders of peru and chad"]),
        ("Peru, Chad and Cuba met.", ["peru , chad and cuba"]),
        ("With Peru and Chad, Cuba left.", ["peru and chad", "cuba"]),
        ("The Republic of Korea (ROK) met.", ["republic of korea ( rok )"]),
        ("The Russian side met Iran's foreign minister.", ["russian side", "iran 's foreign minister"]),
        ("Most members left.", ["most members"]),
        ("Iran's attack failed.", ["iran"]),
        ("The treaty failed.", []),
    ],
)
def test_parties_are_joined_where_they_form_one(text, parties):
    assert parties_of(text) == parties


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("Iran condemned the >>attack.", "iran"),
        ("Iran, together with its allies, has condemned the >>attack.", "iran"),
        ("Leaders at the summit in Rome condemned the >>attack.", "leaders"),
        ("The plan was condemned >>by Chad.", ""),
        ("The >>plan was condemned by Chad.", "chad"),
        ("The >>plan failed, Chad said on Monday.", "chad"),
        ("The >>plan failed, said Chad.", "chad"),
        ("In Rome, Chad noted the >>plan.", "chad"),
        ("In >>Rome, Chad noted the plan.", ""),
        ("According to Chad, the >>plan failed.", "chad"),
        ("In the view of Chad, the >>plan failed.", "chad"),
        ("Condemning the >>coup, the two sides called for talks.", "two sides"),
        ("Chad left the talks, calling for >>peace.", "chad"),
        ("Chad left the talks and condemned the >>coup.", "chad"),
        ("Media claiming that the >>plan failed are wrong.", "media"),
    ],
)
def test_a_view_is_told_by_the_subject_of_its_verb(text, holder):
    assert holder_at(text) == holder


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("Peru said that Chad rejects the >>plan.", "chad"),
        ("Peru said Chad rejects the >>plan.", "chad"),
        ("Peru said that the >>plan failed.", "peru"),
        ("Peru said that Chad must reject the >>plan.", "peru"),
        ("Peru voiced its hope that Chad will welcome the >>plan.", "peru"),
        ("Peru hopes Chad supports the >>plan.", "peru"),
        ("Peru called on Chad to support the >>plan.", "peru"),
        ("Peru condemned the coup, while Chad attacked >>Mali.", ""),
        ("Peru thanked Cuba and Chad supported the >>plan.", "chad"),
        ("After Peru voiced concern for >>Mali, Chad explained the plan.", "peru"),
        ("Peru stressed that Chad has continued its >>attacks.", "peru"),
        ("Peru supports task forces on advanced >>sensors.", "peru"),
    ],
)
def test_the_last_view_to_begin_is_the_one_that_counts(text, holder):
    assert holder_at(text) == holder


@pytest.mark.parametrize(
    "text",
    [
        "The >>attack is unacceptable.",
        "Iran's attack on >>Israel failed.",
        "Iran attacked >>Israel.",
        "Iran must stop its >>attacks.",
        "Call on Iran to stop its >>attacks.",
    ],
)
def test_where_nobody_tells_a_view_none_is_found(text):
    assert holder_at(text) == ""
