"""Small vocabulary files of other libraries, trained on generated texts, with the ids that these libraries give:
OpenAI's tiktoken and Google's sentencepiece.

    python tools/golden/tokenizer/formats.py
"""

import base64
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
import tiktoken
from texts import HARD, SPECIAL, random_strings, words_corpus
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

GOLDEN = Path(__file__).parents[3] / "packages/tokenizer/test/golden"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
corpus = HARD + random_strings(21, 200) + words_corpus(22, 80, "etaoinshrdlu", 200)
texts = HARD + SPECIAL + random_strings(23, 50) + [
    " ".join(words_corpus(24, 2, "etaoinshrdlu", 200)),
    "<unk> <s> </s> <pad>", "x<0x41>y", "▁x ▁ y▁", "  a   b  ", "[tag]a[tag] [tag]", "a" * 3000,
    *(" " * count + "x" for count in range(1, 40, 3)),
]


def tiktoken_case() -> dict:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, show_progress=False))
    vocab = json.loads(trained.to_str())["model"]["vocab"]
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    byte_of = {chr(byte): byte for byte in printable}
    for i, byte in enumerate(byte for byte in range(256) if byte not in printable):
        byte_of[chr(0x100 + i)] = byte
    ranks = {bytes(byte_of[char] for char in token): rank for token, rank in vocab.items()}
    encoding = tiktoken.Encoding("small", pat_str=CL100K, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 710})
    lines = [f"{base64.b64encode(token).decode()} {rank}" for token, rank in sorted(ranks.items(), key=lambda each: each[1])]
    return {"name": "tiktoken", "file": "\n".join(lines) + "\n", "ids": [encoding.encode(text, disallowed_special=()) for text in texts]}


def sentencepiece_case(name: str, **settings) -> dict:
    model = io.BytesIO()
    sentences = [line for text in corpus for line in text.split("\n") if line.strip() and "\0" not in line]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, hard_vocab_limit=False, minloglevel=2,
        **{"vocab_size": 420, "normalization_rule_name": "identity", **settings})
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return {"name": name, "file": base64.b64encode(model.getvalue()).decode(), "ids": [processor.encode(text) for text in texts]}


def sentencepiece_cases() -> list[dict]:
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        # A to a, fi (one character) to two, e with accent to e.
        rules.write("41\t61\nFB01\t66 69\nE9\t65\n")
        rules.flush()
        return [
            sentencepiece_case("unigram", model_type="unigram"),
            sentencepiece_case("unigram, bytes", model_type="unigram", byte_fallback=True, vocab_size=600, character_coverage=0.98),
            sentencepiece_case("unigram, rules", model_type="unigram", normalization_rule_tsv=rules.name),
            sentencepiece_case("unigram, as it stands", model_type="unigram", remove_extra_whitespaces=False, add_dummy_prefix=False),
            sentencepiece_case("unigram, over words", model_type="unigram", split_by_whitespace=False),
            sentencepiece_case("bpe", model_type="bpe"),
            sentencepiece_case("bpe, bytes", model_type="bpe", byte_fallback=True, vocab_size=700, character_coverage=0.98, remove_extra_whitespaces=False, split_digits=True),
            sentencepiece_case("bpe, user-defined", model_type="bpe", user_defined_symbols=["[tag]", "\n", "▁▁", "▁▁▁▁", "<mask>"], byte_fallback=True, vocab_size=700, remove_extra_whitespaces=False),
            sentencepiece_case("bpe, control symbols", model_type="bpe", control_symbols=["<pad>"], pad_id=3),
        ]


golden = {"texts": texts, "tiktoken": tiktoken_case(), "sentencepiece": sentencepiece_cases()}
path = GOLDEN / "formats.json"
path.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, len(texts))
