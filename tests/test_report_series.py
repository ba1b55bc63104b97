import pytest
from marked import analysed

from stance.report_series import MOST_DOCUMENTS, make_series
from stance.rows import rows_of

TEXTS = {
    "b.txt": ("2023-05-01", "We condemn [-Iran]. We welcome the [+ceasefire]. We support [+Ukraine]."),
    "a.txt": ("2022-05-01", "We regret the acts of [-Iran]. We support [+Ukraine]. We thank [+Japan]."),
    "c.txt": ("2024-05-01", "We oppose [-sanctions]. We support [+Ukraine]. We met in [=Rome]."),
}


@pytest.fixture(scope="module")
def analyses():
    return {name: analysed(text, date=date) for name, (date, text) in TEXTS.items()}


def series_of(analyses):
    return make_series(analyses, [row for name, analysis in analyses.items() for row in rows_of(name, analysis)])


def test_one_text_has_nothing_beside_it(analyses):
    assert series_of({"a.txt": analyses["a.txt"]}) == (None, None, (), (), ())


def test_the_matrix_has_the_documents_in_the_order_of_their_dates(analyses):
    matrix = series_of(analyses).matrix
    assert [column[:4] for column in matrix.columns] == ["2022", "2023", "2024"]
    rows = {row.label: row for row in matrix.rows}
    assert [cell and (cell.stance, cell.support) for cell in rows["Ukraine"].cells] == [("support", 1)] * 3
    assert [cell.stance if cell else None for cell in rows["Iran"].cells] == ["condemn", "condemn", None]
    assert rows["Iran"].words == "IRN"


def test_the_timeline_counts_by_year(analyses):
    timeline = series_of(analyses).timeline
    assert timeline.columns == ["2022", "2023", "2024"]
    iran = next(row for row in timeline.rows if row.label == "Iran")
    assert [(cell.up, cell.down) if cell else None for cell in iran.cells] == [(0, 100), (0, 100), None]


def test_texts_of_one_year_are_counted_by_month():
    texts = [analysed("We condemn [-Iran].", date=f"2023-0{month}-01") for month in (2, 4)]
    assert series_of({"a": texts[0], "b": texts[1]}).timeline.columns == ["2023-02", "2023-04"]


def test_texts_without_dates_have_no_timeline():
    assert series_of({"a": analysed("We condemn [-Iran]."), "b": analysed("We thank [+Japan].")}).timeline is None


def test_two_texts_are_compared_from_the_earlier_to_the_later(analyses):
    series = series_of({name: analyses[name] for name in ("b.txt", "a.txt")})
    kinds = {difference.target: difference.kind for difference in series.differences}
    assert kinds["ceasefire"] == "new"
    assert kinds["Iran"] == "hardened"
    iran = next(difference for difference in series.differences if difference.id == "IRN")
    assert [side.strength for side in iran.sides] == sorted(side.strength for side in iran.sides)
    assert series.paths == ()


def test_quotes_are_safe_and_mark_their_target(analyses):
    texts = {"a": analysed("We met."), "b": analysed("<i>We</i> condemn the [-attack on the town] & its people.")}
    quotes = [side.quote for difference in series_of(texts).differences for side in difference.sides if side]
    assert quotes
    assert all("<mark" in quote and "<i>" not in quote and "&amp; its" in quote for quote in quotes)


def test_several_texts_have_the_path_of_each_target(analyses):
    series = series_of(analyses)
    ukraine = next(path for path in series.paths if path.words == "UKR")
    assert [point and point[0] for point in ukraine.points] == ["support"] * 3
    assert series.differences == ()


def test_many_texts_are_counted_by_issuer():
    texts = {
        f"{number}.txt": analysed("We condemn [-Iran].", issuers=["JPN" if number % 2 else "FRA"])
        for number in range(MOST_DOCUMENTS + 1)
    }
    series = series_of(texts)
    assert sorted(series.matrix.columns) == ["France", "Japan"]
    assert series.paths == ()
