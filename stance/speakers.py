"""The words for those who speak: nouns, verbs of reporting, and leaders with whom they speak for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources

from stance.inflection import inflections

_CROSSED = str.maketrans("øłđ", "old")  # letters that are no others with a mark


@cache
def holder_nouns() -> dict[str, str]:
    """What each noun refers to: "person", "body", "members" (of a group such as the signatories) or "group" (loose)."""
    return {noun: refers for noun, refers, _ in read_rows("holder-nouns.tsv")}


@cache
def reporting_verbs() -> frozenset[str]:
    """Every form of the verbs that tell what somebody says or thinks.

    >>> "said" in reporting_verbs(), "says" in reporting_verbs()
    (True, True)
    """
    return _forms("report")


@cache
def hopes() -> frozenset[str]:
    """Every form of the words behind which "that" tells what one party hopes or demands of another."""
    return _forms("hope")


@cache
def deeds() -> frozenset[str]:
    """Every form of the judging verbs whose subject does something rather than thinks it ("continued its attacks")."""
    return _forms("deed")


def _forms(use: str) -> frozenset[str]:
    irregular = {base: forms.split("|") for base, forms in read_rows("irregular.tsv")}
    words = [(word, pos) for word, pos, its, _ in read_rows("reporting.tsv") if its == use]
    return frozenset(form for word, pos in words for form in inflections(word, pos, irregular))


@cache
def leaders() -> dict[str, str]:
    """The id of the state or organisation that a person speaks for, by name in lower case.

    >>> leaders()["vladimir putin"]
    'RUS'
    """
    return {name.lower(): identity for identity, names in read_rows("leaders.tsv") for name in names.split("|")}


@cache
def people() -> dict[str, str]:
    """The id of each leader as a person, by name in lower case: the shortest name, as a web address would have it.

    >>> people()["vladimir putin"], people()["orbán"], people()["lloyd austin"]
    ('putin', 'orban', 'lloyd-austin')
    """
    found: dict[str, str] = {}
    for _, names in read_rows("leaders.tsv"):
        spelt = names.lower().split("|")
        found |= dict.fromkeys(spelt, _plain(min(spelt, key=len)))
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.translate(_CROSSED))
    return re.sub(r"\W+", "-", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip("-")


def read_rows(name: str) -> Iterator[list[str]]:
    """The cells of each row of a table in `data/`, without its header."""
    lines = resources.files("stance").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:])
