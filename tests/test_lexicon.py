import pickle
from collections import Counter
from functools import cache
from importlib import resources
from unicodedata import normalize

import pytest
from marked import reading_of

from stance.inflection import inflections
from stance.lexicon import Lexicon, load_lexicon
from stance.records import parse_marked
from stance.segmentation import tokenize
from stance.word_tables import TABLES, read_table

DATA = resources.files("stance").joinpath("data")
FILES = {
    table: sorted(path.name for path in DATA.iterdir() if path.name.startswith(table))
    for table in ("actors", "issues", "predicates", "reversers")
}
MEMBERS = """
AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN BWA CAF
CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESP EST ETH FIN FJI
FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GTM GUY HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN
KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT
MMR MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL PLW PNG POL PRK PRT PRY QAT
ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV SMR SOM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON
TTO TUN TUR TUV TZA UGA UKR URY USA UZB VCT VEN VNM VUT WSM YEM ZAF ZMB ZWE
"""


@cache
def rows(table):
    return [row for name in FILES[table] for row in read_table(DATA.joinpath(name), table)]


def spellings(table, row):
    columns = ("names", "demonyms", "capital") if table == "actors" else ("names",)
    return [name for column in columns for name in row.get(column, "").split("|") if name]


def every(*tables):
    first = {"actors": "id", "issues": "id", "predicates": "phrase", "reversers": "phrase"}
    return [pytest.param(table, row, id=f"{table}-{row[first[table]]}") for table in tables for row in rows(table)]


def found(text):
    words = [token.text for token in tokenize(text)]
    keys = [word.lower().replace("’", "'") for word in words]
    return [(" ".join(words[m.first : m.last]), m.entry) for m in load_lexicon().find(words, keys)]


def names(text):
    return {match.entry.id for match in reading_of(text).names}


@pytest.mark.parametrize(("table", "row"), every("actors", "issues"))
def test_example_of_a_name_holds_it_and_finds_it_where_it_is_marked(table, row):
    text, targets = parse_marked(row["example"])
    matches = {(words, entry.id) for words, entry in found(text) if entry.table == table}
    marked = {text[target.start : target.end] for target in targets} & set(spellings(table, row))
    assert row["id"] in {identity for _, identity in matches}
    assert {(" ".join(token.text for token in tokenize(name)), row["id"]) for name in marked} <= matches


@pytest.mark.parametrize(("table", "row"), every("predicates", "reversers"))
def test_example_of_a_cue_has_a_target_and_a_cue_at_its_word(table, row):
    text, targets = parse_marked(row["example"])
    reading = reading_of(text)
    held = {i for match in reading.cues for i in range(match.first, match.last)}
    matches = load_lexicon().find([token.text for token in reading.tokens], reading.keys)
    own = [m for m in matches if (m.entry.table, m.entry.id, m.entry.group) == (table, row["phrase"], row["pos"])]
    assert targets
    assert any(held & set(range(match.first, match.last)) for match in own)


@pytest.mark.parametrize(("table", "least"), [("predicates", 350), ("reversers", 80), ("issues", 250), ("actors", 500)])
def test_table_is_large_enough(table, least):
    assert len(rows(table)) >= least


def test_every_member_of_the_united_nations_is_a_state_under_its_iso_code():
    states = {row["id"] for row in rows("actors") if row["class"] == "state"}
    assert len(MEMBERS.split()) == 193
    assert not set(MEMBERS.split()) - states
    assert all(len(identity) == 3 and identity.isupper() for identity in states)


def test_there_are_three_hundred_actors_that_are_no_states():
    assert sum(row["class"] not in ("state", "territory") for row in rows("actors")) >= 300


@pytest.mark.parametrize("name", [name for names_ in FILES.values() for name in names_])
def test_rows_are_sorted(name):
    lines = DATA.joinpath(name).read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split("\t")[:2] for line in lines] == sorted(line.split("\t")[:2] for line in lines)


@pytest.mark.parametrize("table", ["actors", "issues"])
def test_no_id_stands_twice(table):
    assert [i for i, n in Counter(row["id"] for row in rows(table)).items() if n > 1] == []


@pytest.mark.parametrize("table", ["predicates", "reversers"])
def test_no_cue_stands_twice_as_one_part_of_speech(table):
    assert [key for key, n in Counter((row["phrase"], row["pos"]) for row in rows(table)).items() if n > 1] == []


def test_no_name_belongs_to_two_rows():
    owners = {}
    for table in ("actors", "issues"):
        for row in rows(table):
            for name in set(spellings(table, row)):
                owners.setdefault(name.lower(), set()).add(row["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("table", FILES)
def test_cells_are_clean(table):
    cells = [part for row in rows(table) for key, cell in row.items() if key != "example" for part in cell.split("|")]
    assert [cell for cell in cells if cell != cell.strip() or "  " in cell] == []


@pytest.mark.parametrize(
    ("table", "key"), [("actors", "id"), ("issues", "id"), ("predicates", "phrase"), ("reversers", "phrase")]
)
def test_no_example_serves_two_rows(table, key):
    assert [text for text, n in Counter(row["example"] for row in rows(table)).items() if n > 1] == []


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("Washington's course worries them.", "USA"),
        ("Washington’s course worries them.", "USA"),
        ("The Chinese side agreed.", "CHN"),
        ("The U.S. left.", "USA"),
        ("The US left.", "USA"),
        ("They fear Aukus.", "aukus"),
        ("They fear AUKUS.", "aukus"),
        ("CHINA OBJECTED.", "CHN"),
        ("VIET NAM AND SRI LANKA MET.", "VNM"),
        ("Turkey objected.", "TUR"),
        ("Türkiye objected.", "TUR"),
        ("The United\nStates left.", "USA"),
        ("Jordan objected.", "JOR"),
        ("Georgia objected.", "GEO"),
    ],
)
def test_name_is_found_as_people_print_it(text, identity):
    assert identity in {entry.id for _, entry in found(text)}


@pytest.mark.parametrize("name", ["Türkiye", "Côte d’Ivoire", "São Tomé and Príncipe"])
def test_name_is_found_whether_its_accents_stand_apart_or_not(name):
    whole, apart = (names(f"{normalize(form, name)} objected.") for form in ("NFC", "NFD"))
    assert len(whole) == 1
    assert apart == whole


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("They told us so.", "USA"),
        ("We ate turkey and used china.", "TUR"),
        ("We ate turkey and used china.", "CHN"),
        ("Michael Jordan retired.", "JOR"),
        ("The governor of Atlanta, Georgia, spoke.", "GEO"),
        ("Georgia State University opened.", "GEO"),
        ("The who and the what.", "who"),
    ],
)
def test_homograph_is_no_name(text, identity):
    assert identity not in names(text)


def test_longer_name_wins_over_the_one_inside_it():
    assert {"PRK"} == names("The Democratic People's Republic of Korea objected.")
    assert ("South Korea", "KOR") in {(words, entry.id) for words, entry in found("South Korea objected.")}


def test_verb_is_found_in_its_forms():
    forms = {"condemn", "condemns", "condemned", "condemning"}
    assert forms <= {words for words, entry in found(" ".join(sorted(forms))) if entry.id == "condemn"}


def test_lexicon_is_read_once():
    assert load_lexicon() is load_lexicon() is load_lexicon(())


HEADER = "\t".join(TABLES["reversers"])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", r"reversers\.tsv:1: header must be .*phrase.* got ''; see the tables in stance/data"),
        ("phrase\tpos\n", r"reversers\.tsv:1: header must be .* got 'phrase\\tpos'"),
        (f"{HEADER}\nend\tnoun\n", r"reversers\.tsv:2: must have 5 cells, got 2; mend the row"),
        (f"{HEADER}\nend\tnown\tneutral\tof\tx\n", r"reversers\.tsv:2: pos must be one of .*'noun'.* got 'nown'"),
        (f"{HEADER}\nend\tnoun\t-\tof\tx\n", r"reversers\.tsv:2: ungoverned must be one of .* got '-'"),
        (f"{HEADER}\nend\tnoun\tneutral\tonto\tx\n", r"reversers\.tsv:2: attach must be among .* got \['onto'\]"),
        (
            f"{HEADER}\nend\tnoun\tneutral\tof\t\n",
            r"reversers\.tsv:2: id, phrase and example must not be empty, got ''",
        ),
        (f"{HEADER}\nend\tnown\tneutral\tof\tx\na\tnoun\n", r"(?s)tsv:2: pos .*\n.*tsv:3: must have 5 cells"),
    ],
)
def test_broken_table_is_refused_with_the_place_and_the_way_out(tmp_path, lines, message):
    path = tmp_path / "reversers.tsv"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_table(path, "reversers")


def test_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must hold one of actors\.tsv, .*, got none; see stance/data"):
        Lexicon.read(tmp_path)


def test_own_rows_are_found_beside_the_shipped_ones_and_change_the_digest(tmp_path):
    row = "zembla\tstate\tZembla\tZemblan\tOnhava\t\tWe thank [+Zembla]."
    (tmp_path / "actors.tsv").write_text("\t".join(TABLES["actors"]) + f"\n{row}\n", encoding="utf-8")
    lexicon = Lexicon.read(str(tmp_path))
    words = ["Zembla", "and", "Iran"]
    assert [m.entry.id for m in lexicon.find(words, [word.lower() for word in words])] == ["zembla", "IRN"]
    assert lexicon.digest != load_lexicon().digest
    assert lexicon.tables == (("actors.tsv", (tmp_path / "actors.tsv").read_text(encoding="utf-8")),)
    assert Lexicon.read(tmp_path) is lexicon
    assert pickle.loads(pickle.dumps(lexicon)) is lexicon


def test_article_of_a_name_may_be_small(tmp_path):
    row = "elms\talliance\tThe Elms|Elm Group\t\t\t\tWe support [+The Elms]."
    (tmp_path / "actors.tsv").write_text("\t".join(TABLES["actors"]) + f"\n{row}\n", encoding="utf-8")
    lexicon = Lexicon.read(tmp_path)
    for words in (["The", "Elms"], ["the", "Elms"], ["Elm", "Group"]):
        assert [m.entry.id for m in lexicon.find(words)] == ["elms"]
    assert lexicon.find(["the", "elms"]) == []


def test_own_table_that_is_broken_is_named_with_the_line(tmp_path):
    (tmp_path / "predicates.tsv").write_text("\t".join(TABLES["predicates"]) + "\nendorse\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"predicates\.tsv:2: must have 6 cells, got 1; mend the row"):
        Lexicon.read(tmp_path)


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("actors", "zembla\tstate\t\t\t\t\tHello.", "names, demonyms, capital must hold a spelling, got none"),
        ("issues", "fog\tharm\t|\tHello.", "names must hold a spelling, got none"),
        ("predicates", " \tverb\tsupport\t3\tdirect\tHello.", "id, phrase and example must not be empty, got ''"),
    ],
)
def test_own_row_that_spells_nothing_is_named(table, row, message, tmp_path):
    (tmp_path / f"{table}.tsv").write_text("\t".join(TABLES[table]) + f"\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{table}\.tsv:2: {message}; mend the row"):
        Lexicon.read(tmp_path)


def test_long_names_are_found_whole():
    text = (
        "We support the Convention on the Prohibition of the Development, Production and Stockpiling of "
        "Bacteriological (Biological) and Toxin Weapons."
    )
    assert [entry.id for words, entry in found(text) if words.startswith("Convention")] == ["bwc"]


def test_own_table_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "actors.tsv").write_bytes(b"id\xe9")
    with pytest.raises(ValueError, match=r"actors\.tsv: tables must be UTF-8, got byte 0xe9 at 2; save as UTF-8"):
        Lexicon.read(tmp_path)


@pytest.mark.parametrize(
    ("adjective", "forms"),
    [
        ("large", {"larger", "largest"}),
        ("big", {"bigger", "biggest"}),
        ("happy", {"happier", "happiest"}),
        ("strong", {"stronger", "strongest"}),
        ("important", set()),
        ("in line", set()),
    ],
)
def test_short_adjectives_have_a_comparative_and_a_superlative(adjective, forms):
    assert inflections(adjective, "adjective", {}) == {adjective} | forms


def test_comparatives_say_what_their_adjective_says():
    vocabulary = load_lexicon().vocabulary
    assert vocabulary["harshest"] == vocabulary["harsh"]
