import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.passages import passages
from stance.segmentation import segment

WRAPPED = "We, the leaders of the seven, met in Rome and reaffirmed our support\nfor Ukraine. We condemn the attack."


def passages_of(text):
    return [(p.kind, p.marker, text[p.start : p.end]) for p in passages(segment(text))]


def test_blank_lines_part_paragraphs():
    assert passages_of(f"{WRAPPED}\n\nWe welcome the truce.\n") == [
        ("paragraph", "", WRAPPED),
        ("paragraph", "", "We welcome the truce."),
    ]


def test_long_lines_are_paragraphs_of_their_own():
    line = "We condemn the attack on the town and the people in it. " * 3
    assert [kind for kind, _, _ in passages_of(f"{line}\n{line}\n")] == ["paragraph"] * 2


@pytest.mark.parametrize(
    ("line", "kind", "marker", "words"),
    [
        ("- We welcome the truce.", "item", "-", "We welcome the truce."),
        ("12. We welcome the truce.", "item", "12.", "We welcome the truce."),
        ("(a) We welcome the truce.", "item", "(a)", "We welcome the truce."),
        ("## On the truce", "heading", "##", "On the truce"),
        ("**On the truce:**", "heading", "**", "On the truce:"),
        ("Joint Statement on the Truce", "heading", "", "Joint Statement on the Truce"),
        ("The Security Council,", "paragraph", "", "The Security Council,"),
    ],
)
def test_headings_and_items_are_told_by_their_marks(line, kind, marker, words):
    assert passages_of(f"{WRAPPED}\n\n{line}\n\n{WRAPPED}\n")[1] == (kind, marker, words)
    assert passages_of(f"{line}\n\n{WRAPPED}\n")[0] == (kind, marker, words)


def test_front_matter_is_a_passage_of_its_own():
    found = passages_of("---\ntitle: Talks\ndate: 2024-01-02\n---\nWe met.\n")
    assert [(kind, words) for kind, _, words in found] == [
        ("facts", "---\ntitle: Talks\ndate: 2024-01-02\n---"),
        ("paragraph", "We met."),
    ]


def test_an_empty_text_has_no_passage():
    assert passages_of(" \n\n") == []


@given(st.text(alphabet=st.sampled_from("aB .\n\r-#*1)\t\u2028"), max_size=60))
def test_passages_are_in_order_and_lose_nothing_but_markers(text):
    found = list(passages(segment(text)))
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    edges = zip([0, *(p.end for p in found)], [*(p.start for p in found), len(text)], strict=True)
    assert {character for start, end in edges for character in text[start:end]} <= set(" \n\r\t\u2028-#*.)1aB")
    assert all(text[p.start : p.end].strip() for p in found)
