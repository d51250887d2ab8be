"""Python's side of the benchmark, `python_peer.py tokenizers|tiktoken`: answers lines of JSON on stdin, see src/protocol.ts."""

import hashlib
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import numpy  # noqa: E402
import tiktoken  # noqa: E402
import tokenizers  # noqa: E402

# As tiktoken itself has them.
CL100K = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PATTERNS = {
    "gpt2": r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s""",
    "cl100k": CL100K,
    "o200k": "|".join([
        rf"""[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        rf"""[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""\p{N}{1,3}""",
        r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
        r"""\s*[\r\n]+""",
        r"""\s+(?!\S)""",
        r"""\s+""",
    ]),
}


def byte_alphabet() -> dict[str, int]:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(b): b for b in printable} | {chr(0x100 + i): b for i, b in enumerate(others)}


def load_tiktoken(vocabulary: str, path: str):
    if vocabulary not in PATTERNS:
        raise ValueError("does not have this vocabulary")
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    added = {token["content"] for token in content["added_tokens"]}
    alphabet = byte_alphabet()
    ranks = {
        bytes(alphabet[char] for char in token): id
        for token, id in content["model"]["vocab"].items()
        if token not in added
    }
    encoding = tiktoken.Encoding(vocabulary, pat_str=PATTERNS[vocabulary], mergeable_ranks=ranks, special_tokens={})
    return lambda texts: [encoding.encode_ordinary(text) for text in texts]


def load_tokenizers(vocabulary: str, path: str):
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # as text
    return lambda texts: [
        encoding.ids for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    ]


def train(path: str, vocab_size: int) -> dict:
    texts = read(path)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    start = time.perf_counter()
    tokenizer.train_from_iterator(texts, trainer)
    seconds = time.perf_counter() - start
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    lines = "\n".join(" ".join(merge) for merge in merges)
    return {"milliseconds": seconds * 1e3, "digest": hashlib.sha256(lines.encode()).hexdigest()}


def read(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def encode_all(encode, path: str) -> dict:
    texts = read(path)
    start = time.perf_counter()
    ids = encode(texts)
    seconds = time.perf_counter() - start
    digest = hashlib.sha256()
    for each in ids:
        digest.update(numpy.array(each, dtype="<i4").tobytes())
    return {"milliseconds": seconds * 1e3, "tokens": sum(map(len, ids)), "digest": digest.hexdigest()}


def main() -> None:
    library = {"tiktoken": tiktoken, "tokenizers": tokenizers}[sys.argv[1]]
    load = {"tiktoken": load_tiktoken, "tokenizers": load_tokenizers}[sys.argv[1]]
    encode = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "version":
                reply = {"version": f"{library.__version__}, Python {sys.version.split()[0]}"}
            elif request["do"] == "load":
                start = time.perf_counter()
                encode = load(request["vocabulary"], request["path"])
                reply = {"milliseconds": (time.perf_counter() - start) * 1e3}
            elif request["do"] == "encode":
                reply = encode_all(encode, request["path"])
            else:
                reply = train(request["path"], request["vocabSize"])
        except BaseException as error:  # a panic of Rust is no Exception
            reply = {"failed": str(error)[:200] or type(error).__name__}
        print(json.dumps(reply), flush=True)


main()
