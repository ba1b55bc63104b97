import io
import sys
import zipfile

import pytest

from stance.documents import decode, read_text
from stance.extraction import extract_docx, extract_html, extract_pdf
from stance.facts import find_date, find_title

docx = pytest.importorskip("docx")
fpdf = pytest.importorskip("fpdf")
pytest.importorskip("trafilatura")
pytest.importorskip("pypdfium2")

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Joint Statement on Libya - Ministry</title>
<meta property="og:title" content="Joint Statement on Libya">
<meta property="article:published_time" content="2022-03-04T10:00:00Z"></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/news">Newsroom</a></li></ul></nav></header>
<div class="cookie-banner"><p>We use cookies to support your experience.</p><button>Accept</button></div>
<main><article><h1>Joint Statement on Libya</h1>
<p>The ministers of France, Germany and Italy met in Rome and discussed the situation in Libya.</p>
<p>They condemned the attack on the town of Sirte &amp; welcomed <b>Türkiye's</b> mediation between the parties.</p>
<ul><li>We support the political process.</li><li>We oppose any foreign interference.</li></ul>
</article></main>
<aside><h3>Related</h3><ul><li><a href="/1">Statement on Yemen</a></li></ul></aside>
<footer><p>Copyright 2022. <a href="/privacy">Privacy policy</a></p></footer></body></html>"""
LINE = "We, the leaders, met in Rome and condemned the attack on the town of Sirte on day {} of the talks."


class Printed(fpdf.FPDF):
    """Pages with a header and a footer that counts them."""

    def header(self):
        self.set_font("helvetica", size=9)
        self.cell(0, 8, "S/PRST/2024/1", new_x="LMARGIN", new_y="NEXT")

    def footer(self):
        self.set_y(-15)
        self.set_font("helvetica", size=9)
        self.cell(0, 8, f"Page {self.page_no()} of 3", align="C")


def make_pdf(*pages, kind=Printed, **encryption):
    pdf = kind()
    for words in pages:
        pdf.add_page()
        pdf.set_font("times", size=12)
        pdf.multi_cell(0, 7, words, new_x="LMARGIN", new_y="NEXT")
    if encryption:
        pdf.set_encryption(**encryption)
    return bytes(pdf.output())


def make_docx():
    document = docx.Document()
    document.add_heading("Joint Statement on Libya", 0)
    document.add_paragraph("We met in Rome.")
    document.add_paragraph("We support the truce.", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Article 1", "We condemn the attack."
    document.add_paragraph("")
    document.add_paragraph("We welcome the ceasefire.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_page_gives_its_text_without_its_frame():
    text = extract_html(PAGE.encode())
    assert "welcomed Türkiye's mediation" in text
    assert "Sirte & welcomed" in text
    assert "- We support the political process.\n- We oppose any foreign interference." in text
    for frame in ("Home", "Newsroom", "cookies", "Yemen", "Privacy", "<"):
        assert frame not in text


def test_a_page_tells_its_title_and_date():
    text = extract_html(PAGE.encode())
    assert (find_title(text), str(find_date(text))) == ("Joint Statement on Libya", "2022-03-04")


def test_a_page_in_another_encoding_is_read():
    page = PAGE.replace("<head>", '<head><meta charset="windows-1252">')
    assert "Türkiye's" in extract_html(page.encode("windows-1252"))


def test_headers_and_page_numbers_of_a_pdf_are_dropped():
    text = extract_pdf(make_pdf(*(LINE.format(day) for day in ("one", "two", "three"))))
    assert "S/PRST" not in text
    assert "Page" not in text
    assert [day in text for day in ("one", "two", "three")] == [True] * 3


def test_lines_that_only_one_page_has_stay():
    text = extract_pdf(make_pdf("Joint Statement on Libya\n" + LINE, LINE.replace("attack", "raid"), "Done at Rome."))
    assert text.startswith("Joint Statement on Libya\n")
    assert text.endswith("Done at Rome.\n")


def test_words_broken_at_the_end_of_a_line_are_joined():
    text = extract_pdf(make_pdf("We called for an inter-\nnational conference on the region."))
    assert "an international\nconference" in text


def test_a_hyphen_that_the_word_has_elsewhere_stays():
    text = extract_pdf(make_pdf("We support non-proliferation. We discussed the pact on non-\nproliferation in Rome."))
    assert text.count("non-proliferation") == 2


def test_sentences_and_words_run_on_over_the_page():
    text = extract_pdf(make_pdf("We condemn the attack on the inter-", "national airport and the people", "in it."))
    assert "the international\nairport and the people\nin it." in text


def test_a_word_file_gives_headings_items_and_cells_in_order():
    assert extract_docx(make_docx()) == (
        "# Joint Statement on Libya\n\nWe met in Rome.\n\n- We support the truce.\n\n"
        "Article 1\n\nWe condemn the attack.\n\nWe welcome the ceasefire.\n"
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("page.html", PAGE.encode(), "condemned the attack"),
        ("page.txt", PAGE.encode(), "condemned the attack"),
        ("talks.pdf", make_pdf(LINE), "condemned the attack"),
        ("talks.docx", make_docx(), "condemn the attack"),
        ("talks.bin", make_docx(), "condemn the attack"),
        ("talks.txt", b"We condemn the <b>attack</b>.", "condemn the <b>attack</b>."),
    ],
)
def test_files_are_read_by_what_they_are(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    text = read_text(str(tmp_path / name))
    assert words in text
    assert "<html" not in text


@pytest.mark.parametrize(
    ("extract", "data", "message"),
    [
        (extract_html, b"<html><body><img src=a.png></body></html>", "page must hold a main text, got none; copy"),
        (extract_html, b"", "page must hold a main text, got none; copy"),
        (extract_pdf, make_pdf(LINE)[:300], "PDF must be whole, got .*; download it again"),
        (extract_pdf, make_pdf("", "", kind=fpdf.FPDF), "PDF must hold text, got 2 pages without any; it may"),
        (extract_docx, make_docx()[:800], "Word file must be whole, got .*; save it again"),
    ],
)
def test_what_cannot_be_read_says_why(extract, data, message):
    with pytest.raises(ValueError, match=f"^talks: {message}"):
        extract(data, "talks")


def test_a_locked_pdf_says_so():
    locked = make_pdf(LINE, owner_password="owner", user_password="reader")
    with pytest.raises(ValueError, match="^talks: PDF must be open, got one with a password; save it without"):
        extract_pdf(locked, "talks")


def test_an_empty_word_file_says_so():
    buffer = io.BytesIO()
    docx.Document().save(buffer)
    with pytest.raises(ValueError, match="^talks: Word file must hold text, got none"):
        extract_docx(buffer.getvalue(), "talks")


def test_a_word_file_that_unpacks_to_more_than_any_text_is_refused():
    buffer = io.BytesIO(make_docx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/zeros.xml", bytes(21_000_000))
    with pytest.raises(ValueError, match="^talks: Word file must unpack to 20,000,000 bytes of text, got more"):
        extract_docx(buffer.getvalue(), "talks")


@pytest.mark.parametrize(
    ("extract", "module", "library"),
    [
        (extract_html, "trafilatura", "trafilatura must be installed to read a web page"),
        (extract_pdf, "pypdfium2", "pypdfium2 must be installed to read a PDF file"),
        (extract_docx, "docx", "python-docx must be installed to read a Word file"),
    ],
)
def test_without_the_libraries_the_way_out_is_named(extract, module, library, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"^talks: {library}; pip install 'joint-stance\[documents\]'$"):
        extract(b"", "talks")


def test_plain_text_needs_none_of_them():
    assert decode(b"We <html> condemn.") == "We <html> condemn."
