from hypothesis import given
from hypothesis import strategies as st

from stance.markup import Span, marked_up


def spans_of(*bounds):
    return [Span(start, end, f"<mark id={name}>") for start, end, name in bounds]


def test_text_without_spans_is_escaped():
    assert marked_up("<b> & \"c\" 'd'", []) == "&lt;b&gt; &amp; &quot;c&quot; &#x27;d&#x27;"


def test_nested_spans_nest():
    html = marked_up("Iran's attack on Israel", spans_of((0, 23, "a"), (0, 4, "b"), (17, 23, "c")))
    assert html == "<mark id=a><mark id=b>Iran</mark>&#x27;s attack on <mark id=c>Israel</mark></mark>"


def test_crossing_spans_are_closed_and_opened_again():
    assert marked_up("abcd", spans_of((0, 3, "x"), (1, 4, "y"))) == (
        "<mark id=x>a<mark id=y>bc</mark></mark><mark id=y>d</mark>"
    )


def test_a_part_cuts_the_spans_that_reach_beyond_it():
    assert marked_up("one two three", spans_of((0, 7, "x"), (8, 13, "y")), 4, 10) == (
        "<mark id=x>two</mark> <mark id=y>th</mark>"
    )


def test_spans_outside_the_part_are_left_out():
    assert marked_up("one two", spans_of((0, 3, "x")), 4, 7) == "two"


@given(
    st.text(alphabet="ab<&\n", max_size=12).flatmap(
        lambda text: st.tuples(
            st.just(text),
            st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda s: s[0] < s[1])),
        )
    )
)
def test_marks_are_balanced_and_the_text_is_whole(case):
    text, bounds = case
    html = marked_up(text, [Span(start, end, "<mark>") for start, end in bounds])
    assert html.count("<mark>") == html.count("</mark>") >= len(bounds)
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert bare.replace("&lt;", "<").replace("&amp;", "&") == text
