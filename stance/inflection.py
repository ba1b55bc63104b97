"""English words -> the forms in which they stand in text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORT_ADJECTIVE = re.compile(r"[^aeiou ]*[aeiou]+[^aeiou ]+[ey]?")  # of one syllable, or of two that end in y


def inflections(phrase: str, pos: str, irregular: dict[str, list[str]]) -> set[str]:
    """The forms in which a phrase stands in text: the first word of a verb and the last of a noun are inflected.

    Short adjectives have a comparative and a superlative.

    >>> sorted(inflections("take note", "verb", {"take": ["took", "taken"]}))[:3]
    ['take note', 'taken note', 'takes note']
    >>> sorted(inflections("deny", "verb", {}))
    ['denied', 'denies', 'deny', 'denying']
    """
    words = phrase.split()
    if pos == "verb":
        return {" ".join((form, *words[1:])) for form in _verb_forms(words[0], irregular)}
    if pos == "noun":
        return {phrase, " ".join((*words[:-1], _with_s(words[-1])))}
    if pos == "adjective":
        return {phrase, *_comparatives(phrase)}
    return {phrase}


def _verb_forms(verb: str, irregular: dict[str, list[str]]) -> set[str]:
    stems = {verb[:-1]} if verb.endswith("e") and not verb.endswith("ee") else {verb}
    if _doubles(verb, "bdglmnprt"):
        stems.add(verb + verb[-1])  # stopped, committed; the undoubled form of such a verb is no word and does no harm
    if verb in irregular:
        past = set(irregular[verb])
    elif verb[-1] == "y" and verb[-2:-1] not in "aeou":
        past = {f"{verb[:-1]}ied"}
    else:
        past = {f"{stem}ed" for stem in stems}
    ing = {f"{verb[:-2]}ying"} if verb.endswith("ie") else {f"{stem}ing" for stem in stems}
    return {verb, _with_s(verb), *ing, *past}


def _doubles(word: str, letters: str) -> bool:
    """Whether the last letter, one of some, is doubled before an ending: "stopped", "bigger"."""
    return len(word) > 2 and word[-1] in letters and word[-2] in "aeiou" and word[-3] not in "aeiou"


def _comparatives(adjective: str) -> Iterator[str]:
    """The forms "larger" and "largest"; none of what takes "more" and "most"."""
    if not _SHORT_ADJECTIVE.fullmatch(adjective):
        return
    if adjective[-1] == "y":
        stem = f"{adjective[:-1]}i"
    elif _doubles(adjective, "bdgmnt"):
        stem = adjective + adjective[-1]
    else:
        stem = adjective.removesuffix("e")
    yield from (f"{stem}er", f"{stem}est")


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
