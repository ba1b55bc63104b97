"""The page of `stance report` in a real browser: what a reader does with it, and that it asks the network nothing."""

import os
import re
import shutil
from dataclasses import replace

import pytest
from marked import analysed

import stance
from stance.document import Holder

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IN_CI = os.environ.get("CI") == "true"
FIRST = (
    "Joint Statement on Libya\n\n"
    "We condemn in the strongest terms [-[-Russia]'s attack on [=Ukraine]].\n\n"
    "We welcome the [+ceasefire in [=Libya]] and thank [+Japan]. China supports the [+truce].\n\n"
    "The ministers discussed the [=report]. <script>document.title = 'broken'</script>\n\n"
    "Putin rejected the [-proposal]. We support [+Ukraine].\n"
)
SECOND = "Statement on Trade\n\nWe oppose any [-unilateral sanctions]. We welcome [+[+Japan]'s decision].\n"

if not IN_CI:
    pytest.importorskip("playwright", reason="the tests in a browser need the extra dev: pip install -e '.[dev]'")
    pytestmark = pytest.mark.skipif(
        BROWSER is None, reason="no chromium; .ci/run installs it (apt-get install chromium)"
    )


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    assert BROWSER, "chromium must be installed where CI=true; see .ci/run"
    with sync_playwright() as playwright:
        # root has no sandbox in a container
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    analyses = [titled(analysed(FIRST), "Joint Statement on Libya"), titled(analysed(SECOND), "Statement on Trade")]
    (folder / "one.html").write_text(stance.to_html(analyses[0]), encoding="utf-8")
    both = dict(zip(("libya.txt", "trade.txt"), analyses, strict=True))
    (folder / "two.html").write_text(stance.to_html(both), encoding="utf-8")
    return folder


def titled(analysis, title):
    """The analysis with a title; what is said of a proposal is held by Putin, and not as sure as the rest."""
    chances = {"condemn": 0.6, "neutral": 0.3, "support": 0.1}
    putin = {"holder": Holder("Putin", id="RUS"), "probabilities": chances}
    held = [
        replace(j, votes={"doer_of_judged_act": j.stance}, **(putin if j.target.text == "proposal" else {}))
        for j in analysis
    ]
    return replace(analysis, judgements=tuple(held), facts=replace(analysis.facts, title=title))


@pytest.fixture
def open_page(browser, files):
    """Opens a report; at the end nothing may have been said on the console nor asked of any place but the file."""
    complaints, asked = [], []
    context = browser.new_context(viewport={"width": 1300, "height": 800}, reduced_motion="reduce")

    def open_it(name="one.html"):
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((files / name).as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_it
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []
    assert len(asked) == 1


@pytest.fixture
def page(open_page):
    return open_page()


def lit(page):
    """The words of the targets that are highlighted, in order."""
    return page.eval_on_selector_all("mark[data-j]:not(.off)", "marks => marks.map(mark => mark.textContent)")


def column(page, number, table="#target-table"):
    return page.eval_on_selector_all(f"{table} tbody tr", f"rows => rows.map(row => row.cells[{number}].textContent)")


def test_all_targets_are_highlighted_at_first(page):
    everything = lit(page)
    assert {"Russia", "Ukraine", "Japan"} <= set(everything)
    assert page.inner_text("#found") == f"{len(everything)} of {len(everything)}"


def test_stances_can_be_switched_off_and_on(page):
    everything = lit(page)
    button = page.locator("[data-stance=support]")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    left = lit(page)
    assert "Japan" not in left
    assert "Russia" in left
    button.press("Space")
    assert lit(page) == everything


@pytest.mark.parametrize("typed", ["ukraine", "UKR"])
def test_a_target_is_found_by_its_words_or_its_id(page, typed):
    page.fill("#target", typed)
    assert "Ukraine" in lit(page)
    assert all("Ukraine" in words for words in lit(page))
    assert all("Ukraine" in words for words in column(page, 0))


def test_what_is_typed_is_no_pattern_and_begins_a_word(page):
    page.fill("#target", ".*(")
    assert lit(page) == column(page, 0) == []
    page.fill("#target", "raine")
    assert lit(page) == []


def test_a_holder_can_be_chosen(page):
    options = page.eval_on_selector_all("#holder option", "all => all.map(option => option.textContent)")
    assert "Putin (1)" in options
    page.select_option("#holder", label="Putin (1)")
    assert lit(page) == ["proposal"]


def test_confidence_leaves_out_what_is_less_sure(page):
    everything = len(lit(page))
    page.locator("#confidence").fill("90")
    assert page.inner_text("#from") == "90%"
    assert len(lit(page)) == everything - 1
    assert "proposal" not in lit(page)


def test_reset_brings_everything_back(page):
    everything = lit(page)
    page.fill("#target", "Japan")
    page.locator("[data-stance=neutral]").click()
    page.check("#only")
    page.click("#reset")
    page.wait_for_selector("mark.off", state="detached")
    assert lit(page) == everything
    assert page.input_value("#target") == ""
    assert not page.is_checked("#only")


def test_passages_without_a_match_can_be_hidden(page):
    page.fill("#target", "Japan")
    page.check("#only")
    assert page.locator(".document > p:visible").all_inner_texts() == [
        words for words in page.locator(".document > p").all_inner_texts() if "Japan" in words
    ]


def test_a_target_of_the_table_filters_the_text(page):
    page.click("#target-table button.name >> text=Japan")
    assert set(lit(page)) == {"Japan"}
    assert page.input_value("#target") == "Japan"
    assert page.is_checked("#only")


def test_the_table_sorts_both_ways(page):
    header = page.locator("#target-table th >> nth=0")
    header.locator("button").click()
    names = column(page, 0)
    assert names == sorted(names, key=str.lower)
    assert header.get_attribute("aria-sort") == "ascending"
    header.locator("button").press("Enter")
    assert column(page, 0) == sorted(names, key=str.lower, reverse=True)
    assert header.get_attribute("aria-sort") == "descending"


def test_numbers_sort_as_numbers_and_one_column_at_a_time(page):
    page.click("#target-table th >> nth=0")
    page.click("#target-table th:has-text('condemn') button")
    counts = [int(count) for count in column(page, 4)]
    assert counts == sorted(counts, reverse=True)
    assert page.locator("th[aria-sort]").count() == 1


def test_a_click_shows_what_is_known_of_a_target(page):
    page.click("mark[data-j].condemn >> nth=0", position={"x": 4, "y": 6})
    details = page.inner_text("#details")
    for part in ("Russia's attack", "condemn", "of 5", "Held by", "in the strongest terms", "Probabilities", "Clause"):
        assert part in details
    assert len(re.findall(r"\b\d+%", details)) == 3
    page.click("#details .close")
    assert "Clause" not in page.inner_text("#details")


def test_pointing_at_a_target_shows_a_summary(page):
    page.hover("mark[data-j].support >> nth=0")
    assert re.search(r"supported.*% sure, strength \d of 5, held by ", page.inner_text("#tip"))
    page.mouse.move(1, 1)
    assert page.is_hidden("#tip")


def test_inner_and_outer_targets_can_both_be_chosen(page):
    inner = page.locator("mark mark:text-is('Russia')")
    inner.click()
    assert page.inner_text("#details h3") == "Russia"
    inner.locator("xpath=..").evaluate("mark => mark.click()")
    assert page.inner_text("#details h3") == "Russia's attack on Ukraine"


def test_the_keyboard_alone_reads_the_text(page):
    page.focus("#only")
    page.keyboard.press("Tab")
    order = lit(page)
    assert page.evaluate("document.activeElement.textContent") == order[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == order[1]
    page.keyboard.press("Enter")
    assert page.inner_text("#details h3") == order[1]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == order[1]
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == order[-1]
    assert page.locator("mark[data-j][tabindex='0']").count() == 1


def test_what_the_keyboard_reaches_is_said_to_screen_readers(page):
    page.locator("mark[data-j][tabindex='0']").focus()
    assert re.search(r"condemned.*held by", page.inner_text("#said"))
    tree = page.locator(".document").aria_snapshot()
    assert "condemned:" in tree
    assert "supported:" in tree


def test_buttons_step_through_the_matches(page):
    page.fill("#target", "Ukraine")
    page.click("#next")
    first = page.evaluate("document.activeElement.dataset.j")
    page.click("#next")
    assert page.evaluate("document.activeElement.dataset.j") != first
    page.click("#previous")
    assert page.evaluate("document.activeElement.dataset.j") == first


def test_markup_in_a_text_is_shown_as_text(page):
    assert "<script>document.title = 'broken'</script>" in page.inner_text(".document")
    assert page.title() == "Joint Statement on Libya – stances"


def test_several_documents_open_filter_and_sort(open_page):
    page = open_page("two.html")
    assert [name.strip() for name in column(page, 0, "#documents table")] == [
        "Joint Statement on Libya",
        "Statement on Trade",
    ]
    page.select_option("#document", "1")
    assert page.is_hidden("#document-0")
    assert all("Russia" not in words for words in lit(page))
    page.click("#next")
    assert page.evaluate("document.activeElement.closest('details').id") == "document-1"
    page.click("#documents th:has-text('Words') button")
    words = [int(count) for count in column(page, 3, "#documents table")]
    assert words == sorted(words, reverse=True)


def test_two_documents_are_compared_with_their_quotes(open_page):
    page = open_page("two.html")
    rows = page.locator(".differences tbody tr")
    kinds = page.locator(".differences .change").all_inner_texts()
    assert "new" in kinds
    assert rows.locator("q mark").count() >= rows.count()
    page.locator("#comparison button.name").first.click()
    words = page.input_value("#target")
    assert lit(page)
    assert words


def test_the_matrix_shows_signs_and_counts_and_leads_to_the_text(open_page):
    page = open_page("two.html")
    cell = page.locator("#matrix td.cell.condemn").first
    assert re.fullmatch(r"▼ \d+", cell.evaluate("cell => cell.innerText.split(':')[0].trim()"))
    assert "condemned" in cell.get_attribute("title")
    page.locator("#matrix button.name[data-words=JPN]").click()
    assert page.input_value("#target") == "JPN"
    assert set(lit(page)) >= {"Japan"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page, scheme):
    page = open_page()
    page.emulate_media(color_scheme=scheme)
    pairs = page.evaluate(
        """() => ['body', '.hint', '.about', 'td.id', 'button.name', 'label'].map(name => {
            const element = document.querySelector(name);
            return [name, getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor];
        })"""
    )
    for name, ink, paper in pairs:
        assert contrast(ink, paper) >= 4.5, name  # WCAG 2.2, 1.4.3


def test_paper_shows_the_text_and_the_table_without_the_controls(page):
    page.emulate_media(media="print")
    assert page.is_hidden("#filters")
    assert page.is_hidden("#details")
    assert page.is_visible("#target-table")
    assert page.is_visible("mark[data-j] >> nth=0")


def test_a_narrow_window_needs_no_sideways_scrolling(page):
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def contrast(ink, paper):
    """The contrast ratio of WCAG 2.2 between two colours written as rgb(r, g, b)."""

    def luminance(colour):
        channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
