import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.terminal import columns_of, escape, head, one_line, pad, paint_for, progress_bar, tail, width_of_terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


@given(st.text(st.characters()))
def test_one_line_is_safe_to_print(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000 or c == "\u202e" for c in line)


def test_escape_leaves_what_lays_out_a_text():
    assert escape("a\tb\r\nمرحبا") == "a\tb\r\nمرحبا"


@given(st.text(), st.integers(0, 30))
def test_heads_tails_and_padding_fit(text, width):
    text = one_line(text)
    assert columns_of(head(text, width)) <= width
    assert columns_of(tail(text, width)) <= width
    assert columns_of(pad(text, width)) == width


def test_one_long_word_is_cut_within():
    assert (head("internationalisation", 8), tail("internationalisation", 8)) == ("interna…", "…isation")


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {"NO_COLOR": "", "TERM": "xterm"}, True),
        (Terminal(), {"NO_COLOR": "1", "TERM": "xterm"}, False),
        (Terminal(), {"NO_COLOR": "", "TERM": "dumb"}, False),
        (io.StringIO(), {"NO_COLOR": "", "TERM": "xterm"}, False),
    ],
)
def test_only_a_terminal_that_wants_them_gets_colours(stream, environment, coloured, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert paint_for(stream).colours is coloured


@pytest.mark.parametrize(("columns", "width"), [("200", 200), ("10", 60)])
def test_the_width_is_that_of_the_terminal_but_never_too_narrow(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert width_of_terminal() == width


def test_the_bar_shows_a_name_that_cannot_break_it():
    assert progress_bar(1, 4, "a\x1b[2J.txt").endswith("######.................. 1/4 a\\u001b[2J.txt")
