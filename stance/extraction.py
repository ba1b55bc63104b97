"""Web pages, PDF and Word files -> their text, without the frame of the page, running headers and broken words.

The libraries that read them come with the extra `documents`; each is imported only for a file that needs it.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ENDINGS = (".html", ".htm", ".pdf", ".docx")
# What a comment has taken it keeps (*+): given back, a page of comments could be cut in more ways than can be tried.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*>\s*+|<!--.*?-->\s*+)*+<(?:!doctype\s+html|html)\b", re.I | re.S
)
_LARGEST_XML, _LARGEST_PACKAGE = 20_000_000, 200_000_000  # bytes to which the text of a Word file and all of it unpack
_WORD_PART = b"word/document.xml"  # names of its parts stand in a zip file as they are
_EDGE = 3  # lines at the top and the bottom of a page that may be its header or footer
_RUNNING_SHARE = 0.4  # of the pages that bear such a line; odd and even pages may differ
_SENTENCE_END = (".", "!", "?", ":", ";", "”", '"')
_HYPHEN = "\ufffe"  # how PDFium marks a hyphen at the end of a line, leaving the line break out
_BROKEN_WORD = re.compile(rf"(?<!\w)(\w+){_HYPHEN}\n(\w+)(\S*)[ \n]?")
logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # it would complain of pages that we report
_SECRET = 4  # PDFium's number for a file that needs a password


def extractor_for(data: bytes, path: str) -> Callable[[bytes, str], str] | None:
    """What turns the bytes of a file into text, told by what they begin with or its ending; None for plain text."""
    if data.startswith(b"%PDF"):
        return extract_pdf
    if data.startswith(b"PK\x03\x04") and _WORD_PART in data:
        return extract_docx
    if Path(path).suffix.lower() in (".html", ".htm") or _PAGE.match(data[:4096]):
        return extract_html
    return None


def extract_html(data: bytes, place: str = "page") -> str:
    """The main text of a web page, its title and date in front as front matter.

    Menus, banners, related links and footers are left out.

    Raises
    ------
    ImportError
        Where the extra `documents` is not installed.
    ValueError
        Where the page has no main text.
    """
    try:
        import trafilatura
    except ImportError:
        raise _missing(place, "trafilatura", "a web page") from None
    page: Any = trafilatura.bare_extraction(
        data,
        include_comments=False,
        with_metadata=True,
        # else it takes any date on the page for the page's own
        date_extraction_params={"extensive_search": False, "original_date": True, "max_date": None},
    )
    text = (page.text or "").strip() if page is not None else ""
    if not text:
        raise ValueError(f"{place}: page must hold a main text, got none; copy the text into a .txt file")
    facts = [f"{name}: {value}\n" for name, value in (("title", page.title), ("date", page.date)) if value]
    front = f"---\n{''.join(facts)}---\n\n" if facts else ""
    return front + re.sub(r"\n(?!- )", "\n\n", text) + "\n"


def extract_pdf(data: bytes, place: str = "file") -> str:
    """The text of a PDF file: running headers and page numbers left out, words that a line end broke joined.

    Raises
    ------
    ImportError
        Where the extra `documents` is not installed.
    ValueError
        Where it is damaged, locked, or holds pictures of pages.
    """
    try:
        import pypdfium2
    except ImportError:
        raise _missing(place, "pypdfium2", "a PDF file") from None
    try:
        pages = list(_pdf_pages(pypdfium2, data))
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _SECRET:
            raise ValueError(f"{place}: PDF must be open, got one with a password; save it without") from None
        raise ValueError(f"{place}: PDF must be whole, got {str(error)!r}; download it again") from None
    if not any(line.strip() for lines in pages for line in lines):
        got = f"{len(pages)} page{'s' * (len(pages) != 1)} without any"
        raise ValueError(f"{place}: PDF must hold text, got {got}; it may be a scan: run OCR over it first")
    return _with_whole_words(_joined(_without_running_lines(pages))) + "\n"


def extract_docx(data: bytes, place: str = "file") -> str:
    """The text of a Word file in the order of the page: headings with `#`, list items with `-`, cells of tables.

    Raises
    ------
    ImportError
        Where the extra `documents` is not installed.
    ValueError
        Where it is damaged, empty, or larger than any text once it is unpacked.
    """
    try:
        import docx
    except ImportError:
        raise _missing(place, "python-docx", "a Word file") from None
    try:
        too_large = _is_too_large(data)
        names: dict[str | None, str] = {}
        parts = () if too_large else docx.Document(io.BytesIO(data)).iter_inner_content()
        blocks = [block for part in parts for block in _docx_blocks(part, names) if block]
    except Exception as error:  # python-docx has no error of its own for what zipfile, lxml and itself raise
        raise ValueError(f"{place}: Word file must be whole, got {str(error)!r}; save it again") from None
    if too_large:
        raise ValueError(f"{place}: Word file must unpack to {_LARGEST_XML:,} bytes of text, got more; split it")
    if not blocks:
        raise ValueError(f"{place}: Word file must hold text, got none; it may hold pictures: run OCR over them first")
    return "\n\n".join(blocks) + "\n"


def _is_too_large(data: bytes) -> bool:
    """Whether a Word file unpacks to more than any text with its pictures."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
    text = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    return text > _LARGEST_XML or sum(part.file_size for part in parts) > _LARGEST_PACKAGE


def _missing(place: str, library: str, what: str) -> ImportError:
    return ImportError(f"{place}: {library} must be installed to read {what}; pip install 'joint-stance[documents]'")


def _pdf_pages(pypdfium2: Any, data: bytes) -> Iterator[list[str]]:
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            words = page.get_textpage()
            text = words.get_text_range().replace(_HYPHEN, f"{_HYPHEN}\n")
            yield [line.rstrip() for line in text.splitlines() if line.strip()]
            words.close()
            page.close()
    finally:
        document.close()


def _without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without the lines that stand at the edge of many of them; they may differ in their numbers."""
    count = Counter(form for lines in pages for form in {_form(line) for line in lines[:_EDGE] + lines[-_EDGE:]})
    running = {form for form, pages_with_it in count.items() if pages_with_it >= max(2, _RUNNING_SHARE * len(pages))}
    kept = []
    for lines in pages:
        first, last = 0, len(lines)
        while first < min(_EDGE, last) and _form(lines[first]) in running:
            first += 1
        while last > max(first, len(lines) - _EDGE) and _form(lines[last - 1]) in running:
            last -= 1
        kept.append(lines[first:last])
    return kept


def _form(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _joined(pages: Sequence[list[str]]) -> str:
    """All pages as one text: a sentence runs on over the page, and a word broken there is marked like any other."""
    text = ""
    for page in ("\n".join(lines) for lines in pages if lines):
        if text.endswith("-") and page[0].islower():
            text = text[:-1] + _HYPHEN
        text += ("\n\n" if text.endswith(_SENTENCE_END) else "\n") * bool(text) + page
    return text


def _with_whole_words(text: str) -> str:
    """The text with broken words joined; the hyphen stays where the text has it in the same word elsewhere."""
    words = set(re.findall(r"\w+(?:-\w+)*", text.lower()))

    def whole(match: re.Match[str]) -> str:
        hyphenated = f"{match[1]}-{match[2]}"
        joined = match[1] + match[2]
        kept = hyphenated.lower() in words and joined.lower() not in words
        return f"{hyphenated if kept else joined}{match[3]}\n"  # two lines on one would be too long for a wrapped one

    return _BROKEN_WORD.sub(whole, text).replace(_HYPHEN, "-")


def _docx_blocks(part: Any, names: dict[str | None, str]) -> Iterator[str]:
    """The text of a paragraph with its marker, or of each cell of a table, merged cells once.

    `names` keeps the names of styles by id, which take longer to look up than all the rest.
    """
    if hasattr(part, "rows"):
        cells = {id(cell._tc): cell for row in part.rows for cell in row.cells}
        for cell in cells.values():
            for inner in cell.iter_inner_content():
                yield from _docx_blocks(inner, names)
        return
    text = part.text.strip()
    identity = part._p.style
    if identity not in names:
        names[identity] = (part.style is not None and part.style.name) or ""
    style = names[identity]
    listed = style.startswith("List") or part._p.xpath("./w:pPr/w:numPr")
    marker = "# " if style.startswith(("Heading", "Title")) else "- " if listed else ""
    yield marker + text if text else ""
