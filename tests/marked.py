"""Analyses whose stances are those of the marks, so that tests of what comes behind do not hang on the model."""

import datetime

from stance.cues import read
from stance.document import Analysis, Facts, Holder, Judgement, Stance
from stance.holders import SPEAKER
from stance.lexicon import load_lexicon
from stance.mentions import mentions
from stance.records import parse_marked
from stance.segmentation import segment, token_span
from stance.strength import carrier_of, strength_of
from stance.targets import make_target


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


def judged(mention, stance, text, confidence):
    carrier = carrier_of(mention, stance)
    tokens = mention.reading.tokens
    evidence = text[tokens[carrier.first].start : tokens[carrier.last - 1].end] if carrier else ""
    chances = {str(s): confidence if s is stance else (1 - confidence) / 2 for s in Stance}
    target = make_target(mention.reading, mention.first, mention.last, text)
    return Judgement(target, stance, chances, SPEAKER, evidence, {}, strength_of(mention, stance))
