from stance.card import card_rows, compared_rows

CARD = {"records": 1200, "shares": {"condemn": 0.25, "support": 0.5}, "tables": None, "scores": {"f1": [0.7, 0.81234]}}


def test_entries_within_others_are_named_by_their_path():
    assert card_rows(CARD) == [
        {"entry": "records", "value": "1,200"},
        {"entry": "scores f1", "value": "0.7 to 0.8123"},
        {"entry": "shares condemn", "value": "0.25"},
        {"entry": "shares support", "value": "0.5"},
        {"entry": "tables", "value": "-"},
    ]


def test_tables_are_counted_not_printed():
    assert card_rows({"tables": {"actors.tsv": "a\tb\nc\td\n"}}) == [{"entry": "tables actors.tsv", "value": "2 rows"}]


def test_two_cards_stand_side_by_side_with_what_differs():
    other = CARD | {"records": 1300, "shares": {"condemn": 0.3, "support": 0.5}, "data": "abc"}
    rows = {row["entry"]: (row["first"], row["second"], row["change"]) for row in compared_rows(CARD, other)}
    assert rows["records"] == ("1,200", "1,300", "+100")
    assert rows["shares condemn"] == ("0.25", "0.3", "+0.05")
    assert rows["shares support"] == ("0.5", "0.5", "")
    assert rows["data"] == ("-", "abc", "differs")
