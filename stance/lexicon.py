"""The word tables in `data/`: read, checked, cached, and found in a sentence in one pass.

A new actor, issue, predicate or reverser is one row of a table with an example; nothing here knows a single word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from stance.document import Stance
from stance.inflection import inflections
from stance.memo import Memo
from stance.segmentation import SOFT, tokenize
from stance.word_tables import SPELT, TABLES, Held, Tables, cells_of, files_of, is_table_of, read_table, read_tables

_TYPED = {ord("’"): "'", ord("‑"): "-"} | dict.fromkeys(map(ord, SOFT))
_ARTICLE = "the"  # small or not in a name: "The Elms"
_GAPS = frozenset(("the", "a", "an", "our", "their", "its", "his", "her", "my", "your", "very", "most"))
_FURTHEST = 14  # tokens over which a cue may stand apart, with words between its own


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table.

    `group` is the class of an actor, the tone of an issue, the part of speech of a predicate or reverser. `stance` is
    what a predicate says of its object, or what holds for the object of a reverser that nothing governs.
    """

    table: str
    id: str
    group: str
    stance: Stance | None = None
    strength: int = 1
    attach: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()
    name: str = ""
    label: str = field(init=False, compare=False)
    sort: str = field(init=False, compare=False)
    frame: str = field(init=False, compare=False)
    is_name: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what is asked often.

        `label` is what a model may see of a cue, such as "predicates support", `sort` has its part of speech too, and
        `frame` how its object attaches; `is_name` tells whether it names a target (actors, issues) rather than judges
        one (predicates, reversers).
        """
        object.__setattr__(self, "label", f"{self.table} {self.stance}")
        object.__setattr__(self, "sort", f"{self.table} {self.group} {self.stance}")
        object.__setattr__(self, "frame", f"{self.sort} {sorted(self.attach)}")
        object.__setattr__(self, "is_name", self.table in ("actors", "issues"))


class Match(NamedTuple):
    """An entry found at the tokens `first:last` of a sentence."""

    first: int
    last: int
    entry: Entry


class Word(NamedTuple):
    """A form of the vocabulary: its tag, its tone (good, harm, plain) and its semantic class (deed, place ...)."""

    tag: str = ""
    tone: str = ""
    sense: str = ""


UNKNOWN_WORD = Word()


_Spelling = tuple[tuple[str, ...], Entry]


class _Node(dict[str, "_Node"]):
    """A node of the trie over lower-case tokens, with what ends here: names by spelling, cues by their sort."""

    names: tuple[_Spelling, ...] = ()
    cues: tuple[tuple[str, Entry], ...] = ()


_Opening = tuple[_Node, tuple[Entry, ...] | None]


class Lexicon:
    """All tables, ready to be found in sentences.

    `function_words` gives the tag of a word of a closed class, `vocabulary` tells of the forms of the general words,
    `actors` holds the entries of actors by id. `digest` changes with every row, so that a model can say which tables
    it was trained with; `tables` are those beside the shipped ones.
    """

    def __init__(
        self,
        entries: Iterable[tuple[str, Entry]],
        function_words: dict[str, str],
        vocabulary: dict[str, Word],
        digest: str,
        tables: Tables = (),
    ) -> None:
        self.tables = tables
        self.function_words = function_words
        self.vocabulary = vocabulary
        self.digest = digest
        self.actors: dict[str, Entry] = {}
        # By first word: what follows it is made when a text has it, since no text has most of them.
        self._spellings: dict[str, list[_Spelling]] = {}
        self._nodes: dict[str, _Node] = {}
        self._openings = Memo(self._opening)
        for spelling, entry in entries:
            if words := _words(spelling):
                self._spellings.setdefault(folded(words[0]), []).append((words, entry))
            if entry.table == "actors":
                self.actors[entry.id] = entry

    def __reduce__(self) -> tuple[object, ...]:
        """Another process gets the tables alone and makes it anew."""
        return load_lexicon, (self.tables,)

    @classmethod
    def read(cls, folder: str | Path) -> Lexicon:
        """The shipped tables with those of a folder added.

        It holds any of `actors.tsv`, `issues.tsv`, `predicates.tsv`, `reversers.tsv`. They have the columns of the
        shipped ones in `stance/data`, and their rows win over those.

        Raises
        ------
        ValueError
            Where the folder holds no table, or naming every bad row of one.
        OSError
            Where there is no such folder, or a table cannot be read.
        """
        return load_lexicon(read_tables(folder))

    def find(self, words: Sequence[str], keys: Sequence[str] | None = None) -> list[Match]:
        """Every name and cue in a sentence, the longest of each at its first token.

        Parameters
        ----------
        words
            The tokens as printed: the case of a name matters ("US", not "us").
        keys
            The same tokens, `folded`, where they are at hand.
        """
        keys = keys or list(map(folded, words))
        found: list[Match] = []
        following = [*keys[1:], ""]
        for first, opening in enumerate(map(self._openings.__getitem__, words)):
            if opening is None:
                continue
            node, alone = opening
            if alone is None or following[first] in node or following[first] in _GAPS:
                found += _longest(node, words, keys, first)
            else:
                for entry in alone:
                    found.append(Match(first, first + 1, entry))
        return found

    def _opening(self, word: str) -> _Opening | None:
        """What a word opens: its node, and what it spells by itself (None where its neighbours decide)."""
        key = folded(word)
        if key not in self._spellings:
            return None
        if key not in self._nodes:
            self._nodes[key] = _grown(self._spellings[key])
        node = self._nodes[key]
        alone = tuple(match.entry for match in _longest(node, (word,), (key,), 0))
        return node, None if any(entry.avoid for _, entry in node.names) else alone


def _longest(node: _Node, words: Sequence[str], keys: Sequence[str], first: int) -> Iterable[Match]:
    """The longest name and the longest cue of each sort that begin at a token, whose node is given."""
    longest: dict[str, Match] = {}
    position, size = first + 1, len(keys)
    if node.cues or node.names:
        _note_ends(longest, node, words, first, position)
    while position < size and node:
        following = node.get(keys[position])
        position += 1
        if following is not None:
            node = following
            if node.cues or node.names:
                _note_ends(longest, node, words, first, position)
        elif keys[position - 1] not in _GAPS or position - first > _FURTHEST:
            break
    return longest.values()


def _grown(spellings: Iterable[_Spelling]) -> _Node:
    """The node of the first word that all the spellings share."""
    root = _Node()
    for words, entry in spellings:
        node = root
        for word in words[1:]:
            node = node.setdefault(folded(word), _Node())
        if entry.is_name:
            node.names = (*node.names, (words, entry))
        else:
            node.cues = (*node.cues, (entry.table + entry.group, entry))
    return root


def folded(word: str) -> str:
    """A word in lower case, with straight apostrophes and plain hyphens: how tables and sentences are compared."""
    return _typed(word).lower()


def _typed(word: str) -> str:
    """A word as a keyboard has it: accents within letters, plain hyphens (the UN's do not break), no hidden marks."""
    return word if word.isascii() else normalize("NFC", word.translate(_TYPED))


def _words(spelling: str) -> tuple[str, ...]:
    """The tokens of a spelling; where it is all letters and spaces, as most are, they need no tokeniser."""
    if spelling.replace(" ", "").isalpha():
        return tuple(spelling.split())
    return tuple(tokenize(spelling).words)


def _note_ends(longest: dict[str, Match], node: _Node, words: Sequence[str], first: int, last: int) -> None:
    """Note the entries that the tokens `first:last` spell, one of each sort, in the place of shorter ones."""
    for sort, entry in node.cues:
        longest[sort] = Match(first, last, entry)
    for spelling, entry in node.names:
        if _printed_alike(spelling, words, first, last) and not _avoided(entry, words, first, last):
            longest["name"] = Match(first, last, entry)


def _printed_alike(spelling: Sequence[str], words: Sequence[str], first: int, last: int) -> bool:
    """Whether the case allows the name: small letters match any, capitals only themselves; so may AUKUS and Aukus."""
    if last - first != len(spelling):
        return False
    printed = tuple(words[first:last])
    if spelling == printed:
        return True
    for known, seen in zip(spelling, printed, strict=True):
        if known == seen or known.islower() or _typed(seen) == _typed(known) or seen == _ARTICLE == known.lower():
            continue
        short = len(spelling) == 1 and len(seen) < 4  # IT is no It, but VIET NAM is Viet Nam
        if short or not (seen.isupper() or (known.isupper() and seen == known.capitalize())):
            return False
    return True


def _avoided(entry: Entry, words: Sequence[str], first: int, last: int) -> bool:
    """Whether a neighbour vetoes the name: the Jordan of "Michael Jordan" is no state."""
    if not entry.avoid:
        return False
    before = words[first - 1] if first else ""
    after = words[last] if last < len(words) else ""
    return f"<{before}" in entry.avoid or f">{after}" in entry.avoid


def _spellings(table: str, row: dict[str, str], irregular: dict[str, list[str]]) -> Iterator[tuple[str, Entry]]:
    attach = frozenset(filter(None, row.get("attach", "").split("|")))
    if table in ("actors", "issues"):
        spellings = [name for column in SPELT for name in row.get(column, "").split("|") if name.strip()]
        entry = Entry(
            table,
            row["id"],
            row.get("class") or row["tone"],
            avoid=frozenset(filter(None, row.get("avoid", "").split("|"))),
            name=spellings[0],
        )
        yield from ((spelling, entry) for spelling in spellings)
        return
    said = row.get("stance") or row["ungoverned"]
    entry = Entry(
        table,
        row["phrase"],
        row["pos"],
        None if said == "-" else Stance(said),
        int(row.get("strength", 1)),
        attach,
        name=row["phrase"],
    )
    yield from ((spelling, entry) for spelling in inflections(row["phrase"], row["pos"], irregular))


def load_lexicon(tables: Tables = ()) -> Lexicon:
    """The lexicon that ships with the package, with the rows of other tables added to it; those win over ours.

    Raises
    ------
    ValueError
        Naming every bad row of a table.
    """
    return _loaded(tables)


@lru_cache(maxsize=8)
def _loaded(tables: Tables) -> Lexicon:
    shipped = resources.files("stance").joinpath("data")
    digest = hashlib.sha256()
    spellings: list[tuple[str, Entry]] = []
    irregular = {base: forms.split("|") for base, forms in cells_of(shipped.joinpath("irregular.tsv"))}
    function_words = {row[0]: row[1] for row in cells_of(shipped.joinpath("function-words.tsv"))}
    for table in TABLES:
        sources: list[Traversable | Held] = [*files_of(shipped, table)]
        sources += [Held(*pair) for pair in tables if is_table_of(pair[0], table)]
        for path in sources:
            digest.update(path.read_text(encoding="utf-8").encode("utf-8", "surrogatepass"))
            for row in read_table(path, table):
                spellings.extend(_spellings(table, row, irregular))
    words = shipped.joinpath("words.tsv")
    digest.update(words.read_bytes())
    vocabulary = _vocabulary(cells_of(words), irregular)
    return Lexicon(spellings, function_words, vocabulary, digest.hexdigest()[:16], tables)


def _vocabulary(rows: Iterable[Sequence[str]], irregular: dict[str, list[str]]) -> dict[str, Word]:
    """Each form of the general words; base forms come before inflected ones ("building" is a noun, not "build")."""
    bases: dict[str, Word] = {}
    inflected: dict[str, Word] = {}
    told = cache(Word)  # many forms, few kinds of them
    for word, pos, tone, sense in rows:
        bases.setdefault(word, told(pos, tone, sense))
        for form in inflections(word, pos, irregular):
            tag = (
                pos
                if pos != "verb" or form == word
                else "ing"
                if form.endswith("ing")
                else "verb"
                if form.endswith("s")
                else "ed"
            )
            inflected.setdefault(form, told(tag, tone, sense))
    return inflected | bases
