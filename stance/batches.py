"""Many texts -> Analyses, in order and in flat memory: in this process or in several that share one model."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from threading import active_count
from typing import TYPE_CHECKING, Literal, overload

from stance.analysis import analyze, analyze_together
from stance.document import Analysis, Failure
from stance.model import Model, given_model
from stance.pieces import filled

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_TEXTS = 32  # read ahead and analysed together, unless they are long
_CHARACTERS = 60_000  # of texts analysed together, a third of a second of work
_AHEAD = 4  # such batches that wait for each process, so that one long text does not leave the others idle

Outcome = Analysis | Exception
_worker_model: Model | None = None  # of a process that works for another


@overload
def analyze_many(
    texts: Iterable[str], *, jobs: int = 1, model: Model | None = None, errors: Literal["raise"] = "raise"
) -> Iterator[Analysis]: ...
@overload
def analyze_many(
    texts: Iterable[str], *, jobs: int = 1, model: Model | None = None, errors: Literal["report"]
) -> Iterator[Analysis | Failure]: ...
def analyze_many(
    texts: Iterable[str],
    *,
    jobs: int = 1,
    model: Model | None = None,
    errors: Literal["raise", "report"] = "raise",
) -> Iterator[Analysis | Failure]:
    """The analysis of each text, in order, while memory stays flat.

    Parameters
    ----------
    texts
        Any iterable; it is read a few hundred short texts ahead of the results taken at most.
    jobs
        Processes. 1 works in this one, and so do more where there are too few texts to share.
    model
        The model to use; the shipped one if None.
    errors
        "raise" ends at the first text that cannot be analysed, with its place in a note on the error; "report" gives a
        `Failure` in its place and goes on, even where a text brought its process down.

    Examples
    --------
    >>> for found in analyze_many(["We condemn the attack.", None], errors="report"):
    ...     print(found if isinstance(found, Failure) else len(found))
    1
    Failure(index=1, message='TypeError: text must be a str, got NoneType; decode bytes first')
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs!r}; give the number of processes")
    if isinstance(texts, str):
        raise ValueError("texts must be several, got one str; give [text], or use analyze")
    if isinstance(texts, Mapping):
        raise ValueError("texts must be texts, got a mapping; give its values(), which come back in order")
    if errors not in ("raise", "report"):
        raise ValueError(f"errors must be 'raise' or 'report', got {errors!r}; give one of them")
    return _results(texts, jobs, model, errors == "report")


def outcomes(texts: Sequence[str], model: Model | None = None) -> list[Outcome]:
    """The analysis of each text, or the error that it brings about."""
    try:
        return [*analyze_together(texts, model=model)]
    except Exception:  # one of them fails: each by itself, to see which
        return [_outcome(text, model) for text in texts]


def _outcome(text: str, model: Model | None) -> Outcome:
    try:
        return analyze(text, model=model)
    except Exception as error:
        return error


def _results(texts: Iterable[str], jobs: int, model: Model | None, report: bool) -> Iterator[Analysis | Failure]:
    jobs = min(jobs, os.cpu_count() or 1)
    batches = filled(texts, lambda text: len(text) if isinstance(text, str) else 0, _CHARACTERS, _TEXTS)
    head = list(islice(batches, jobs)) if jobs > 1 else []
    groups = (
        (outcomes(batch, model) for batch in chain(head, batches))
        if len(head) < 2
        else _shared(chain(head, batches), jobs, model)
    )
    for index, outcome in enumerate(chain.from_iterable(groups)):
        yield outcome if isinstance(outcome, Analysis) else _failed(index, outcome, report)


def _shared(batches: Iterator[list[str]], jobs: int, model: Model | None) -> Iterator[list[Outcome]]:
    """The outcomes of batches that several processes work on; one that brings its process down is done apart."""
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[tuple[list[str], Future[list[Outcome]]]] = deque()
    pool = _pool(jobs, model)
    try:
        while True:
            for batch in islice(batches, _AHEAD * jobs - len(waiting)):
                waiting.append((batch, _begun(pool, batch)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            try:
                done = future.result()
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
                _check_that_any_starts(model)
                done = [_apart(text, model) for text in batch]
                pool = _pool(jobs, model)
                waiting = deque((later, _begun(pool, later)) for later, _ in waiting)
            except Exception:  # what no other process can be given, such as a generator among the texts
                done = outcomes(batch, model)
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(jobs: int, model: Model | None) -> ProcessPoolExecutor:
    # Imported here: they cost 50 ms, which nobody who scores one text should wait for.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    forks = sys.platform == "linux" and active_count() == 1  # a fork of a program with threads may hang
    if forks:  # what is loaded before it is shared by all
        _ = given_model(model).lexicon
    return ProcessPoolExecutor(jobs, get_context("fork" if forks else "spawn"), _start, (model,))


def _start(model: Model | None) -> None:
    """Make this process ready to work for others: Ctrl-C ends it without a word, it leaves them their cores."""
    from threadpoolctl import threadpool_limits

    global _worker_model
    _worker_model = model
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threadpool_limits(1)


def _work(texts: Sequence[str]) -> list[Outcome]:
    return outcomes(texts, _worker_model)


def _begun(pool: ProcessPoolExecutor, batch: list[str]) -> Future[list[Outcome]]:
    from concurrent.futures import BrokenExecutor, Future

    try:
        return pool.submit(_work, batch)
    except BrokenExecutor as error:
        failed: Future[list[Outcome]] = Future()
        failed.set_exception(error)
        return failed


def _check_that_any_starts(model: Model | None) -> None:
    """Raise a RuntimeError where it is no text that brings a process down."""
    from concurrent.futures import BrokenExecutor

    with _pool(1, model) as pool:
        try:
            pool.submit(int).result()
        except BrokenExecutor:
            raise RuntimeError(
                "processes must be able to start, got one that ended at once; in a script put the call under "
                "`if __name__ == '__main__':`, or use jobs=1"
            ) from None


def _apart(text: str, model: Model | None) -> Outcome:
    """The outcome of a text in a process of its own, which it may bring down."""
    from concurrent.futures import BrokenExecutor

    with _pool(1, model) as pool:
        try:
            return pool.submit(_work, [text]).result()[0]
        except BrokenExecutor:
            return RuntimeError("the process that analyses a text must live, got killed; is memory short? cut the text")


def _failed(index: int, error: Exception, report: bool) -> Failure:
    if report:
        return Failure(index, f"{type(error).__name__}: {error}")
    error.add_note(f"analyze_many: raised by texts[{index}]; errors='report' would go on")
    raise error
