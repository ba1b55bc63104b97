"""Which targets are the same: by id, else by their content words, whatever their order, endings and articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from stance.cues import stem
from stance.lexicon import folded, load_lexicon
from stance.rows import Row
from stance.segmentation import tokenize


@lru_cache(maxsize=50_000)
def content_words(text: str) -> frozenset[str]:
    """The stems of the words of a text without articles, prepositions and other words of closed classes.

    >>> sorted(content_words("the attacks on Kharkiv"))
    ['attack', 'kharkiv']
    """
    words = list(map(folded, tokenize(text).words))
    closed = load_lexicon().function_words
    kept = frozenset(stem(word) for word in words if word not in closed and any(map(str.isalnum, word)))
    return kept or frozenset(words)


def key_of(target: str, id: str | None) -> str:
    """What is equal for all mentions of one target: its id, else its content words.

    >>> key_of("attacks by the Houthis", None) == key_of("Houthi attacks", None)
    True
    """
    return f"id {id}" if id else " ".join(sorted(content_words(target)))


@lru_cache(maxsize=50_000)
def head_of(target: str) -> str:
    """The stem of the word that heads a phrase: the last content word before its first preposition.

    >>> head_of("continuing attacks on schools")
    'attack'
    """
    closed = load_lexicon().function_words
    words = list(map(folded, tokenize(target).words))
    first = next((n for n, word in enumerate(words) if n and closed.get(word) in ("preposition", "to")), len(words))
    heads = [word for word in words[:first] if word not in closed and any(map(str.isalnum, word))]
    return stem(heads[-1]) if heads else ""


@lru_cache(maxsize=50_000)
def id_of(target: str) -> str | None:
    """The id that the tables give to a target whose words, closed ones before it left out, are a name that they know.

    >>> id_of("all UN personnel") == id_of("United Nations personnel")
    True
    """
    lexicon = load_lexicon()
    words = tokenize(target).words
    while words and words[0].lower() in lexicon.function_words:
        del words[0]
    names = lexicon.find(words)
    return next((m.entry.id for m in names if m.entry.is_name and (m.first, m.last) == (0, len(words))), None)


def keys_of(rows: Sequence[Row]) -> list[str]:
    """The keys of the targets of some rows: one whose words have an id in another row goes by that id.

    The "Eritrea" that a text gives no id, as in the name of a report, is the "Eritrea" that has one elsewhere; where
    several ids have the same words, the most frequent counts.
    """
    ids: dict[str, Counter[str]] = {}
    for row in rows:
        if row.id:
            ids.setdefault(key_of(row.target, None), Counter())[row.id] += 1
    known = {words: most_frequent(its) for words, its in ids.items()}
    return [key_of(row.target, row.id or known.get(key_of(row.target, None)) or id_of(row.target)) for row in rows]


def pair_similar(first: Sequence[str], second: Sequence[str], least: float) -> list[tuple[int, int]]:
    """The pairs of texts that are most alike, as positions; each text is in one pair at most.

    Similarity is the cosine of the content words weighted by their rarity (tf-idf) in both lists; pairs below `least`
    are left out.
    """
    if not first or not second:
        return []
    # here, since all who count rows import this module, and only those who compare texts need to wait for these two
    from scipy.optimize import linear_sum_assignment
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=content_words, sublinear_tf=True)
    vectors = vectorizer.fit_transform([*first, *second])
    similarity = (vectors[: len(first)] @ vectors[len(first) :].T).toarray()
    pairs = zip(*linear_sum_assignment(similarity, maximize=True), strict=True)
    return [(int(i), int(j)) for i, j in pairs if similarity[i, j] >= least]


def most_frequent(wordings: Counter[str]) -> str:
    """The wording met most often; of several the first in the alphabet, whatever the order of the rows."""
    return min(wordings, key=lambda wording: (-wordings[wording], wording))


def coverage(words: frozenset[str], texts: Iterable[frozenset[str]]) -> float:
    """The largest share of some words that one of several texts holds, 0..1; all of none are held by any."""
    return max((len(words & text) / len(words) for text in texts), default=0.0) if words else 1.0
