import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import make_row
from scipy.stats import binomtest

from stance.aggregation import SHORT, UNKNOWN, aggregate, make_matrix, wilson


def counts(tallies, facet="target"):
    return [(tally.facets[facet], tally.support, tally.condemn, tally.neutral) for tally in tallies]


def test_mentions_of_one_target_under_several_names_are_one_row():
    rows = [
        make_row("neutral", "Iran", id="IRN"), make_row("condemn", "Tehran", id="IRN"), make_row("neutral", "Iran"),
        make_row("support", "attacks by the Houthis"), make_row("condemn", "Houthi attacks"),
    ]  # fmt: skip
    assert counts(aggregate(rows)) == [("Houthi attacks", 1, 1, 0), ("Iran", 0, 1, 2)]


def test_an_actor_bears_the_name_of_the_tables_and_others_their_most_frequent_wording():
    rows = [
        make_row(target="Russian", id="RUS"),
        *(make_row(target=t) for t in ("the Talks", "the talks", "the talks")),
    ]
    assert {tally.facets["target"] for tally in aggregate(rows)} == {"Russia", "the talks"}


def test_groups_with_most_verdicts_stand_first():
    rows = [make_row("neutral", "rain")] * 5 + [make_row("condemn", "frost")] * 2 + [make_row("support", "sun")]
    assert [tally.facets["target"] for tally in aggregate(rows)] == ["frost", "sun", "rain"]


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("document", {"a.txt", "b.txt"}),
        ("month", {"2024-05", UNKNOWN}),
        ("year", {"2024", UNKNOWN}),
        ("issuer", {"France", "Japan", UNKNOWN}),
        ("holder", {"the speaker", "Ukraine"}),
    ],
)
def test_each_facet_groups_rows(facet, values):
    rows = [
        make_row(file="a.txt", issuers="FRA; JPN"),
        make_row(file="b.txt", issuers="", date=None, holder="Kyiv", holder_id="UKR"),
    ]
    assert {tally.facets[facet] for tally in aggregate(rows, facet)} == values


def test_a_document_counts_for_each_of_its_issuers():
    tallies = aggregate([make_row(issuers="FRA; JPN")], "issuer")
    assert counts(tallies, "issuer") == [("France", 0, 1, 0), ("Japan", 0, 1, 0)]


def test_times_of_one_target_stand_together_in_order():
    rows = [
        make_row(target=t, date=f"{y}-01-01")
        for t, y in (("frost", 2024), ("frost", 2022), ("hail", 2023), ("frost", 2023))
    ]
    tallies = aggregate(rows, ("target", "year"))
    assert [tuple(tally.facets.values()) for tally in tallies] == [
        ("frost", "2022"), ("frost", "2023"), ("frost", "2024"), ("hail", "2023"),
    ]  # fmt: skip


def test_a_tally_tells_net_strength_documents_and_support():
    rows = [
        make_row("condemn", strength=5),
        make_row("condemn", strength=2, file="b.txt"),
        make_row("support", strength=2),
    ]
    (tally,) = aggregate([*rows, make_row("neutral", strength=1)], min_support=5)
    assert (tally.total, tally.net, tally.strength, tally.documents, tally.few) == (4, -0.25, 3.0, 2, True)
    assert not aggregate(rows, min_support=3)[0].few


def test_a_target_that_is_only_mentioned_has_no_strength():
    assert aggregate([make_row("neutral")])[0].strength is None


def test_a_row_is_flat_and_its_shares_lie_in_their_intervals():
    (tally,) = aggregate([make_row("condemn"), make_row("support"), make_row("support")])
    row = tally.as_row()
    for stance in ("support", "condemn", "neutral"):
        assert row[f"{stance}_low"] <= row[f"{stance}_share"] <= row[f"{stance}_high"]
    assert sum(row[f"{stance}_share"] for stance in ("support", "condemn", "neutral")) == pytest.approx(1, abs=1e-3)
    assert list(tally.short_row()) == ["target", *SHORT]


def test_columns_of_a_target_are_left_out_where_rows_are_not_grouped_by_it():
    assert {"id", "kind"}.isdisjoint(aggregate([make_row()], "year")[0].short_row())


@pytest.mark.parametrize("by", ["colour", "", (), ("target", "target"), "target,year"])
def test_unknown_facets_are_named(by):
    with pytest.raises(ValueError, match=r"^by must name different ones of target, holder, .*, got .*; fix the names$"):
        aggregate([], by)


def test_no_rows_give_no_tallies():
    assert aggregate([]) == []
    assert make_matrix([]).rows == ()


ROWS = [make_row(s, t, file=f) for s in ("condemn", "support") for t in ("Iran", "iran", "Oman") for f in ("a", "b")]


@given(st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_aggregation_ignores_the_order_of_the_rows(shuffle: random.Random):
    rows = list(ROWS)
    shuffle.shuffle(rows)
    assert aggregate(rows, ("target", "document")) == aggregate(ROWS, ("target", "document"))


def test_an_id_that_several_rows_dispute_goes_by_the_most_not_by_the_last():
    rows = [make_row(target="Council", id=name) for name in ("unsc", "unsc", "euco", None)]
    for each in (rows, rows[::-1]):
        assert sorted(tally.condemn for tally in aggregate(each)) == [1, 3]


def test_what_is_written_alike_and_is_not_the_same_bears_its_id():
    rows = [make_row("support", "frost", holder="Iran"), make_row("condemn", "frost", holder="Tehran", holder_id="IRN")]
    assert [tally.facets["holder"] for tally in aggregate(rows, "holder")] == ["Iran (IRN)", "Iran"]
    assert sum(cell.total for line in make_matrix(rows).tallies for cell in line if cell) == 2


@given(st.integers(0, 60), st.integers(1, 60))
@settings(deadline=None, max_examples=40)
def test_wilson_agrees_with_scipy(count, more):
    low, high = wilson(count, count + more)
    theirs = binomtest(count, count + more).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_nothing_counted_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_matrix_has_the_weightiest_of_both_sides_and_gaps():
    rows = [
        make_row("condemn", "frost", holder="farmers"), make_row("support", "frost", holder="skiers"),
        make_row("condemn", "hail", holder="farmers"), make_row("neutral", "rain", holder="poets"),
    ]  # fmt: skip
    matrix = make_matrix(rows, most=2)
    assert (matrix.rows, matrix.columns) == (("farmers", "skiers"), ("frost", "hail"))
    assert [[tally and tally.net for tally in row] for row in matrix.tallies] == [[-1.0, -1.0], [1.0, None]]


def test_a_target_of_several_wordings_has_its_cells_whoever_speaks():
    # counted for each of three issuers, "pandemic" would be the more frequent wording of the pairs
    rows = [
        *[make_row("condemn", "the pandemic", id="x-pandemics", issuers="FRA; JPN; PER")] * 2,
        *[make_row("condemn", "COVID-19", id="x-pandemics", issuers="FRA")] * 3,
    ]
    matrix = make_matrix(rows, ("issuer", "target"))
    assert matrix.columns == ("COVID-19",)
    assert [tally and tally.condemn for (tally,) in matrix.tallies] == [5, 2, 2]


def test_years_of_a_matrix_stand_in_order_and_undated_rows_are_left_out():
    rows = [make_row(date="2023-01-01"), make_row(date="2022-01-01"), make_row(date="2023-01-01"), make_row(date=None)]
    assert make_matrix(rows, ("target", "year")).columns == ("2022", "2023")


def test_what_is_no_row_is_told():
    with pytest.raises(TypeError, match=r"rows must be Row, got str; give `rows_of\(name, analysis\)`"):
        aggregate(["file", "stance"])


def test_several_holders_together_bear_their_names():
    rows = [make_row(holder="We", holder_id="PER+TCD"), make_row(holder="We", holder_id="PER+xyz")]
    assert [tally.facets["holder"] for tally in aggregate(rows, "holder")] == ["Peru, Chad", "We"]
