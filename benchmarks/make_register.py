"""The log odds of phrases in real statements beside those of `datasets/`, for `stance/data/register.tsv`.

    python benchmarks/make_register.py FOLDER > register.tsv

FOLDER holds real documents as text. A phrase is a word or two neighbours (`stance.register.phrases`) that three of the
documents or thirty of our sentences have; a logistic regression tells the sentences of the documents from ours. Phrases
of small weight are left out, and what remains is scaled: the log odds of our sentences have the standard deviation
SPREAD, and the mean of what they count is 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import stance
from stance.register import BASE, phrases

SPREAD = 0.8
IN_DOCUMENTS, IN_SENTENCES = 3, 30
LEAST_WEIGHT = 0.15
SHORTEST = 5  # tokens of a sentence of a document
STRENGTH = 0.03  # of the fit, as scikit-learn's C


def main() -> None:
    """Print the table."""
    paths = sorted(path for path in Path(sys.argv[1]).iterdir() if path.suffix in (".txt", ".md"))
    documents = [stance.segment(path.read_text(encoding="utf-8")) for path in paths]
    sentences = [[s.text for s in document.sentences if len(s.tokens) >= SHORTEST] for document in documents]
    real = [text for texts in sentences for text in texts]
    ours = [record.text for record in stance.load_records()]
    counter = CountVectorizer(analyzer=phrases, binary=True, min_df=IN_DOCUMENTS)
    counted = counter.fit_transform(real + ours)
    numbers = np.arange(len(documents)).repeat([len(texts) for texts in sentences])
    within = sum(counted[: len(real)][numbers == n].max(axis=0).toarray()[0] for n in range(len(documents)))
    kept = np.flatnonzero((within >= IN_DOCUMENTS) | (counted[len(real) :].sum(axis=0).A1 >= IN_SENTENCES))
    names, counted = counter.get_feature_names_out()[kept], counted[:, kept]
    is_real = np.arange(counted.shape[0]) < len(real)
    fitted = LogisticRegression(C=STRENGTH, max_iter=200, class_weight="balanced").fit(counted, is_real)
    weights = np.where(np.abs(fitted.coef_[0]) >= LEAST_WEIGHT, fitted.coef_[0], 0.0)
    told = counted[len(real) :] @ weights
    weights *= SPREAD / told.std()
    base = -np.log(np.exp(told * SPREAD / told.std()).mean())
    print("phrase", "odds", sep="\t")
    print(BASE, f"{base:.3f}", sep="\t")
    for name, weight in zip(names, weights, strict=True):
        if weight:
            print(name, f"{weight:.3f}", sep="\t")


if __name__ == "__main__":
    main()
