"""Sentence -> Reading: its words, their tags, and the names and cues that the lexicon finds in them.

Everything that later steps ask of a sentence is found here once; no step goes back to the characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from stance.document import STANCES, Sentence, Tokens
from stance.lexicon import UNKNOWN_WORD, Entry, Lexicon, Match, Word, folded
from stance.memo import LONG, Memo
from stance.toolkit import SnowballStemmer

# Names that no table can list: a resolution's number, a leader behind a title, an article of a text.
TITLE = re.compile(
    r"president|minister|secretary|chancellor|ambassador|envoy|king|prince|emir|sheikh|mr|mrs|ms|dr|general|leader|pope"
)
_RESOLUTION = frozenset(
    ("resolution", "resolutions", "decision", "decisions", "res", "unscr", "unscrs", "paragraph", "article")
)
_ENDING = re.compile(
    r"..(?:(?P<adverb>ly)|(?P<ing>ing)|(?P<ed>ed)|(?P<noun>(?:[ts]ion|ment|ness|ity|ance|ence|ism|ship|hood|ture|cy)s?|ities|cies|ies|ors?|ers)"
    r"|(?P<adjective>al|ive|ous|ic|able|ible|ful|less|ary|ory|ent|ant))$"
)
_STEMMER = SnowballStemmer("english")

_BEFORE_NOUNS = frozenset(("determiner", "possessive", "possessor", "preposition", "adjective"))
_OPEN_TAGS = frozenset(("word", "noun", "adjective", "ing", "ed"))
_CAPITALS = frozenset(("capital", "proper"))
_PLACES_AND_GROUPS = frozenset(("state", "territory", "region", "armed-group"))
_LEADING_ON = frozenset(("of", "on", "for"))
_WITHIN_NAMES = frozenset(("of", "on", "for", "the", "and", "-", "’s", "'s"))
_MONTH = "march"  # another word too, unless a number follows: "March 2024"
_MASKS = {"number": "<number>", "proper": "<Name>"}
_MASKED = frozenset(_MASKS)
_MOST_COUNTED = 2
LEADER = Entry("actors", "leader", "leader", name="leader")
RESOLUTION = Entry("actors", "resolution", "treaty", name="resolution")
UNKNOWN_NAME = Entry("actors", "unknown", "name", name="unknown name")


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence read with the lexicon; all lists run over its tokens.

    `keys` are the tokens in lower case with straight apostrophes and plain hyphens, `tags` their part in the grammar
    ("preposition", "name", "word" ...), `masks` what a model may see of them: the stem, or the class of the name that
    they belong to, so that swapping one country for another changes nothing, and `tones` whether a word names a good,
    a harm, something plain or is unknown (""), `senses` its semantic class, for names that of the name, `suffixes`
    the last letters. `names` and `cues` do not overlap within their kind and stand in order; `cue_counts` tells how
    many predicates of each stance there are.
    """

    tokens: Tokens
    keys: list[str]
    tags: list[str]
    masks: list[str]
    tones: list[str]
    senses: list[str]
    suffixes: list[str]
    names: tuple[Match, ...]
    cues: tuple[Match, ...]
    cue_starting: dict[int, Match] = field(repr=False)
    name_spans: dict[tuple[int, int], Entry] = field(repr=False)
    cue_counts: str = field(repr=False)

    def __len__(self) -> int:
        """How many tokens."""
        return len(self.tokens)


class _Form(NamedTuple):
    """What is known of a word by itself: `key` is it in lower case, the others are as in `Reading`."""

    key: str
    tag: str
    mask: str
    tone: str
    sense: str
    suffix: str


def _last_part(key: str) -> str:
    """What a compound is a kind of: "war-torn" is torn; nothing of one that opposes, like "anti-war"."""
    first, hyphen, rest = key.partition("-")
    return rest.rpartition("-")[2] if hyphen and first not in ("anti", "non") else ""


_FORMS: WeakKeyDictionary[Lexicon, Memo[_Form]] = WeakKeyDictionary()


def _forms_of(lexicon: Lexicon) -> Memo[_Form]:
    """The forms of the words met so far, each worked out once."""
    forms = _FORMS.get(lexicon)
    if forms is None:
        forms = _FORMS[lexicon] = Memo(partial(_form, lexicon.function_words, lexicon.vocabulary))
    return forms


def _form(function_words: Mapping[str, str], vocabulary: Mapping[str, Word], word: str) -> _Form:
    key = folded(word)
    listed, tone, sense = vocabulary.get(key) or vocabulary.get(_last_part(key), UNKNOWN_WORD)
    tag = function_words.get(key, "") or _open_tag(word, listed)
    return _Form(key, tag, stem(key), tone, sense, key[-3:])


def read(sentence: Sentence, lexicon: Lexicon) -> Reading:
    """The reading of one sentence."""
    words = sentence.tokens.words
    forms = _forms_of(lexicon)
    known = list(map(forms.__getitem__, words))
    keys, tags, masks, tones, senses, suffixes = (
        map(list, zip(*known, strict=True)) if known else [[] for _ in _Form._fields]
    )
    shapes = words
    if len(keys) > 1 and sentence.text.isupper():  # in a heading in capitals, capitals make no names
        shapes = keys
        tags = [forms[key].tag for key in keys]
    actors, issues, cues = list[Match](), list[Match](), list[Match]()
    named = {"actors": actors, "issues": issues}
    for match in lexicon.find(words, keys):
        named.get(match.entry.table, cues).append(match)
    opener = next((i for i, key in enumerate(keys) if key[0].isalpha()), 0)  # behind the number of a paragraph
    if _opens_sentence(opener, cues, actors):
        tags[opener] = forms[keys[opener]].tag  # its capital is that of the sentence: "Requests MINUSMA" is no name
    names = _outermost(actors + _patterned(shapes, keys, tags, actors + issues, opener))
    if issues:
        names = _outermost(names + issues)
    cues = _chosen_cues(cues, tags)
    for match in cues:
        if match.entry.group == "verb" and tags[match.first] in _OPEN_TAGS:
            tags[match.first] = tags[match.first] if tags[match.first] in ("ing", "ed") else "verb"
    for match in names:
        if match.entry.table == "actors":
            _mask_name(match, tags, masks, tones, senses)
    for i in positions(tags, _MASKED):
        masks[i] = _MASKS[tags[i]]
    return Reading(
        sentence.tokens,
        keys,
        tags,
        masks,
        tones,
        senses,
        suffixes,
        tuple(names),
        tuple(cues),
        {m.first: m for m in cues},
        {(m.first, m.last): m.entry for m in names},
        _counts(cues),
    )


def _opens_sentence(opener: int, cues: list[Match], actors: list[Match]) -> bool:
    """Whether the first word of a sentence is a verb, or stands before a known name and is no part of one."""
    if any(match.first == opener and match.entry.group == "verb" for match in cues):
        return True
    begins = {match.first for match in actors}
    return opener + 1 in begins and opener not in begins


def positions(texts: list[str], wanted: frozenset[str]) -> list[int]:
    """Where one of some texts stands; where none does, that shows at once."""
    return [] if wanted.isdisjoint(texts) else [i for i, text in enumerate(texts) if text in wanted]


def _mask_name(match: Match, tags: list[str], masks: list[str], tones: list[str], senses: list[str]) -> None:
    """Hide the words of an actor behind its class; those of a people ("civilians") stay to be seen."""
    group, span = match.entry.group, range(match.first, match.last)
    for i in span:
        tones[i], senses[i] = "", group
    if group != "people":
        for i in span:
            tags[i], masks[i] = "name", f"<{group}>"


@lru_cache(maxsize=100_000)
def stem(key: str) -> str:
    """The stem of a lower-case word (Snowball's English stemmer)."""
    return str(_STEMMER.stem(key)) if len(key) < LONG else "<long>"


def _open_tag(word: str, tag: str) -> str:
    """The tag of a word that is in no closed class: that of the vocabulary, else from its shape."""
    if word[0].isdigit():
        return "number"
    if word[-1] == "$":  # US$
        return "punctuation"
    if word[0].isupper() and word[0] != word:
        return "capital" if word[1:].islower() else "proper"
    if tag:
        return tag
    if not word[0].isalpha():
        return "punctuation"
    ending = _ENDING.search(word)
    return ending.lastgroup or "word" if ending else "word"


def _patterned(words: list[str], keys: list[str], tags: list[str], names: list[Match], opener: int) -> list[Match]:
    """Resolutions by number, leaders by title, and other runs of capitals; such capitals become "proper"."""
    found = []
    known = {i for m in names for i in range(m.first, m.last)}
    wholes = {m.last for m in names if m.entry.group in _PLACES_AND_GROUPS}  # behind their names
    actors = {m.first: m.last for m in names if m.entry.table == "actors" and m.entry.group != "people"}
    last = 0
    for first in positions(tags, _CAPITALS):
        if first < last:  # within the run before
            continue
        last = _before_crossing(_capital_run(words, tags, first, wholes), words, first, actors)
        if first == opener == last - 1 and first not in known:
            continue
        if keys[first] == _MONTH and tags[first + 1 : last] == ["number"]:
            tags[first] = "date"
            continue
        entry = _pattern_entry(keys[first:last])
        for k in range(first, last):
            if tags[k] == "capital" and (k > 0 or last - first > 1):
                tags[k] = "proper"
        if entry is not None or any(k not in known for k in range(first, last)):
            found.append(Match(first, last, entry or UNKNOWN_NAME))
    return found


def _capital_run(words: list[str], tags: list[str], first: int, wholes: set[int]) -> int:
    """The end of a run of capitalised words, with numbers and the "of" and "of the" between them.

    Behind the name of a place or an armed group "of", "on" and "for" lead on to something else, as "the" always does
    that follows none of them: "ratification by Eritrea of the Convention", "today the Council".
    """
    position, last = first, first
    while position < len(words):
        tag = tags[position]
        leads_elsewhere = position == last and (
            words[position] == "the" or (position in wholes and words[position] in _LEADING_ON)
        )
        if tag in _CAPITALS or (
            words[position][0].isupper() and position > first and tag not in ("pronoun", "possessive", "date")
        ):
            last = position + 1
        elif last == first or leads_elsewhere or not (tag == "number" or words[position] in _WITHIN_NAMES):
            break
        elif tag == "number" and position == last:
            last = position + 1
        elif position - last >= 2 or words[position] in ("’s", "'s", "and"):
            break
        position += 1
    return last


def _before_crossing(last: int, words: list[str], first: int, actors: dict[int, int]) -> int:
    """Where a run must end that an actor would leave half done: "President Xi of the People | 's Republic of China"."""
    crossed = next((i for i in range(first + 1, last) if actors.get(i, 0) > last), last)
    while first + 1 < crossed < last and words[crossed - 1] in _WITHIN_NAMES:
        crossed -= 1
    return crossed


def _pattern_entry(keys: list[str]) -> Entry | None:
    if any(key in _RESOLUTION for key in keys):
        return RESOLUTION
    return LEADER if len(keys) > 1 and any(TITLE.fullmatch(key) for key in keys[:-1]) else None


def _outermost(matches: list[Match]) -> list[Match]:
    """Without the matches that lie inside or across a longer one."""
    return _apart(matches, lambda m: (m.first - m.last, m.first, m.entry.group == "name"))


def _chosen_cues(cues: list[Match], tags: list[str]) -> list[Match]:
    """Cues that overlap no longer cue; of one spelling the noun behind an article or before its preposition."""
    return _apart(cues, lambda m: (m.first - m.last, m.first, _misfit(m, tags), m.entry.table))


def _apart(matches: list[Match], order: Callable[[Match], tuple[Any, ...]]) -> list[Match]:
    """In the order of the text those that share no token with one that is before them in another order."""
    matches = sorted(matches, key=attrgetter("first"))
    kept: list[Match] = []
    first, reach = 0, 0  # where the matches begin that hang together, and the token at which they end
    for number, match in enumerate(matches):
        if match.first >= reach:
            kept += _disjoint(matches[first:number], order)
            first = number
        reach = max(reach, match.last)
    return kept + _disjoint(matches[first:], order)


def _disjoint(matches: list[Match], order: Callable[[Match], tuple[Any, ...]]) -> list[Match]:
    """Of matches that hang together those that share no token with one before; the time is that of their tokens."""
    if len(matches) < 2:
        return matches
    taken: set[int] = set()
    kept = []
    for match in sorted(matches, key=order):
        if taken.isdisjoint(range(match.first, match.last)):
            taken.update(range(match.first, match.last))
            kept.append(match)
    return sorted(kept, key=attrgetter("first"))


def _counts(cues: list[Match]) -> str:
    """How many predicates of each stance, up to two."""
    told = [cue.entry.stance for cue in cues if cue.entry.table == "predicates"]
    return " ".join([str(min(told.count(stance), _MOST_COUNTED)) for stance in STANCES])


def _misfit(match: Match, tags: list[str]) -> bool:
    """Whether the words around speak against the part of speech."""
    if match.entry.group not in ("noun", "verb"):
        return False
    before = tags[match.first - 1] if match.first else "edge"
    after = tags[match.last] if match.last < len(tags) else "edge"
    nominal = before in _BEFORE_NOUNS or (after == "preposition" and before not in ("to", "auxiliary", "pronoun"))
    return nominal != (match.entry.group == "noun")
