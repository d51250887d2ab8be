"""Vocabularies that Hugging Face's BpeTrainer and WordPieceTrainer learn on small generated corpora, with all options.

Their numbering of characters with a prefix or a suffix is by chance; `symbols` is the one that the run had.

    python tools/golden/tokenizer/training_options.py
"""

import json
import random
from pathlib import Path

from texts import random_strings, words_corpus
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/training-options.json"


def runs(seed: int, letters: str) -> list[str]:
    """Texts of few letters, in which one token comes about by different merges."""
    rng = random.Random(seed)
    return ["".join(rng.choice(letters) for _ in range(rng.randint(1, 40))) for _ in range(30)] + [
        rng.choice(letters) * rng.randint(1, 40) for _ in range(20)
    ]


SCRIPTS = words_corpus(11, 20, "abéλж中文字あ한א😀", 80)
CASES = [
    {"name": "characters", "texts": SCRIPTS, "vocabSize": 200, "minFrequency": 0},
    {"name": "runs of letters", "texts": runs(12, "aab"), "vocabSize": 300, "minFrequency": 0},
    {"name": "hard strings", "texts": random_strings(13, 40), "vocabSize": 300, "minFrequency": 1},
    {"name": "names of properties", "texts": ["__proto__ constructor toString hasOwnProperty"] * 3, "vocabSize": 80, "minFrequency": 2},
    {"name": "special tokens that the text spells", "texts": words_corpus(14, 20, "aab", 30), "vocabSize": 80, "minFrequency": 2, "specialTokens": ["<x>", "aab", "a"]},
    {"name": "longest token", "texts": runs(15, "ab"), "vocabSize": 200, "minFrequency": 0, "maxTokenLength": 4},
    {"name": "initial alphabet", "texts": words_corpus(16, 10, "etaoin", 40), "vocabSize": 90, "minFrequency": 2, "initialAlphabet": ["z", "😀", "中", "e"]},
    {"name": "limited alphabet", "texts": ["aaaaa bbbb ccc dd e", "abcde abcd abc ab"], "vocabSize": 30, "minFrequency": 0, "limitAlphabet": 3},
    {"name": "suffix", "texts": words_corpus(17, 20, "etaoin", 60), "vocabSize": 150, "minFrequency": 2, "endOfWordSuffix": "</w>"},
    {"name": "prefix and suffix", "texts": runs(18, "ab#"), "vocabSize": 120, "minFrequency": 0, "continuingSubwordPrefix": "##", "endOfWordSuffix": "</w>"},
    {"name": "WordPiece", "texts": SCRIPTS, "vocabSize": 250, "minFrequency": 0, "specialTokens": ["[PAD]", "[UNK]"], "continuingSubwordPrefix": "##"},
]
NAMES = {
    "vocabSize": "vocab_size",
    "minFrequency": "min_frequency",
    "specialTokens": "special_tokens",
    "maxTokenLength": "max_token_length",
    "initialAlphabet": "initial_alphabet",
    "limitAlphabet": "limit_alphabet",
    "endOfWordSuffix": "end_of_word_suffix",
    "continuingSubwordPrefix": "continuing_subword_prefix",
}

for case in CASES:
    options = {NAMES[key]: value for key, value in case.items() if key in NAMES}
    word_piece = case["name"] == "WordPiece"
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]") if word_piece else models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer if word_piece else trainers.BpeTrainer
    tokenizer.train_from_iterator(case["texts"], trainer(show_progress=False, **options))
    model = json.loads(tokenizer.to_str())["model"]
    case["vocab"] = [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    prefix = case.get("continuingSubwordPrefix", "")
    if word_piece:
        learnt = {token for token in case["vocab"] if len(token.removeprefix(prefix)) > 1} - set(case["specialTokens"])
    else:
        case["merges"] = model["merges"]
        learnt = {left + (right.removeprefix(prefix) if prefix else right) for left, right in model["merges"]}
    learnt -= set(case.get("specialTokens", []))
    case["symbols"] = [token for token in case["vocab"] if token not in learnt]

TARGET.write_text(json.dumps(CASES, ensure_ascii=False, indent=0).replace("\n", "") + "\n")
print({case["name"]: len(case["vocab"]) - len(case["symbols"]) for case in CASES}, TARGET.stat().st_size)
