import os
import signal
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

import stance
from stance import Failure, analyze, analyze_many, batches
from stance.analysis import analyze_together

STATEMENT = Path("examples/statement.txt").read_text(encoding="utf-8")
TEXTS = ["We condemn the attack on Iraq.", "", "We welcome it.\n\nThe sides met in Geneva.", STATEMENT]
MANY = [f"We condemn attack {n}." if n % 3 else "We welcome the truce." for n in range(90)]


@pytest.fixture
def no_processes(monkeypatch):
    """Processes may not be started."""
    monkeypatch.setattr(batches, "_pool", lambda jobs, model: pytest.fail("a process was started"))


def test_texts_read_together_give_what_each_gives_alone(monkeypatch):
    monkeypatch.setattr("stance.pieces._BATCH", 300)  # so that short texts fill several batches
    sentences = [record.text for record in islice(stance.load_records(), 0, None, 400)]
    texts = [*TEXTS, STATEMENT * 4, *sentences]
    assert analyze_together(texts) == [analyze(text) for text in texts]


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_texts_are_analysed_in_order(jobs):
    assert list(analyze_many(MANY, jobs=jobs)) == [analyze(text) for text in MANY]


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_texts_give_no_analyses(jobs):
    assert list(analyze_many([], jobs=jobs)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_texts_are_read_no_faster_than_the_results_are_taken(jobs):
    taken = []

    def texts():
        for n in range(10_000):
            taken.append(n)
            yield "We welcome it."

    found = analyze_many(texts(), jobs=jobs)
    assert taken == []
    assert [len(next(found)) for _ in range(2)] == [len(analyze("We welcome it."))] * 2
    assert len(taken) < 500
    found.close()


@pytest.mark.usefixtures("no_processes")
@pytest.mark.parametrize(("texts", "jobs"), [(MANY[:20], 2), (TEXTS, 2), (MANY, 1)])
def test_few_texts_or_one_job_start_no_process(texts, jobs):
    assert len(list(analyze_many(texts, jobs=jobs))) == len(texts)


@pytest.mark.parametrize("jobs", [1, 2])
def test_text_that_fails_among_many_is_reported_in_its_place(jobs):
    texts = [*MANY[:40], None, *MANY[40:], b"bytes"]
    found = list(analyze_many(texts, jobs=jobs, errors="report"))
    message = "TypeError: text must be a str, got {}; decode bytes first"
    assert [f for f in found if isinstance(f, Failure)] == [
        Failure(40, message.format("NoneType")),
        Failure(91, message.format("bytes")),
    ]
    assert [found[0], found[41]] == [analyze(MANY[0]), analyze(MANY[40])]


@pytest.mark.parametrize("jobs", [1, 2])
def test_text_that_fails_among_many_is_raised_with_its_place(jobs):
    found = analyze_many([*MANY[:50], None, *MANY], jobs=jobs)
    assert len(list(islice(found, 50))) == 50
    with pytest.raises(TypeError, match="text must be a str, got NoneType") as caught:
        next(found)
    assert caught.value.__notes__ == ["analyze_many: raised by texts[50]; errors='report' would go on"]


def test_what_no_process_can_be_sent_is_reported_in_its_place():
    found = list(analyze_many([*MANY, (n for n in ""), *MANY], jobs=2, errors="report"))
    assert [f for f in found if isinstance(f, Failure)] == [
        Failure(90, "TypeError: text must be a str, got generator; decode bytes first")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="the text is made deadly by a fork")
def test_text_that_kills_its_process_is_reported_and_the_others_are_analysed(monkeypatch):
    whole = batches.outcomes

    def deadly(texts, model=None):
        return os.kill(os.getpid(), signal.SIGKILL) if "deadly" in texts else whole(texts, model)

    monkeypatch.setattr(batches, "outcomes", deadly)
    monkeypatch.setattr(batches, "active_count", lambda: 1)  # a spawned process would not know of it
    found = list(analyze_many([*MANY[:50], "deadly", *MANY[50:]], jobs=2, errors="report"))
    assert found[50] == Failure(
        50, "RuntimeError: the process that analyses a text must live, got killed; is memory short? cut the text"
    )
    assert [*found[:50], *found[51:]] == whole(MANY)


def test_processes_that_cannot_start_are_told(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import stance\nfrom stance import batches\nbatches.active_count = lambda: 2\n"
        "list(stance.analyze_many(['We condemn it.'] * 200, jobs=2, errors='report'))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    told = (
        "RuntimeError: processes must be able to start, got one that ended at once; in a script put the call under "
        "`if __name__ == '__main__':`, or use jobs=1\n"
    )
    assert told in done.stderr


def test_program_with_threads_is_not_forked(monkeypatch):
    monkeypatch.setattr(batches, "active_count", lambda: 2)
    assert [len(a) for a in analyze_many(MANY, jobs=2)] == [len(a) for a in analyze_together(MANY)]


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_below_one_are_refused(jobs):
    with pytest.raises(ValueError, match=rf"jobs must be at least 1, got {jobs}; give the number of processes"):
        analyze_many(["a"], jobs=jobs)


def test_unknown_way_with_errors_is_refused():
    with pytest.raises(ValueError, match="errors must be 'raise' or 'report', got 'ignore'; give one of them"):
        analyze_many(["a"], errors="ignore")


def resident():
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_stays_flat_over_many_texts():
    found = analyze_many(islice(cycle(MANY), 4_000))
    list(islice(found, 500))
    before = resident()
    assert sum(1 for _ in found) == 3_500
    assert resident() - before < 20_000_000


ENDLESS = """
import itertools, signal, stance
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell takes away from what it starts behind it
try:
    for number, analysis in enumerate(stance.analyze_many(itertools.repeat("We condemn it."), jobs=2)):
        if number == 200:
            print("running", flush=True)
except KeyboardInterrupt:
    print("broken off", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="signals are sent to a group of processes")
def test_interruption_ends_all_processes_without_noise():
    command = [sys.executable, "-c", ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout.readline() == b"running\n"
        os.killpg(process.pid, signal.SIGINT)
        said, complaints = process.communicate(timeout=60)
    assert (said, complaints, process.returncode) == (b"broken off\n", b"", 0)
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_negation_does_not_reach_into_the_next_text():
    texts = ["We will not", "Support the truce and condemn the attack in Gaza."]
    together = [j.probabilities for analysis in analyze_together(texts) for j in analysis]
    assert together == [pytest.approx(j.probabilities) for text in texts for j in analyze(text)]


def test_one_text_is_no_list_of_texts():
    with pytest.raises(ValueError, match=r"texts must be several, got one str; give \[text\], or use analyze"):
        analyze_many("We condemn the attack.")


def test_texts_by_name_are_refused():
    with pytest.raises(ValueError, match=r"texts must be texts, got a mapping; give its values\(\)"):
        analyze_many({"a": "We condemn the attack."})
