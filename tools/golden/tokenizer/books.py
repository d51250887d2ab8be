"""Digests of the ids (and offsets) that the reference libraries give for whole books and for a text in 24 languages.

    python tools/golden/tokenizer/books.py ../shared/data > packages/tokenizer/test/golden/books.json
"""

import base64
import gzip
import hashlib
import json
import sys
import tempfile
from array import array
from pathlib import Path

import sentencepiece
import tiktoken
from tokenizers import BertWordPieceTokenizer, Tokenizer

DATA = Path(sys.argv[1])
CL100K = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
O200K = "|".join([
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""",
    r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
    r"""\s*[\r\n]+""",
    r"""\s+(?!\S)""",
    r"""\s+""",
])
FILES = [
    "pretrain/books_en/train/melville-moby-dick.txt.gz",
    "pretrain/books_en/val/london-the-sea-wolf.txt.gz",
    "pretrain/novels_zh/val/shuihu-zhuan-part.txt.gz",
    "pretrain/novels_zh/train/sanguo-yanyi.txt.gz",
    "pretrain/poetry_zh/tang/poet.tang.0.json.gz",
]


def read(path):
    data = (DATA / path).read_bytes()
    return gzip.decompress(data) if path.endswith(".gz") else data


def digest(numbers):
    return hashlib.sha256(array("i", numbers).tobytes()).hexdigest()[:16]


def from_json(path):
    t = Tokenizer.from_str(read(path).decode())
    return lambda text: huggingface(t, text)


def huggingface(t, text):
    e = t.encode(text, add_special_tokens=False)
    return e.ids, [n for pair in e.offsets for n in pair]


def bert(path, lowercase):
    t = BertWordPieceTokenizer(str(DATA / path), lowercase=lowercase)
    return lambda text: huggingface(t, text)


def tiktoken_file(path, pattern):
    ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in read(path).splitlines() if line)}
    t = tiktoken.Encoding(path, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda text: (t.encode_ordinary(text), None)


def spm(path):
    with tempfile.NamedTemporaryFile() as file:
        file.write(read(path))
        file.flush()
        t = sentencepiece.SentencePieceProcessor(model_file=file.name)
    return lambda text: (t.encode(text), None)


TOKENIZERS = {
    "gpt2": from_json("tokenizers/gpt2/tokenizer.json.gz"),
    "dolma2": from_json("tokenizers/olmo/dolma2.tokenizer.json.gz"),
    "gpt-neox": from_json("tokenizers/olmo/gpt-neox-20b-pii-special.tokenizer.json.gz"),
    "t5-json": from_json("tokenizers/sentencepiece/t5-tokenizer.json.gz"),
    "bert-base-uncased": bert("tokenizers/bert/bert-base-uncased-vocab.txt", True),
    "bert-base-cased": bert("tokenizers/bert/bert-base-cased-vocab.txt", False),
    "bert-base-chinese": bert("tokenizers/bert/bert-base-chinese-vocab.txt", True),
    "cl100k_base": tiktoken_file("tokenizers/tiktoken/cl100k_base.tiktoken.gz", CL100K),
    "o200k_base": tiktoken_file("tokenizers/tiktoken/o200k_base.tiktoken.gz", O200K),
    "mistral-7b-v1": spm("tokenizers/sentencepiece/mistral-7b-v1.model"),
    "t5-spiece": spm("tokenizers/sentencepiece/t5-spiece.model"),
    "test_ja_model": spm("tokenizers/sentencepiece/test_ja_model.model"),
}

files = FILES + sorted(str(p.relative_to(DATA)) for p in (DATA / "pretrain/udhr").glob("*.txt"))
found = {}
for name, encode in TOKENIZERS.items():
    found[name] = {}
    for path in files:
        ids, offsets = encode(read(path).decode())
        found[name][path] = [len(ids), digest(ids), *([digest(offsets)] if offsets else [])]
    print(name, file=sys.stderr)
json.dump(found, sys.stdout, separators=(",", ":"))
print()
