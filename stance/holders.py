"""Mention -> whose view it is: the views of a sentence, and whom their words mean in this document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from stance.cues import Reading, positions
from stance.document import Facts, Holder, Stance
from stance.lexicon import Lexicon, Match
from stance.mentions import Mention
from stance.speakers import holder_nouns, leaders
from stance.views import Party, find_views

SPEAKER = Holder("the speaker")
_SPOKEN = frozenset(("interview", "press conference", "read-out", "speech"))  # kinds of text in which people take turns
_OPENING, _CLOSING, _STRAIGHT = frozenset("“«"), frozenset("”»"), '"'
_QUOTE = frozenset(("quote",))
_SHORT_QUOTATION = 3  # tokens; such a one only keeps its distance from a word
_LONGEST_QUOTATION = 12  # sentences; beyond it somebody forgot to close the quotation
_HEAD = 4  # tokens at the start of a sentence
_ANAPHORA = frozenset(("he", "she", "it", "they"))
_VERDICTS = frozenset((Stance.SUPPORT, Stance.CONDEMN))
_OF_PERSONS = frozenset(("leader", "name", "state", "territory", "body"))  # groups whose entries speak by a person
_ANY_TITLE = frozenset(("head", "leader", "official"))  # that goes with every other
_OF_SEVERAL = frozenset(("minister", "secretary"))  # of whom a government has several
_BEHIND_NOUNS = frozenset(("against", "for", "of", "on", "to"))  # behind the noun of a body's name
_NOT_IN_OFFICE = frozenset(("acting", "deputy", "elect", "ex", "former", "late", "then", "vice"))
_NAMELESS = frozenset(("name", "leader", "people"))  # groups whose entries do not say who it is


class Voice(NamedTuple):
    """A view whose holder is known: the tokens `first:last` tell what `holder` thinks."""

    first: int
    last: int
    holder: Holder
    party: Party | None = None
    noun: int = -1


def find_holder(mention: Mention, voices: Sequence[Voice]) -> Holder:
    """The holder of the view on a mention: of the voices around it the last to begin.

    Parameters
    ----------
    mention
        The target in its sentence.
    voices
        Those of its sentence, the first that of whoever speaks there.
    """
    found = voices[0]
    noun = _governing_noun(mention) if len(voices) > 1 else -1
    for voice in voices[1:]:
        itself = voice.party and voice.party.first <= mention.first < voice.party.last
        if voice.first <= mention.first and mention.last <= voice.last and voice.noun in (-1, noun) and not itself:
            found = voice
    return found.holder


def _governing_noun(mention: Mention) -> int:
    """The token of the judging noun that governs a mention and is itself not judged; -1 if there is none."""
    judging = [g.cue for g in mention.above if g.cue.entry.stance in _VERDICTS]
    return judging[0].first if len(judging) == 1 and judging[0].entry.group == "noun" else -1


class Discourse:
    """What a document has told so far of those who speak in it; give it the sentences in order."""

    def __init__(self, text: str, facts: Facts, lexicon: Lexicon) -> None:
        self._text = text
        self._facts = facts
        self._lexicon = lexicon
        self._speaker = together(facts.issuers) or SPEAKER
        self._turn: Holder | None = None  # whose words they are in a transcript
        self._quoted: Holder | None = None  # whose words they are while a quotation runs on
        self._last_quoted: Holder | None = None  # whose words a next quotation goes on with
        self._open = 0  # sentences since the quotation opened
        self._people = dict(leaders())
        self._person: Holder | None = None  # "he"
        self._titles: frozenset[str] = frozenset()  # with which that person was named
        self._several: Holder | None = None  # "they"
        self._last: Holder | None = None  # "it"
        self._met: dict[str, None] = {}  # ids of those whose leaders are named, in order
        self._bodies: dict[str, str] = {}  # "the Council"
        self._offices_held: dict[str, str] = {}  # "the President"; by whom, and "" where by several

    def follow(self, readings: Sequence[Reading]) -> list[list[Voice]]:
        """The voices of the next sentences, each headed by that of whoever speaks where nobody else is named."""
        found = []
        waiting: list[list[Voice]] = []  # sentences of a quotation whose speaker is named behind it
        for reading in readings:
            began = self._open
            voices = self._voices(reading)
            if began and waiting:
                named = next((v.holder for v in voices[1:] if v.first == 0 and v.party), None)
                if named:
                    for earlier in waiting:
                        earlier[:] = [v if v.party else v._replace(holder=named) for v in earlier]
            waiting = [*waiting, voices] if self._open and self._quoted is None else []
            found.append(voices)
        return found

    def _voices(self, reading: Reading) -> list[Voice]:
        self._learn(reading)
        self._turn = self._label(reading) or self._turn
        default = self._quoted or self._turn or self._speaker
        quotes = self._quotations(reading)
        voices = [Voice(0, len(reading), default)]
        if self._last_quoted and quotes and quotes[0][0] == 1 and quotes[0][1] > _SHORT_QUOTATION:
            voices.append(Voice(*quotes[0], self._last_quoted))  # '"...," Chad said. "..."'
        for view in find_views(reading, quotes, self._people):
            said = _said_before(view.party, voices) if view.party and view.party.noun in _ANAPHORA else None
            holder = said or (self._meant(reading, view.party, default) if view.party else default)
            voices.append(Voice(view.first, view.last, holder, view.party, view.noun))
        self._remember(reading, voices, quotes)
        return voices

    def _learn(self, reading: Reading) -> None:
        """Note the people and bodies that the sentence names in full."""
        for name in reading.names:
            if name.entry.group in ("leader", "name"):
                identity = self._identity(reading, name)
                holder = identity or self._behind_initial(reading, name)
                self._note_offices(reading.keys[name.first : name.last], holder)
                if identity:
                    self._people.setdefault(reading.keys[name.last - 1], identity)
                    if name.entry.group == "leader" or reading.keys[name.last - 1] in leaders():
                        self._met.setdefault(identity)
            elif name.entry.group in ("body", "organisation", "alliance") and name.first < _HEAD:
                keys = reading.keys[name.first : name.last]
                of = next((place for place, key in enumerate(keys) if key in _BEHIND_NOUNS), len(keys))
                self._bodies.setdefault(keys[of - 1], name.entry.id)

    def _note_offices(self, keys: Sequence[str], holder: str | None) -> None:
        """Keep who holds the offices before a name: "Prime Minister Ana Quispe", not "the Prime Minister" alone."""
        for office in () if _is_person(keys[-1]) else _offices(keys):
            if self._offices_held.setdefault(office, holder or "") != holder:
                self._offices_held[office] = ""

    def _behind_initial(self, reading: Reading, name: Match) -> str | None:
        """Of "President Joseph R" before ". Biden" the identity of Biden."""
        behind = reading.keys[name.last : name.last + 2]
        initial = len(reading.keys[name.last - 1]) == 1 and len(behind) == 2 and behind[0] == "."
        return self._people.get(behind[1]) if initial else None

    def _label(self, reading: Reading) -> Holder | None:
        """The speaker of a turn: "President of Chad Mahamat Idriss Déby: Thank you"."""
        if ":" not in reading.keys[:16]:
            return None
        end = reading.keys.index(":")
        if reading.keys[end - 1 : end] == [")"] and "(" in reading.keys[:end]:
            end = reading.keys.index("(")  # "Mahamat Idriss Déby (retranslated):"
        name = next((n for n in reading.names if n.last == end and n.entry.group in ("leader", "name")), None)
        if name is None or (name.first > 2 and name.entry.group != "leader"):
            return None
        identity = self._identity(reading, name)
        if identity is None and (self._facts.kind not in _SPOKEN or not 1 < name.last - name.first < 5):
            return None
        return self._holder(reading, name.first, name.last, identity)

    def _quotations(self, reading: Reading) -> list[tuple[int, int]]:
        """The tokens within double quotation marks, those that were opened in an earlier sentence too."""
        found = []
        start = 0 if self._open else None
        for position in positions(reading.tags, _QUOTE):
            key = reading.keys[position]
            if key in _OPENING or (key == _STRAIGHT and start is None):
                start = position + 1
            elif start is not None and (key in _CLOSING or key == _STRAIGHT):
                found.append((start, position))
                start = None
        if start is not None:
            found.append((start, len(reading)))
        self._open = self._open + 1 if start is not None and self._open < _LONGEST_QUOTATION else 0
        return found

    def _meant(self, reading: Reading, party: Party, default: Holder) -> Holder:
        """Whom the words for a party mean here."""
        found = self._holder(reading, party.first, party.last, None)
        if party.noun in ("we", "i"):
            return self._named(found, default)
        if party.noun in _ANAPHORA:
            last = self._last if party.first < _HEAD else None  # further on "it" mostly means nobody
            earlier = {"they": self._several, "it": last}.get(party.noun, self._person)
            if earlier is None and party.noun in ("he", "she") and len(self._facts.issuers) > 1:
                return found  # one person speaks for no more than one of those who issued the text
            return self._named(found, earlier or default)
        title = party.noun or self._office(reading, party)
        refers = holder_nouns().get(title)
        identities = [i for name in party.names if (i := self._identity(reading, name))]
        opener = reading.keys[party.first]
        if opener in self._people and not any(name.first == party.first for name in party.names) and not party.noun:
            identities.insert(0, self._people[opener])  # a name that only the list of leaders knows
        if identities and refers != "group":
            return Holder(found.text, found.start, found.end, _joined(identities))
        if party.partial or refers in (None, "group", "body"):
            return found
        if refers == "text":
            return self._named(found, together(self._facts.issuers) or self._several or found)
        if refers == "members":
            earlier = self._members() or self._several
        else:  # "the President" is not the Prime Minister who spoke last
            offices = [*_offices(reading.keys[party.first : party.last])]
            another = self._titles and not _share_an_office({*offices}, self._titles)
            earlier = None if another else self._person
            if len(offices) > 1 or not earlier:  # "the President and the Prime Minister"
                led = reading.keys[party.first - 1 : party.first] == ["the"]
                earlier = (self._in_office(offices) if led else None) or earlier
        return self._named(found, earlier) if earlier else found

    def _in_office(self, offices: Sequence[str]) -> Holder | None:
        """Those who were named with these offices, where all were."""
        held = [*filter(None, map(self._offices_held.get, offices))]
        return Holder("", id=_joined(held)) if held and len(held) == len(offices) else None

    def _office(self, reading: Reading, party: Party) -> str:
        """The noun in a title that no person's name goes with: "the Head of State"."""
        return next(filter(_is_person, reading.keys[party.first : party.last]), "")

    def _members(self) -> Holder | None:
        """Those of "the sides" and "the leaders": who issued the text, else the first two whose leaders it names."""
        issuers = self._facts.issuers
        if len(issuers) > 1 or (issuers and issuers[0].id in self._lexicon.actors and self._is_group(issuers[0])):
            return self._speaker
        if len(self._met) > 1:
            return Holder("", id=_joined(list(self._met)[:2]))
        return None

    def _is_group(self, issuer: Holder) -> bool:
        return self._lexicon.actors[issuer.id or ""].group in ("alliance", "organisation")

    def _identity(self, reading: Reading, name: Match) -> str | None:
        """The id of a name: of the state for its leader, of the Security Council for "the Council"."""
        entry, keys = name.entry, reading.keys[name.first : name.last]
        if entry.group not in _NAMELESS:
            return entry.id
        if entry.group == "people":
            return None if keys[-1] in holder_nouns() else entry.id
        known = self._people.get(" ".join(keys)) or self._people.get(keys[-1])
        if known or len(keys) == 1:
            return known or self._body(keys[0])
        words = reading.tokens.words[name.first : name.last]
        inner = (m.entry for m in self._lexicon.find(words, keys) if m.entry.table == "actors")
        return next((e.id for e in inner if e.group not in _NAMELESS), None) or self._people.get(" ".join(keys[-2:]))

    def _body(self, key: str) -> str | None:
        issued = next((i.id for i in self._facts.issuers if i.text.lower().endswith(key)), None)
        return issued or self._bodies.get(key)

    def _holder(self, reading: Reading, first: int, last: int, identity: str | None) -> Holder:
        start, end = reading.tokens.span(first, last)
        return Holder(self._text[start:end], start, end, identity)

    def _named(self, found: Holder, meant: Holder) -> Holder:
        """The words found, with the id of whom they mean; that one itself where it has none."""
        return Holder(found.text, found.start, found.end, meant.id) if meant.id else meant

    def _remember(self, reading: Reading, voices: Sequence[Voice], quotes: Sequence[tuple[int, int]]) -> None:
        """Keep whom "he" and "they" will mean, and whose words run on into the next sentence."""
        for voice in voices[1:]:
            if voice.party and voice.noun < 0 and voice.party.noun not in ("we", "i") and not _is_within(voice, quotes):
                self._last = voice.holder
                named = [name.entry.group for name in voice.party.names]
                if len(named) > 1 or "people" in named or holder_nouns().get(voice.party.noun) in ("members", "group"):
                    self._several = voice.holder
                elif not named or _OF_PERSONS & set(named):
                    self._person = voice.holder
                    if voice.party.noun not in _ANAPHORA:
                        self._titles = frozenset(_offices(reading.keys[voice.party.first : voice.party.last]))
        for first, last in quotes:
            told = next((v.holder for v in reversed(voices[1:]) if v.party and v.first <= first < last <= v.last), None)
            self._last_quoted = told or self._last_quoted
        if not quotes:
            self._last_quoted = None
        if not self._open:
            self._quoted = None
        elif self._open == 1:
            start = quotes[-1][0]
            self._quoted = next((v.holder for v in reversed(voices[1:]) if v.party and v.first <= start), None)


def together(holders: Sequence[Holder]) -> Holder | None:
    """Several holders as one, their ids in order joined by "+"; None where there are none.

    >>> together([Holder("Peru", id="PER"), Holder("Chad", id="TCD"), Holder("Cuba", id="CUB")])
    Holder(text='Peru, Chad and Cuba', start=None, end=None, id='CUB+PER+TCD')
    """
    if len(holders) < 2:
        return next(iter(holders), None)
    *most, last = [holder.text for holder in holders]
    return Holder(f"{', '.join(most)} and {last}", id=_joined([holder.id or holder.text for holder in holders]))


def _is_person(key: str) -> bool:
    return holder_nouns().get(key) == "person"


def _offices(keys: Sequence[str]) -> Iterator[str]:
    """The offices in a title, each with the words that tell it from others: "prime minister", "former president"."""
    told = " ".join(key for key in keys if key in _NOT_IN_OFFICE)
    for position, key in enumerate(keys):
        if _is_person(key):
            before = keys[position - 1] if position else "the"
            office = key if before == "the" or key not in _OF_SEVERAL else f"{before} {key}"
            yield f"{told} {office}".strip()


def _share_an_office(some: Set[str], others: Set[str]) -> bool:
    """Whether two persons may be one by their titles: "the leader" is anybody, "the Minister" any minister."""
    alike = any(one == other or one in other.split() or other in one.split() for one in some for other in others)
    return alike or bool(_ANY_TITLE & {*some, *others})


def _said_before(party: Party, voices: Sequence[Voice]) -> Holder | None:
    """The holder of the nearest view told before a party: "Chad said it regrets"."""
    return next((v.holder for v in reversed(voices) if v.party and v.party.last < party.first), None)


def _joined(identities: Iterable[str]) -> str:
    return "+".join(sorted({part for identity in identities for part in identity.split("+")}))


def _is_within(voice: Voice, quotes: Sequence[tuple[int, int]]) -> bool:
    return voice.party is not None and any(first <= voice.party.first < last for first, last in quotes)
