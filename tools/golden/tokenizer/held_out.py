"""Lines of books, and how probable they are with a unigram vocabulary."""

import gzip
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers

BOOKS = [
    {
        "name": "English books",
        "train": ["books_en/train/melville-moby-dick.txt.gz", "books_en/train/bronte-jane-eyre.txt.gz", "books_en/train/darwin-origin-of-species-1st-edition.txt.gz"],
        "heldOut": ["books_en/val/hawthorne-the-house-of-the-seven-gables.txt.gz", "books_en/val/london-the-sea-wolf.txt.gz"],
        "vocabSize": 8000,
    },
    {
        "name": "Chinese novels",
        "train": ["novels_zh/train/sanguo-yanyi.txt.gz", "novels_zh/train/xiyou-ji.txt.gz"],
        "heldOut": ["novels_zh/val/shuihu-zhuan-part.txt.gz"],
        "vocabSize": 8000,
    },
]


def book_lines(root: Path, files: list[str]) -> list[str]:
    """Lines without the spaces that do not matter."""
    texts = [gzip.open(root / "pretrain" / name, "rt", newline="").read() for name in files]
    lines = (" ".join(line.split()) for text in texts for line in text.split("\n"))
    return [line for line in lines if line]


def log_probability(vocab: list[tuple[str, float]], lines: list[str]) -> float:
    """Mean log probability per character of the best segmentation; an unknown character costs 10 more than the worst token."""
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    unknown = min(score for _, score in vocab) - 10
    total = sum(
        unknown * len(token) if id == 0 else vocab[id][1]
        for encoding in tokenizer.encode_batch(lines)
        for id, token in zip(encoding.ids, encoding.tokens)
    )
    return total / sum(len(line) + 1 for line in lines)
