"""The registry of actors: which names the lexicon knows, under which ids, and who speaks for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from stance.speakers import leaders
from stance.word_tables import read_table


class Actor(NamedTuple):
    """A row of the registry: `id` is ISO 3166-1 alpha-3 for states and territories, else one that stays as it is.

    `names` has all its spellings, the first in front, then demonyms and capitals; `people` who speak for it, as far as
    `data/leaders.tsv` lists them.
    """

    id: str
    kind: str
    name: str
    names: str
    people: str


def list_actors(folder: str | Path | None = None) -> list[Actor]:
    """Every actor of the shipped tables, and of the files `actors*.tsv` in a folder of yours, sorted by id.

    Raises
    ------
    ValueError
        Where the folder has no such file, or one with rows that are wrong; each of them is named.
    """
    own = _tables(Path(folder)) if folder else []
    if folder and not own:
        raise ValueError(f"{folder}: must hold actors.tsv, got none; its header is that of stance/data/actors.tsv")
    rows: dict[str, dict[str, str]] = {}
    for path in [*_tables(resources.files("stance").joinpath("data")), *own]:
        for row in read_table(path, "actors"):
            known = rows.setdefault(row["id"], dict.fromkeys(row, ""))
            spelt = [known[c] for c in ("names", "demonyms", "capital") if known[c]]
            rows[row["id"]] = row | {"demonyms": "|".join(filter(None, [row["demonyms"], *spelt]))}
    speakers: dict[str, list[str]] = {}
    for name, identity in leaders().items():
        speakers.setdefault(identity, []).append(name.title())
    return [_actor(row, speakers.get(identity, [])) for identity, row in sorted(rows.items())]


def search_actors(actors: Sequence[Actor], words: str) -> list[Actor]:
    """The actors with this id or exactly this name, else those in whose names or people it begins a word; in any case.

    >>> [actor.id for actor in search_actors(list_actors(), "security council")]
    ['unsc']
    """
    wanted = words.strip().casefold()
    exact = [actor for actor in actors if wanted in f"{actor.id}; {actor.names}; {actor.people}".casefold().split("; ")]
    begun = re.compile(rf"(?<!\w){re.escape(wanted)}")
    return exact or [actor for actor in actors if begun.search(f"{actor.names}; {actor.people}".casefold())]


def _actor(row: dict[str, str], people: Sequence[str]) -> Actor:
    names = list(dict.fromkeys(n for c in ("names", "demonyms", "capital") for n in row[c].split("|") if n))
    return Actor(row["id"], row["class"], names[0], "; ".join(names), "; ".join(people))


def _tables(folder: Traversable) -> list[Traversable]:
    files: Iterator[Traversable] = (p for p in folder.iterdir() if re.fullmatch(r"actors.*\.tsv", p.name))
    return sorted(files, key=lambda path: path.name)
