"""Reference numbers for @heddle/eval, by scikit-learn, scipy and numpy.

Writes packages/eval/test/golden/metrics.json. Run with a Python that has these three:
    python tools/golden/eval/metrics.py
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn import metrics as sk

ROOT = pathlib.Path(__file__).resolve().parents[3]
rng = np.random.default_rng(20)


def bootstrap(statistic, cells, counts, samples=20000):
    """Standard deviation of a statistic over resamples of the observations (as cells with counts)."""
    n = counts.sum()
    draws = rng.multinomial(n, counts / n, size=samples)
    return float(np.std([statistic(cells, draw) for draw in draws], ddof=1))


def f1s(matrix):
    denominator = matrix.sum(0) + matrix.sum(1)
    return np.divide(2 * np.diag(matrix), denominator, out=np.zeros(len(matrix)), where=denominator > 0)


def classification(labels, weights, skill, n):
    expected = rng.choice(labels, size=n, p=weights)
    guess = rng.choice(labels, size=n)
    predicted = np.where(rng.random(n) < skill, expected, guess)
    rival = np.where(rng.random(n) < skill - 0.1, expected, rng.choice(labels, size=n))
    matrix = sk.confusion_matrix(expected, predicted, labels=labels)
    flat = matrix.ravel()
    size = len(labels)
    macro = lambda _, draw: f1s(draw.reshape(size, size)).mean()
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        expected, predicted, labels=labels, zero_division=0
    )
    only_a = int(((predicted == expected) & (rival != expected)).sum())
    only_b = int(((predicted != expected) & (rival == expected)).sum())
    pairs = rng.integers(0, n, size=(4000, n))
    hit_a, hit_b = predicted == expected, rival == expected
    difference = (hit_a[pairs].mean(1) - hit_b[pairs].mean(1)).tolist()
    return {
        "labels": labels,
        "expected": expected.tolist(),
        "predicted": predicted.tolist(),
        "rival": rival.tolist(),
        "confusion": matrix.tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "accuracy": sk.accuracy_score(expected, predicted),
        "accuracyError": float(np.sqrt(np.var(predicted == expected) / n)),
        "macroF1": sk.f1_score(expected, predicted, labels=labels, average="macro", zero_division=0),
        "macroF1Error": bootstrap(macro, None, flat),
        "microF1": sk.f1_score(expected, predicted, labels=labels, average="micro", zero_division=0),
        "firstTwoMacroF1": sk.f1_score(expected, predicted, labels=labels[:2], average="macro", zero_division=0),
        "firstTwoMicroF1": sk.f1_score(expected, predicted, labels=labels[:2], average="micro", zero_division=0),
        "matthews": sk.matthews_corrcoef(expected, predicted),
        "mcnemar": {
            "onlyA": only_a,
            "onlyB": only_b,
            "pValue": float(binomtest(min(only_a, only_b), only_a + only_b, 0.5).pvalue),
        },
        "pairedAccuracy": {
            "difference": float(hit_a.mean() - hit_b.mean()),
            "standardError": float(np.std(hit_a.astype(float) - hit_b, ddof=0) / np.sqrt(n)),
            "interval": np.quantile(difference, [0.025, 0.975]).tolist(),
        },
    }


def language(n):
    tokens = rng.integers(5, 400, size=n)
    loss = tokens * rng.normal(3.1, 0.4, size=n)
    size = np.round(tokens * rng.normal(4.2, 0.3, size=n)).astype(int)

    def ratio(denominator):
        r = loss.sum() / denominator.sum()
        # Delta method, with the sample variance of the residuals.
        error = np.sqrt(n * np.var(loss - r * denominator, ddof=1)) / denominator.sum()
        picks = rng.integers(0, n, size=(20000, n))
        booted = loss[picks].sum(1) / denominator[picks].sum(1)
        return float(r), float(error), float(np.std(booted, ddof=1))

    token, token_error, token_bootstrap = ratio(tokens)
    byte, byte_error, byte_bootstrap = ratio(size)
    return {
        "loss": loss.tolist(),
        "tokens": tokens.tolist(),
        "bytes": size.tolist(),
        "meanLoss": [token, token_error, token_bootstrap],
        "perplexity": [float(np.exp(token)), float(np.exp(token) * token_error)],
        "bitsPerByte": [byte / np.log(2), byte_error / np.log(2), byte_bootstrap / np.log(2)],
    }


golden = {
    "madeWith": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "classification": {
        "three labels": classification(["changelog", "licence", "readme"], [0.5, 0.2, 0.3], 0.7, 240),
        "two skewed labels": classification(["ham", "spam"], [0.87, 0.13], 0.8, 300),
        "one label that never comes": classification(["a", "b", "c"], [0.6, 0.4, 0.0], 0.9, 60),
    },
    "language": language(80),
}
path = ROOT / "packages/eval/test/golden/metrics.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size, "bytes")
