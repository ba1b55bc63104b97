"""The word tables in `data/`: read, checked, cached, and found in a sentence in one pass.

A new actor, issue, predicate or reverser is one row of a table with an example; nothing here knows a single word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from stance.document import Stance
from stance.inputs import read_utf8
from stance.memo import Memo
from stance.segmentation import SOFT, tokenize

TABLES = {
    "actors": ("id", "class", "names", "demonyms", "capital", "avoid", "example"),
    "issues": ("id", "tone", "names", "example"),
    "predicates": ("phrase", "pos", "stance", "strength", "attach", "example"),
    "reversers": ("phrase", "pos", "ungoverned", "attach", "example"),
}
ACTOR_CLASSES = frozenset(
    (
        "state",
        "territory",
        "region",
        "organisation",
        "alliance",
        "armed-group",
        "treaty",
        "initiative",
        "body",
        "people",
    )
)
TONES = frozenset(("good", "harm", "plain"))
_SHORT_ADJECTIVE = re.compile(r"[^aeiou ]*[aeiou]+[^aeiou ]+[ey]?")  # of one syllable, or of two that end in y
PARTS_OF_SPEECH = frozenset(("verb", "noun", "adjective", "adverb", "preposition"))
ATTACHMENTS = frozenset(
    (
        "direct",
        "of",
        "about",
        "over",
        "at",
        "to",
        "for",
        "on",
        "upon",
        "with",
        "against",
        "in",
        "into",
        "from",
        "by",
        "that",
        "inf",
        "subject",
        "regarding",
        "concerning",
        "towards",
        "toward",
        "as",
        "between",
        "among",
        "behind",
        "under",
        "through",
        "within",
    )
)
_ALLOWED: dict[str, frozenset[str]] = {
    "class": ACTOR_CLASSES,
    "tone": TONES,
    "pos": PARTS_OF_SPEECH,
    "strength": frozenset("12345"),
    "stance": frozenset((*Stance, "-")),
    "ungoverned": frozenset(Stance),
}
_TYPED = {ord("’"): "'", ord("‑"): "-"} | dict.fromkeys(map(ord, SOFT))
_ARTICLE = "the"  # small or not in a name: "The Elms"
_SPELT = ("names", "demonyms", "capital")  # columns of the tables of names that hold spellings
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


Tables = tuple[tuple[str, str], ...]  # names of files of tables and what stands in them


class Held(NamedTuple):
    """A table in memory, which is read as a file of the package is."""

    name: str
    content: str

    def read_text(self, encoding: str = "utf-8") -> str:  # noqa: ARG002
        """What stands in it."""
        return self.content

    def __str__(self) -> str:
        """The name, as messages give it."""
        return self.name


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
    """A word as a keyboard has it, without hyphens at which no line breaks (the UN's) and marks that do not show."""
    return word if word.isascii() else word.translate(_TYPED)


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
    """Whether the case allows the name: small letters match any, capitals only themselves, AUKUS also Aukus."""
    if last - first != len(spelling):
        return False
    printed = tuple(words[first:last])
    if spelling == printed:
        return True
    for known, seen in zip(spelling, printed, strict=True):
        if known == seen or known.islower() or _typed(seen) == _typed(known) or seen == _ARTICLE == known.lower():
            continue
        if len(seen) < 4 or not (seen.isupper() or (known.isupper() and seen == known.capitalize())):
            return False
    return True


def _avoided(entry: Entry, words: Sequence[str], first: int, last: int) -> bool:
    """Whether a neighbour vetoes the name: the Jordan of "Michael Jordan" is no state."""
    if not entry.avoid:
        return False
    before = words[first - 1] if first else ""
    after = words[last] if last < len(words) else ""
    return f"<{before}" in entry.avoid or f">{after}" in entry.avoid


def read_tables(folder: str | Path) -> Tables:
    """The tables of a folder, unread: the names and contents of those of its files that the lexicon knows.

    Raises
    ------
    ValueError
        Where there is none, or one is not UTF-8.
    """
    found = []
    for path in (path for table in TABLES for path in _files(Path(folder), table)):
        found.append((path.name, read_utf8(path, "tables")))
    if not found:
        names = ", ".join(f"{table}.tsv" for table in TABLES)
        raise ValueError(f"{folder}: must hold one of {names}, got none; see stance/data")
    return tuple(found)


def read_table(path: Traversable | Held, table: str) -> list[dict[str, str]]:
    """The rows of one table.

    Raises
    ------
    ValueError
        Naming every row that has the wrong number of cells, an empty first cell or a value out of its set.
    """
    columns = TABLES[table]
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or tuple(lines[0].split("\t")) != columns:
        raise ValueError(
            f"{path}:1: header must be {' '.join(columns)!r}, got {(lines or [''])[0]!r}; see the tables in stance/data"
        )
    rows, problems = [], []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        row = dict(zip(columns, cells, strict=False))
        problem = f"must have {len(columns)} cells, got {len(cells)!r}" if len(cells) != len(columns) else _problem(row)
        if problem:
            problems.append(f"{path}:{number}: {problem}; mend the row")
        rows.append(row)
    if problems:
        raise ValueError("\n".join(problems))
    return rows


def _problem(row: dict[str, str]) -> str | None:
    for column, values in _ALLOWED.items():
        if row.get(column, "") not in values and column in row:
            return f"{column} must be one of {sorted(values)}, got {row[column]!r}"
    unknown = set(filter(None, row.get("attach", "").split("|"))) - ATTACHMENTS
    if unknown:
        return f"attach must be among {sorted(ATTACHMENTS)}, got {sorted(unknown)}"
    if not all(row[c].strip() for c in row if c in ("id", "phrase", "example")):
        return "id, phrase and example must not be empty, got ''"
    if "names" in row and not any(row.get(column, "").strip(" |") for column in _SPELT):
        return f"{', '.join(c for c in _SPELT if c in row)} must hold a spelling, got none"
    return None


def _spellings(table: str, row: dict[str, str], irregular: dict[str, list[str]]) -> Iterator[tuple[str, Entry]]:
    attach = frozenset(filter(None, row.get("attach", "").split("|")))
    if table in ("actors", "issues"):
        spellings = [name for column in _SPELT for name in row.get(column, "").split("|") if name.strip()]
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


def load_lexicon(tables: Tables = ()) -> Lexicon:
    """The lexicon that ships with the package, with the rows of other tables added to it; those win over ours.

    Raises
    ------
    ValueError
        Naming every bad row of a table.
    """
    return _loaded(tables)


@cache
def _loaded(tables: Tables) -> Lexicon:
    shipped = resources.files("stance").joinpath("data")
    digest = hashlib.sha256()
    spellings: list[tuple[str, Entry]] = []
    irregular = {base: forms.split("|") for base, forms in _rows(shipped.joinpath("irregular.tsv"))}
    function_words = {row[0]: row[1] for row in _rows(shipped.joinpath("function-words.tsv"))}
    for table in TABLES:
        sources: list[Traversable | Held] = [*_files(shipped, table)]
        sources += [Held(*pair) for pair in tables if _is_table(pair[0], table)]
        for path in sources:
            digest.update(path.read_text(encoding="utf-8").encode("utf-8", "surrogatepass"))
            for row in read_table(path, table):
                spellings.extend(_spellings(table, row, irregular))
    words = shipped.joinpath("words.tsv")
    digest.update(words.read_bytes())
    vocabulary = _vocabulary(_rows(words), irregular)
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


def _files(folder: Traversable, table: str) -> list[Traversable]:
    """`actors.tsv` and its siblings, such as `actors-organisations.tsv`, in the order of their names."""
    return sorted((p for p in folder.iterdir() if _is_table(p.name, table)), key=lambda p: p.name)


def _is_table(name: str, table: str) -> bool:
    return name.startswith(table) and name.endswith(".tsv")


def _rows(path: Traversable) -> list[list[str]]:
    """The rows of a table without its header."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
