"""How probable held-out texts are with the unigram vocabularies that sentencepiece learns: mean log probability per
character of the best segmentation. On a generated corpus, and on books if the data are there.

    python tools/golden/tokenizer/unigram.py [shared/data]
"""

import io
import json
import random
import sys
from pathlib import Path

import sentencepiece
from held_out import BOOKS, book_lines, log_probability

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/unigram.json"

def syllable_lines(seed: int, lines: int) -> list[str]:
    """Lines of made-up words that are made of syllables, stems and endings."""
    rng = random.Random(7)
    syllables = [a + b for a in "bdfklmnprstvz" for b in "aeiou"] + ["añ", "œu", "中", "の"]
    stems = ["".join(rng.choice(syllables) for _ in range(rng.randint(1, 3))) for _ in range(120)]
    endings = ["", "", "", "s", "ing", "ed", "er", "ation"]
    weights = [1 / (rank + 3) for rank in range(len(stems))]
    rng = random.Random(seed)
    words = lambda: (rng.choices(stems, weights)[0] + rng.choice(endings) for _ in range(rng.randint(4, 14)))
    return [" ".join(words()) + rng.choice([".", "!", "?", ""]) for _ in range(lines)]


def sentencepiece_vocab(train: list[str], vocab_size: int) -> list[tuple[str, float]]:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(train),
        model_writer=model,
        model_type="unigram",
        vocab_size=vocab_size,
        normalization_rule_name="identity",
        max_sentence_length=1 << 20,
        num_threads=1,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]


train, held_out = syllable_lines(1, 400), syllable_lines(2, 60)
golden = {
    "generated": {
        "train": train,
        "heldOut": held_out,
        "vocabSize": 260,
        "logProbability": log_probability(sentencepiece_vocab(train, 260), held_out),
    },
    "books": json.loads(TARGET.read_text())["books"] if TARGET.exists() else [],
}
if len(sys.argv) > 1:
    data = Path(sys.argv[1])
    for books in BOOKS:
        vocab = sentencepiece_vocab(book_lines(data, books["train"]), books["vocabSize"])
        books["logProbability"] = log_probability(vocab, book_lines(data, books["heldOut"]))
    golden["books"] = BOOKS

TARGET.write_text(json.dumps(golden, ensure_ascii=False, indent=0).replace("\n", "") + "\n")
print(golden["generated"]["logProbability"], [books["logProbability"] for books in golden["books"]], TARGET.stat().st_size)
