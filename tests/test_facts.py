import datetime
from importlib import resources

import pandas as pd
import pytest

import stance
from stance.dating import find_date
from stance.facts import find_kind, find_title
from stance.issuers import find_actor
from stance.lexicon import load_lexicon

FRONT_MATTER = (
    "---\ndate: '2031-05-20'\nmodified_time: 2031-06-01 14:01:49-04:00\n"
    'title: "The Spirit of Elm Lodge: Joint Statement of Chile, Peru,\\\n  \\ and\\_the United\\_States"\n---\n\n'
    "We, the leaders, met.\n"
)
KINDS = [
    line.split("\t")
    for line in resources.files("stance").joinpath("data/document-kinds.tsv").read_text("utf-8").splitlines()[1:]
]


def issuers_of(text):
    return [holder.id or holder.text for holder in stance.analyze(text).facts.issuers]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Joint Statement on Fisheries\n\nWe met in Lima.", "Joint Statement on Fisheries"),
        ("Joint Statement on Fisheries\nLima, 4 May 2031\n\nWe met.", "Joint Statement on Fisheries"),
        ("Remarks by Zorb Glim of Chad\nGeneral Debate\nNew York, 4 May 2031\n\nSir,", "Remarks by Zorb Glim of Chad"),
        ("We met in Lima\nand went home.\n\nWe met again.", ""),
        ("# Joint Statement on Fisheries #\n\nWe met in Lima.", "Joint Statement on Fisheries"),
        (FRONT_MATTER, "The Spirit of Elm Lodge: Joint Statement of Chile, Peru, and the United States"),
        ("---\ntitle: 'The King''s Speech'\n---\nMy Lords.", "The King's Speech"),
        ('---\ntitle: "Joint \\"Lagoon\\""\n---\nWe met.', 'Joint "Lagoon"'),
        ('---\ntitle: "Storms \\ud83c\\udf00"\n---\nWe met.', "Storms 🌀"),
        ("---\ndate: 2031-05-20\n---\nWe met.", ""),
        ("---\nJoint Statement of Peru and Chad\n\nWe met.\n---\n", ""),
        ("Mr. President,\n\nAllow me to begin.", ""),
        ("The Security Council,\n\nRecalling its resolutions,", ""),
        ("We condemn the attack.\n\nWe welcome the truce.", ""),
        ("4 May 2031\n\nWe condemn the attack.", ""),
        ("", ""),
    ],
)
def test_title_is_what_stands_alone_at_the_head(text, title):
    assert find_title(text) == title


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (FRONT_MATTER, (2031, 5, 20)),
        ("Joint Statement\n\nLima, 4 May 2031\n\nWe met.", (2031, 5, 4)),
        ("date 2031-05-17 Advertisement\n\nThe two met.", (2031, 5, 17)),
        ("Press Bureau\n\nPosted On: 20 MAR 2031 7:48PM by PIB Lima\n\nHe spoke.", (2031, 3, 20)),
        ("A view of the court\n\nTue 21 May 2031 18.47 BST\n\nThey met.", (2031, 5, 21)),
        ("A talk\n\nPosted On: Mon, 20 MAR 2031 7:48PM", (2031, 3, 20)),
        ("A talk\n\nLima, Wednesday, 21 May 2031\n\nThey met.", (2031, 5, 21)),
        ("A talk\n\nLIMA, June 26, 2031 (Reuters) - They met.", (2031, 6, 26)),
        ("Regular Press Conference on May 13, 2031\n\nThey met.", (2031, 5, 13)),
        ("Recalling its resolution of 3 April 2031,\n\nDecides to meet.", None),
        ("Recalling the letter\ndated 12 June 2031 from Chad, they met.", None),
        ("Monitoring 5 May 2031", None),
        ("Prices, 5 May 2031, 12.50 per cent up", None),
        ("At the 9999th meeting of the Council, held on 3 May 2031, the President spoke.", (2031, 5, 3)),
        ("On 24 May 2031, the President of the Council issued the following statement:", (2031, 5, 24)),
        ("The Ministers met in Lima on May 3-4, 2031 to discuss fisheries.", (2031, 5, 4)),
        ("The General Assembly,\n\nDecides to meet.\n\n[58th meeting\n 4 July 2031]", (2031, 7, 4)),
        ("Recalling the text adopted on 15 March 2006,\n\nDecides to meet.", None),
        ("We welcome the agreement of 15 March 2006.", None),
        ("Held on 31 February 2031.", None),
        ("We met last week.", None),
        ("We met.\n\n[1] Treaty on Trade, signed at Lima on 4 May 2020", None),
        ("We met.\n\n1 Adopted in Lima on 4 May 2020", None),
        ("The last meeting was held in Lima on 4 May 2020. We met on 5 May 2021.", (2021, 5, 5)),
        ("Our previous statement was issued on 4 May 2020.", None),
        ("The treaty was signed in Lima on 4 May 2020.", None),
        ("The next summit will be held in Lima on 4 May 2030.", None),
    ],
)
def test_date_is_the_one_of_the_text_itself(text, day):
    assert find_date(text) == (datetime.date(*day) if day else None)


@pytest.mark.parametrize(("kind", "phrases", "example"), KINDS, ids=[row[0] for row in KINDS])
def test_each_row_of_kinds_is_found_by_its_example(kind, phrases, example):
    assert phrases
    assert find_kind(example, "") == find_kind("", example) == kind


@pytest.mark.parametrize(
    ("text", "issuers"),
    [
        ("Peru, Cuba and the Republic of Chad: draft resolution\n\nThe Security Council,", ["PER", "CUB", "TCD"]),
        ("The Security Council,\n\nRecalling the truce in Mali,", ["unsc"]),
        ("Statement by the President of the Security Council\n\nHe spoke of Chad.", ["unsc"]),
        ("The statement was released by the Governments of Peru and Chad on the occasion of a fair.", ["PER", "TCD"]),
        ("We, the leaders of Japan, Peru (PE), and Chad, met in Cuba.", ["JPN", "PER", "TCD"]),
        ("As leaders of Chad and Peru, we met in Cuba.", ["TCD", "PER"]),
        ("Joint Statement of Peru and Chad\n\nThe sides met.", ["PER", "TCD"]),
        ("Joint Statement on the U.S.-Iraq Dialogue\n\nA joint text of the U.S.-Iraq dialogue.", []),
        ("Chad, Peru and Cuba take note of the report.", ["TCD", "PER", "CUB"]),
        ("Chad, Peru reopen border\n\nLIMA, May 4 (Reuters) - The sides agreed on Monday.", []),
        ("Joint Statement\n\nWe welcome the summit between Chad and Peru.", []),
        ("CHAIRMAN'S STATEMENT OF THE 43RD ASEAN SUMMIT\n\nWe met.", ["asean"]),
        ("Security Council Press Statement on Mali\n\nThe members met.", ["unsc"]),
        ("We condemn the attack on Mali.", []),
        ("", []),
        ("Government of Peru\n\nThe Prime Minister spoke today.", ["PER"]),
        ("Permanent Mission of Chad to the United Nations\n\nHe spoke.", []),
        ("THE WHITE HOUSE\n\nFor immediate release\n\nThe President spoke.", ["USA"]),
        ("Council of the European Union\n\nBrussels\n\nIt met.", ["eu-council"]),
        ("JOINT COMMUNIQUÉ OF THE SIXTH PERU–SRI LANKA MINISTERS' MEETING\n\nThey met.", ["PER", "LKA"]),
        ("Joint Declaration of the First Council of Trade between Chad and Kenya\n\nThey met.", ["TCD", "KEN"]),
        ("Joint Statement on Trade between Chad and Kenya\n\nWe met.", []),
        ("Joint Statement Following the Summit of the Leaders of the G7 and Chad\n\nWe met.", ["g7", "TCD"]),
        ("Joint exercises between Chad and Kenya began.", []),
        ("First, Chad and Kenya must end the war.", []),
        ("The second Chad and Kenya war began.", []),
        ("Mission to Chad\n\nWe went there.", []),
        ("Government response to China\n\nIt is late.", []),
        ("Embassy of France to the United States\n\nIt moved.", []),
        (
            "Communiqué of the 4th Session of the Ministerial Council of the GCC\nRiyadh, 4 May 2031\n\nIt met.",
            ["gcc"],
        ),
        ("Fifty-Fourth Pacific Islands Forum Communiqué\n\nLeaders met.", ["pif"]),
        ("FIFTY-FOURTH PACIFIC ISLANDS FORUM\n\nLeaders met.", ["pif"]),
        ("Chad: Statement by the High Representative on behalf of the EU\n\nIt is sad.", ["eu"]),
        ("Statement by H.E. Mr. Zorb Glim, Minister for Foreign Affairs of Chad\n\nSir,", ["TCD"]),
        ("Statement by the Minister at the meeting of the United Nations\n\nWe met.", []),
        ("Remarks to the Parliament of Chad\n\nWe met.", []),
        ("Address by President Emmanuel Macron\n\nWe met.", ["FRA"]),
        ("OAS Declaration of Lima\n\nWe met.", ["oas"]),
        ("COMMUNIQUÉ\n\nAdopted by the Human Rights Council at its 12th meeting\n\nIt met.", ["hrc"]),
    ],
)
def test_issuers_are_those_in_whose_name_the_text_speaks(text, issuers):
    assert issuers_of(text) == issuers


def test_what_is_given_wins_over_what_is_found():
    text = "Joint Statement of Peru and Chad\n\nLima, 4 May 2031\n\nWe met."
    facts = stance.analyze(text, title="Ours", date="2031-05-06", issuers=["Republic of Cuba", "g7", "The Elms"]).facts
    assert (facts.title, facts.date) == ("Ours", datetime.date(2031, 5, 6))
    assert [(i.text, i.id) for i in facts.issuers] == [("Cuba", "CUB"), ("G7", "g7"), ("The Elms", None)]
    for day in (datetime.date(2031, 5, 7), datetime.datetime(2031, 5, 7, 8, 9), pd.Timestamp("2031-05-07 08:09")):
        found = stance.analyze(text, date=day).facts.date
        assert (type(found), found) == (datetime.date, datetime.date(2031, 5, 7))
    assert stance.analyze(text, issuers=[]).facts.issuers == ()


@pytest.mark.parametrize("given", ["4 May 2031", "2031-13-01", ""])
def test_a_date_that_is_none_is_refused(given):
    with pytest.raises(ValueError, match=f"date must be written YYYY-MM-DD, got '{given}'; give '2024-05-17'"):
        stance.analyze("We met.", date=given)


def test_issuers_in_one_text_are_several_where_all_are_known():
    given = ["FRA, DEU and Kenya", "Peru, Trinidad and Tobago", "Alliance of A, B and C"]
    issuers = stance.analyze("We met.", issuers=(name for name in given)).facts.issuers
    assert [i.id or i.text for i in issuers] == ["FRA", "DEU", "KEN", "PER", "TTO", "Alliance of A, B and C"]


def test_issuers_that_are_no_names_are_refused():
    with pytest.raises(ValueError, match=r"issuers must be names or ids, got 3; give each as a str"):
        stance.analyze("We met.", issuers=["FRA", 3])


@pytest.mark.parametrize("given", [pd.NaT, float("nan"), 2031])
def test_what_is_no_date_at_all_is_refused(given):
    with pytest.raises(ValueError, match=f"date must be written YYYY-MM-DD, got {given!r}; give '2024-05-17'"):
        stance.analyze("We met.", date=given)


def test_issuers_in_one_string_are_refused():
    with pytest.raises(ValueError, match=r"issuers must be a list of names or ids, got 'Peru'; give \['Peru'\]"):
        stance.analyze("We met.", issuers="Peru")


@pytest.mark.parametrize(("name", "identity"), [("FRA", "FRA"), ("the French Republic", "FRA"), ("France now", None)])
def test_actor_is_found_by_id_or_whole_name(name, identity):
    assert find_actor(name, load_lexicon()).id == identity
