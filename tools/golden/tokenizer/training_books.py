"""Fingerprints of the merges that Hugging Face's BpeTrainer learns on real books.

    python tools/golden/tokenizer/training_books.py shared/data
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/training-books.json"
byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
CASES = [
    {"name": "bytes of English books", "folders": ["books_en/train", "books_en/val"], "vocabSize": 32000, "preTokenizer": byte_level},
    {"name": "bytes of Chinese novels", "folders": ["novels_zh/train", "novels_zh/val"], "vocabSize": 8000, "preTokenizer": byte_level},
    {"name": "characters of Chinese novels", "folders": ["novels_zh/train", "novels_zh/val"], "vocabSize": 8000, "preTokenizer": pre_tokenizers.Whitespace()},
]

for case in CASES:
    root = Path(sys.argv[1]) / "pretrain"
    files = sorted(path for folder in case["folders"] for path in (root / folder).glob("*.txt.gz"))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = case["preTokenizer"]
    alphabet = pre_tokenizers.ByteLevel.alphabet() if case["preTokenizer"] is byte_level else []
    trainer = trainers.BpeTrainer(vocab_size=case["vocabSize"], min_frequency=2, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator((gzip.open(path, "rt", newline="").read() for path in files), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    lines = [" ".join(merge) for merge in model["merges"]]
    case["preTokenizer"] = json.loads(case["preTokenizer"].__getstate__())
    case["merges"] = len(lines)
    case["sha256"] = hashlib.sha256("\n".join(lines).encode()).hexdigest()

TARGET.write_text(json.dumps(CASES, ensure_ascii=False, indent=2) + "\n")
print({case["name"]: case["merges"] for case in CASES})
