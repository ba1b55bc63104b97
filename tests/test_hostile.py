"""Text, spans and threads that mean no good: growth is counted in lines of Python that run, not by the clock."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stance
from stance import mentions
from stance.model import shipped_model
from stance.records import parse_marked

TEXT = "Chad condemned the attack on Kharkiv, and we do not support attempts to undermine the UN Charter. "
# Each piece is repeated; what one costs must not grow with how many there are.
HOSTILE = {
    "brackets": "[", "marks": "[-", "closed": "]",
    "reversers": "attempts to undermine ", "commas": ",", "names": "Iran and ",
    "coordination": "Iran, ", "nested": "the attack on the ", "reports": "Iran said that ",
    "negations": "we do not ", "quotations": '"Iran" ', "relatives": "Iran, which condemned Iraq, ",
    "clauses": "Iran condemned Iraq; ", "capitals": "WE CONDEMN IRAN ", "sentences": "We condemn Iran. ",
    "turns": "IRAN: we condemn Iraq\n", "breaks": "\n", "numbers": "1,",
    "marks of repetition": "''", "combining": "e\u0301", "bidirectional": "\u202eIran \u202c",
    "tags": "<b>Iran</b> ", "resolutions": "Recalling resolution 2231 (2015), ", "dates": "on 4 May 2031 ",
    "letters": "a",
}  # fmt: skip


def lines_run(call):
    """How many lines of our package run in a call: the same on every machine."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "stance" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def grows_in_proportion(call, size):
    call(size)  # whatever is cached is cached now
    half, whole = lines_run(lambda: call(size)), lines_run(lambda: call(2 * size))
    assert whole < 2.6 * half + 2_000, (half, whole)


@pytest.mark.parametrize("name", HOSTILE)
def test_work_on_a_hostile_text_grows_in_proportion_to_its_length(name):
    grows_in_proportion(lambda count: stance.analyze(HOSTILE[name] * count), 2_000 // len(HOSTILE[name]))


def spans(piece, word, count):
    start = piece.index(word)
    return [(len(piece) * n + start, len(piece) * n + start + len(word)) for n in range(count)]


JUDGED = {
    "many sentences": lambda count: (TEXT * count, spans(TEXT, "attack", count)),
    "one sentence": lambda count: ("Iran and " * count, spans("Iran and ", "Iran", count)),
    "no cue at all": lambda count: ("a " * 8 * count, spans("a " * 8, "a", count)),
    "one span over everything": lambda count: (TEXT * count, [(0, len(TEXT) * count)]),
    "the same span": lambda count: (TEXT, [(0, 4)] * count),
}


@pytest.mark.parametrize("name", JUDGED)
def test_work_on_given_targets_grows_in_proportion_to_their_number(name, monkeypatch):
    monkeypatch.setattr(mentions, "_FURTHEST", 40)  # a smaller bound shows itself on a shorter text
    grows_in_proportion(lambda count: stance.judge(*JUDGED[name](count)), 8 if name == "many sentences" else 60)


@pytest.mark.parametrize(
    "line", ["[-" * 5000 + "a" + "]" * 5000, "[-" * 5000, "]" * 5000, "[-a] " * 5000, "\\[" * 5000]
)
def test_marked_sentence_of_any_depth_is_read_or_refused(line):
    if line.count("[-") == line.count("]") and "]]" not in line or line[0] == "\\":
        text, targets = parse_marked(line)
        assert len(targets) == line.count("[-")
        assert text
    else:
        with pytest.raises(ValueError, match=r"column \d+: .*; |target must be marked once, got .*; keep one"):
            parse_marked(line)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(
        st.integers() | st.floats() | st.none() | st.text(max_size=3) | st.booleans(),
        st.integers() | st.floats() | st.none() | st.text(max_size=3),
    )
)
def test_span_is_judged_or_refused_with_its_values_told(span):
    whole = all(isinstance(value, int) for value in span)
    if whole and 0 <= span[0] < span[1] <= len(TEXT) and TEXT[span[0] : span[1]].strip():
        assert len(stance.judge(TEXT, [span])) == 1
    else:
        with pytest.raises(ValueError, match=r"span must .*, got .*; ") as caught:
            stance.judge(TEXT, [span])
        assert repr(span[1]) in str(caught.value) or (whole and str(int(span[1])) in str(caught.value))


ANY = st.lists(
    st.characters()  # of all planes, lone surrogates and NUL among them
    | st.sampled_from(
        ["\ud800", "\udfff", "\0", "\u202e", "\u200d", "\U0010ffff", "\u0301" * 50, "<", "&", "]]>", "<!--"]
    )
    | st.sampled_from(["We condemn ", "Iran ", "not ", "and ", "’s ", ". ", "\n", "“", "”"]),
    max_size=60,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_any_text_gives_ordered_judgements_within_it_and_chances_that_sum_to_one(text):
    analysis = stance.analyze(text)
    places = [(j.target.start, -j.target.end) for j in analysis]
    assert places == sorted(places)
    for judgement in analysis:
        target = judgement.target
        assert 0 <= target.start < target.end <= len(text)
        assert text[target.start : target.end] == target.text
        assert sum(judgement.probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert all(0 <= chance <= 1 for chance in judgement.probabilities.values())
        assert analysis.sentence_of(judgement).start <= target.start < analysis.sentence_of(judgement).end


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, [name for name, _ in attributes if name.startswith("on") or name in ("src", "href")]))

    def handle_comment(self, data):
        self.seen.append(("comment", [data]))


def tags_of(text, title):
    page = Tags()
    page.feed(stance.to_html(stance.analyze(text), title=title))
    return page.seen


EVIL = [
    "<script>x</script>", "</script><script>x", "<img src=x onerror=x>", "</mark>", '"><svg onload=x>', "<!--",
    "-->", "]]>", "</title><b>", "&lt;script&gt;", "{{ 7 * 7 }}", "{% raw %}", "\u2028<script>", "<scr\0ipt>",
    "'onfocus='x",
]  # fmt: skip


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_of_a_text_or_title_becomes_markup(evil):
    pytest.importorskip("jinja2")
    plain = tags_of("We condemn the xyz of Iran. Peru said it supports xyz and Chad.", "xyz")
    marked = tags_of(f"We condemn the {evil} of Iran. Peru said it supports {evil} and Chad.", evil)
    harmless = {tag for tag, _ in plain}
    assert {tag for tag, _ in marked} - harmless == set()
    assert sum(tag == "script" for tag, _ in marked) == sum(tag == "script" for tag, _ in plain)
    assert sorted({name for _, names in marked for name in names}) == sorted({n for _, names in plain for n in names})


def test_eight_threads_with_one_model_answer_as_one_thread_does():
    texts = [f"{TEXT} We welcome the talks of {name}. " * 3 for name in ("Iran", "Peru", "Chad", "Cuba")] * 4
    model = shipped_model()
    expected = [stance.analyze(text, model=model) for text in texts]
    ready = threading.Barrier(8)

    def answer(_):
        ready.wait(timeout=30)
        return [stance.analyze(text, model=model) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(answer, range(8)))


PROBE = """
import stance
for j in stance.analyze(%r * 3):
    print(ascii((j.target, str(j.stance), j.holder, j.evidence, list(j.votes.items()), j.strength, j.probabilities)))
"""


def test_hash_seed_locale_time_zone_and_threads_change_nothing():
    settings = [
        {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "OPENBLAS_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Apia", "OPENBLAS_NUM_THREADS": "4"},
    ]
    running = [
        subprocess.Popen([sys.executable, "-c", PROBE % TEXT], env=os.environ | each, stdout=subprocess.PIPE)
        for each in settings
    ]
    first, second = (process.communicate(timeout=100)[0] for process in running)
    assert first == second
    assert b"condemn" in first
