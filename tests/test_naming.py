import pytest
from marked import reading_of

from stance.document import TargetKind
from stance.lexicon import Lexicon, load_lexicon
from stance.naming import make_target
from stance.word_tables import TABLES

ACTOR, ISSUE, OBJECT = TargetKind.ACTOR, TargetKind.ISSUE, TargetKind.OBJECT


def named(text, words, lexicon=None):
    """The target that some words of a sentence are."""
    reading = reading_of(text)
    start = text.index(words)
    first = next(n for n, token in enumerate(reading.tokens) if token.start == start)
    last = next(n for n, token in enumerate(reading.tokens, 1) if token.end == start + len(words))
    target = make_target(reading, first, last, lexicon or load_lexicon(), text)
    assert target.text == words
    return target


@pytest.mark.parametrize(
    ("text", "words", "kind", "identity"),
    [
        ("We thank President Zorblat.", "President Zorblat", ACTOR, None),
        ("We thank Zorblat.", "Zorblat", ACTOR, None),
        ("We fear odd delays.", "odd delays", OBJECT, None),
        ("We condemn Iran.", "Iran", ACTOR, "IRN"),
        ("We discussed food security.", "food security", ISSUE, "food-security"),
    ],
)
def test_kind_and_id_follow_the_tables(text, words, kind, identity):
    target = named(text, words)
    assert (target.kind, target.id) == (kind, identity)


@pytest.mark.parametrize(
    ("words", "identity"),
    [
        ("Putin", "putin"),
        ("Vladimir Putin", "putin"),
        ("Russian President Vladimir Putin", "putin"),
        ("President of the Russian Federation Vladimir Putin", "putin"),
        ("US Secretary of State Antony Blinken", "blinken"),
        ("Secretary of Defense Lloyd Austin", "lloyd-austin"),
        ("President Xi Jinping", "xi"),
        ("Mr. Macron", "macron"),
        ("former Prime Minister of Canada Justin Trudeau", "trudeau"),
        ("Mr. Johnson and JD Vance", None),
        ("Mr. Lammy of Biden", None),
        ("Statement of Putin", None),
        ("visit of Putin", None),
        ("President Zorblat", None),
    ],
)
def test_leaders_have_an_id_of_their_own(words, identity):
    target = named(f"They met; we recalled {words}.", words)
    assert target.id == identity
    assert target.kind is ACTOR or identity is None


@pytest.mark.parametrize(
    ("words", "identity"),
    [
        ("resolution 2374 (2017)", "res-2374"),
        ("Resolution 2231", "res-2231"),
        ("Security Council resolution 1701 (2006)", "res-1701"),
        ("Security Council resolution 2722", "res-2722"),
        ("resolution 76/143", None),
        ("resolutions 2374 (2017) and 2561 (2020)", None),
    ],
)
def test_resolution_of_the_security_council_has_the_id_of_its_number(words, identity):
    assert named(f"They recalled {words}.", words).id == identity


@pytest.mark.parametrize(
    ("words", "identity"),
    [
        ("Government of Japan", "JPN"),
        ("Federal Government of Somalia", "SOM"),
        ("Governments of the Republic of Kazakhstan", "KAZ"),
        ("Ukrainian government", "UKR"),
        ("Kiev authorities", "UKR"),
        ("Russian occupation authorities", "RUS"),
        ("Iranian regime", "IRN"),
        ("EU member states", "eu"),
        ("ASEAN Member States", "asean"),
        ("GCC countries", "gcc"),
    ],
)
def test_who_acts_for_a_state_or_an_organisation_has_its_id(words, identity):
    target = named(f"They met the {words} today.", words)
    assert (target.kind, target.id) == (ACTOR, identity)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Ukrainian wheat", OBJECT),
        ("EU market", OBJECT),
        ("attack of Japan", OBJECT),
        ("dialogue with the Government of Japan", OBJECT),
        ("FATF recommendations", OBJECT),
        ("implementation of resolution 2374 (2017)", OBJECT),
    ],
)
def test_what_is_only_of_a_state_or_an_organisation_has_no_id(words, kind):
    target = named(f"They discussed the {words} today.", words)
    assert (target.kind, target.id) == (kind, None)


@pytest.mark.parametrize(
    ("text", "words", "identity"),
    [
        ("We stand with the people of Afghanistan.", "Afghanistan", "AFG"),
        ("We fear the impacts of climate change.", "climate change", "climate-change"),
        ("We want the denuclearization of the Korean Peninsula.", "Korean Peninsula", "korean-peninsula"),
    ],
)
def test_part_of_a_longer_name_is_looked_up_by_itself(text, words, identity):
    assert named(text, words).id == identity


@pytest.mark.parametrize(
    ("words", "kind", "identity"),
    [
        ("Democratic People's Republic of Korea (DPRK)", ACTOR, "PRK"),
        ("United Arab Emirates (UAE)", ACTOR, "ARE"),
        ("Zemblan Fisheries Accord (ZFA)", ACTOR, None),
        ("trilateral security partnership (AUKUS)", ACTOR, "aukus"),
        ("Russia's manifest violation of the Charter of the United Nations (UN)", OBJECT, None),
        ("current mandate of the United Nations Assistance Mission in Afghanistan (UNAMA)", OBJECT, None),
    ],
)
def test_brackets_repeat_the_name_before_them(words, kind, identity):
    target = named(f"They discussed the {words} today.", words)
    assert (target.kind, target.id) == (kind, identity)


def test_own_tables_give_ids_within_longer_names_too(tmp_path):
    row = "zembla\tstate\tZembla\tZemblan\tOnhava\t\tWe thank [+Zembla]."
    (tmp_path / "actors.tsv").write_text("\t".join(TABLES["actors"]) + f"\n{row}\n", encoding="utf-8")
    assert named("They met the Government of Zembla.", "Government of Zembla", Lexicon.read(tmp_path)).id == "zembla"


def test_marks_that_do_not_show_hide_no_name():
    assert named("We condemn Rus\u00adsia.", "Rus\u00adsia").id == "RUS"
    assert named("We want a cease\u200bfire.", "cease\u200bfire").id == "ceasefire"
