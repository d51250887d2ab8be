"""Merges that Hugging Face's BpeTrainer learns on small generated corpora.

    python tools/golden/tokenizer/training.py
"""

import json
from pathlib import Path

from texts import HARD, random_strings, words_corpus
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/training.json"

CASES = [
    {"name": "words", "texts": words_corpus(1, 60, "etaoinshrdlu", 300), "vocabSize": 700, "minFrequency": 2},
    {"name": "scripts", "texts": words_corpus(2, 40, "abéλж中文字あ한א😀", 200), "vocabSize": 600, "minFrequency": 1},
    {"name": "ties", "texts": random_strings(3, 120), "vocabSize": 800, "minFrequency": 0},
    {"name": "runs", "texts": ["a" * n for n in range(1, 60)] + ["ab" * n for n in range(1, 40)] + ["aab" * 30], "vocabSize": 300, "minFrequency": 2},
    {"name": "hard strings", "texts": HARD, "vocabSize": 5000, "minFrequency": 2},
    {"name": "special tokens that the text spells", "texts": words_corpus(4, 40, "aab", 60), "vocabSize": 320, "minFrequency": 2, "specialTokens": ["<|end|>", "aab", "<é>"]},
    {"name": "high minimum frequency", "texts": words_corpus(5, 30, "abcdef", 100), "vocabSize": 2000, "minFrequency": 20},
    {"name": "nothing to learn", "texts": ["", "a", "b c"], "vocabSize": 300, "minFrequency": 2},
]

for case in CASES:
    case.setdefault("specialTokens", [])
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(
        case["texts"],
        trainers.BpeTrainer(
            vocab_size=case["vocabSize"],
            min_frequency=case["minFrequency"],
            special_tokens=case["specialTokens"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    model = json.loads(tokenizer.to_str())["model"]
    case["vocab"] = [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    case["merges"] = [" ".join(merge) for merge in model["merges"]]

TARGET.write_text(json.dumps(CASES, ensure_ascii=False, indent=0).replace("\n", "") + "\n")
print({case["name"]: len(case["merges"]) for case in CASES}, TARGET.stat().st_size)
