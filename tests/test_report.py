import base64
import hashlib
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from marked import analysed

import stance
from stance.report import to_html

TEXT = (
    "# Joint Statement on Talks\n\n"
    "We condemn [-[-Iran]'s attack on [=Israel]]. We welcome the [+ceasefire], and took note of the [=report].\n"
)
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> We condemn the </script><b>attack</b> on "
    "<!-- Kharkiv --> & {{ 7 * 7 }} \u202e\x1b[31m \ud800 javascript:alert(3)."
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of its data block."""

    def __init__(self, page):
        super().__init__()
        self.found, self.data, self.reads_data = [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.reads_data = dict(attrs).get("id") == "data"

    def handle_data(self, data):
        if self.reads_data:
            self.data += data

    def handle_endtag(self, tag):
        self.reads_data = False

    def of(self, name):
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.fixture(scope="module")
def analysis():
    made = analysed(TEXT)
    return replace(made, facts=replace(made.facts, title="Joint Statement on Talks"))


@pytest.fixture(scope="module")
def page(analysis):
    return to_html(analysis)


def test_every_judgement_has_a_mark_with_its_stance_and_strength(analysis, page):
    marks = [mark for mark in Elements(page).of("mark") if "data-j" in mark]
    assert [int(mark["data-j"]) for mark in marks] == list(range(len(analysis)))
    for mark, judgement in zip(marks, analysis, strict=True):
        assert {str(judgement.stance), f"s{judgement.strength}"} <= set(mark["class"].split())


def test_outer_marks_leave_room_for_the_lines_of_inner_ones(page):
    classes = {int(m["data-j"]): m["class"] for m in Elements(page).of("mark") if "data-j" in m}
    assert "n1" in classes[0]  # Iran's attack on Israel
    assert "n1" not in classes[1]  # Iran


def test_the_data_tell_what_the_analysis_tells(analysis, page):
    data = json.loads(Elements(page).data)
    for numbers, judgement in zip(data["judgements"], analysis, strict=True):
        _, group, sentence, _, chances, strength, start, end, holder, evidence, _ = numbers
        assert data["sentences"][sentence][0][start:end] == judgement.target.text
        assert sum(chances) == pytest.approx(1000, abs=2)
        assert data["evidence"][evidence] == judgement.evidence
        assert data["holders"][holder][0] == judgement.holder.text
        assert strength == judgement.strength
        assert data["groups"][group][1] == (judgement.target.id or "")


def test_offsets_count_the_units_of_the_script():
    analysis = analysed("🕊🕊 We condemn the [-attack].")
    data = json.loads(Elements(to_html(analysis)).data)
    start, end = data["judgements"][0][6:8]
    words = data["sentences"][0][0].encode("utf-16-le")
    assert words[2 * start : 2 * end].decode("utf-16-le") == analysis.judgements[0].target.text


def test_nothing_of_a_text_becomes_markup():
    page = to_html({'"><script>alert(4)</script>': stance.analyze(HOSTILE)}, title="<b>{{ 1 }}</b>")
    elements = Elements(page)
    assert len(elements.of("script")) == 2
    assert elements.of("img") == elements.of("b") == []
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    assert "{{ 7 * 7 }}" in page
    page.encode("utf-8")
    assert "\x1b" not in page


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(page):
    policy = next(m["content"] for m in Elements(page).of("meta") if m.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for name, part in (("style", re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]),
                       ("script", re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1])):  # fmt: skip
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_the_page_names_no_other_place(page):
    assert re.findall(r"(?:https?:)?//[a-z]", page.split("<script>")[0]) == []
    assert not [a for _, a in Elements(page).found if "src" in a or a.get("href", "#")[0] != "#" or "style" in a]


def test_one_text_gives_the_page_its_title(page):
    assert "<h1>Joint Statement on Talks</h1>" in page


def test_several_texts_are_listed(analysis):
    page = to_html({"a.txt": analysis, "b.txt": analysed("We regret the [-delay].")})
    elements = Elements(page)
    assert "<h1>2 statements</h1>" in page
    assert [d["id"] for d in elements.of("details") if "data-document" in d] == ["document-0", "document-1"]
    assert {a["href"] for a in elements.of("a")} >= {"#document-0", "#document-1"}


def test_a_text_without_targets_makes_a_page():
    assert "0 of 0" in to_html(stance.analyze(""))


def test_no_analyses_are_refused():
    with pytest.raises(ValueError, match=r"^analyses must be at least one, got none; analyse a text first$"):
        to_html([])


def test_texts_without_names_or_titles_are_numbered():
    page = to_html([analysed("We regret the [-delay]."), analysed("We thank [+Japan].")])
    assert page.count("text 1") > 1
    assert page.count("text 2") > 1


def test_without_jinja_the_way_out_is_named(analysis, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"^report: Jinja2 must be installed; pip install 'joint-stance\[report\]'$"):
        to_html(analysis)
