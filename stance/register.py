"""Sentences -> how much each counts in training: the more, the more it reads like a real statement.

Sentences that were written to learn from are not spread as real ones are: some ways of saying things are too frequent
among them, others too rare. What is learned from one counts by how many times likelier it is among real statements
(importance weighting, Shimodaira 2000), as a logistic regression on phrases tells the two apart (Bickel, Brückner and
Scheffer 2009). `data/register.tsv` holds its weights; `benchmarks/make_register.py` makes it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import pairwise
from math import exp, fsum

_WORD = re.compile(r"\w\w+|[,;:’—–-]")
_BOUND = 2.0  # log odds beyond which none are believed
_DIGITS = 3
BASE = ""  # in the place of a phrase: the log odds that each sentence begins with


def phrases(text: str) -> set[str]:
    """The words of a sentence in lower case, and the pairs of neighbours, marks between words among them.

    >>> sorted(phrases("We agree, we do."))
    [',', ', we', 'agree', 'agree ,', 'do', 'we', 'we agree', 'we do']
    """
    words = _WORD.findall(text.lower())
    return {*words, *map(" ".join, pairwise(words))}


def importance(text: str) -> float:
    """How much a sentence counts; the mean over the sentences that ship with the package is about 1."""
    odds = _odds()
    told = fsum((odds[BASE], *(odds[phrase] for phrase in phrases(text) if phrase in odds)))
    return round(exp(min(max(told, -_BOUND), _BOUND)), _DIGITS)


@cache
def _odds() -> dict[str, float]:
    lines = resources.files("stance").joinpath("data/register.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {phrase: float(odds) for phrase, odds in (line.split("\t") for line in lines)}
