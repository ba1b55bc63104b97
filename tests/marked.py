"""Analyses and rows with given stances, so that tests of what comes behind do not hang on the model."""

import datetime

import numpy as np

from stance.cues import read
from stance.document import Analysis, Facts, Holder, Judgement, Sentence, Stance
from stance.forest import Forest
from stance.hashing import code, places_of
from stance.holders import SPEAKER
from stance.lexicon import load_lexicon
from stance.mentions import mentions
from stance.naming import make_target
from stance.network import BUCKETS, Network, shapes
from stance.records import parse_marked
from stance.rows import Row
from stance.segmentation import segment, token_span, tokenize
from stance.span_features import TokenScores, candidate_pairs
from stance.strength import carrier_of, strength_of

SENTENCE = "We condemn the attack."

NEVER = Forest(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.float32), np.full((1, 2), -20, np.float32))


def small_network(buckets=(5, 9)):
    """A network that knows two words and says nothing."""
    arrays = (np.zeros(shape, np.float32) for shape in shapes(len(buckets)).values())
    return Network(places_of(np.array(buckets, np.uint32), BUCKETS), *arrays)


def finder_arrays(finder):
    """All arrays of a finder."""
    return [array for part in finder for array in (part if isinstance(part, Forest) else [part])]


def analysed(marked, confidence=0.95, date=None, issuers=()):
    """The analysis of a marked text: "We condemn the [-attack]." """
    text, marks = parse_marked(marked)
    document = segment(text)
    judgements = []
    for sentence in document.sentences:
        within = [mark for mark in marks if sentence.start <= mark.start < sentence.end]
        spans = [token_span(sentence.tokens, mark.start, mark.end) for mark in within]
        found = mentions(read(sentence, load_lexicon()), spans)
        judgements += [
            judged(mention, mark.stance, text, confidence) for mention, mark in zip(found, within, strict=True)
        ]
    day = datetime.date.fromisoformat(date) if date else None
    facts = Facts("", day, tuple(Holder(issuer, id=issuer) for issuer in issuers))
    return Analysis(document, tuple(judgements), facts)


def mentions_of(marked):
    """The mentions of the marks of one sentence."""
    text, marks = parse_marked(marked)
    reading = read(segment(text).sentences[0], load_lexicon())
    return mentions(reading, [token_span(reading.tokens, mark.start, mark.end) for mark in marks])


def reading_of(text):
    """A text read as one sentence."""
    return read(Sentence(text, 0, len(text), tokenize(text)), load_lexicon())


def all_pairs(table, **scores):
    """The pairs of a table where every token may start, end and join a target, unless `scores` say otherwise."""
    likely = np.full(len(table), 3.0)
    return candidate_pairs(table, TokenScores(likely, likely, likely)._replace(**scores), np.array([0.1, 0.1, 0.5]))


def naming_coder():
    """A coder, and the texts that it has coded so far by their code."""
    texts = {}

    def coder(text):
        texts[code(text)] = text or "none"
        return code(text)

    return coder, texts


def judged(mention, stance, text, confidence):
    carrier = carrier_of(mention, stance)
    tokens = mention.reading.tokens
    evidence = text[tokens[carrier.first].start : tokens[carrier.last - 1].end] if carrier else ""
    chances = {str(s): confidence if s is stance else (1 - confidence) / 2 for s in Stance}
    target = make_target(mention.reading, mention.first, mention.last, load_lexicon(), text)
    return Judgement(target, stance, chances, SPEAKER, evidence, {}, strength_of(mention, stance, carrier))


def make_row(stance="condemn", target="attack", sentence=SENTENCE, **others):
    start = sentence.index(target) if target in sentence else 0
    values = {
        "file": "a.txt", "date": "2024-05-17", "issuers": "FRA", "sentence_number": 1,
        "stance": stance, "confidence": 0.9, "target": target, "kind": "object", "id": None, "evidence": "",
        "holder": "the speaker", "holder_id": None, "strength": 5, "condemn": 0.9, "neutral": 0.05, "support": 0.05,
        "start": start, "end": start + len(target), "sentence_start": 0, "sentence": sentence,
    }  # fmt: skip
    return Row(**(values | others))
