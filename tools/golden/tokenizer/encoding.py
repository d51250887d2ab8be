"""Ids and offsets that Hugging Face's library gives for hard and random strings: with tokenizers of
its own in all set-ups that @heddle/tokenizer reads, and with the tokenizer.json that
our_tokenizer.ts wrote.

    python tools/golden/tokenizer/encoding.py
"""

import json
from pathlib import Path

from texts import HARD, SPECIAL, random_strings, words_corpus
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

GOLDEN = Path(__file__).parents[3] / "packages/tokenizer/test/golden"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = CL100K.replace("{1,3}", "")


def split(pattern: str, invert: bool) -> pre_tokenizers.PreTokenizer:
    behavior = "removed" if invert else "isolated"
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior, invert=invert),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


def byte_level(**settings) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(use_regex=True, **settings)


VARIANTS = {
    "plain": (byte_level(add_prefix_space=False), None),
    "prefix space": (byte_level(add_prefix_space=True), None),
    "trimmed offsets": (byte_level(add_prefix_space=False), processors.ByteLevel(trim_offsets=True, add_prefix_space=False)),
    "prefix space, trimmed offsets": (byte_level(add_prefix_space=True), processors.ByteLevel(trim_offsets=True, add_prefix_space=True)),
    "untrimmed offsets": (byte_level(add_prefix_space=False), processors.ByteLevel(trim_offsets=False)),
    "cl100k": (split(CL100K, False), None),
    "cl100k inverted": (split(CL100K, True), None),
    "qwen2": (split(QWEN2, False), processors.ByteLevel(trim_offsets=False)),
}


def utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2


def encode(tokenizer: Tokenizer, text: str, parse: bool) -> dict:
    tokenizer.encode_special_tokens = not parse
    encoding = tokenizer.encode(text)
    offsets = [utf16(text, at) for pair in encoding.offsets for at in pair]
    return {"ids": encoding.ids, "offsets": offsets}


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


strings = HARD + SPECIAL + random_strings(7, 120)

base = Tokenizer(models.BPE())
base.pre_tokenizer = byte_level(add_prefix_space=False)
base.decoder = decoders.ByteLevel()
base.train_from_iterator(
    HARD + random_strings(8, 400) + words_corpus(9, 60, "etaoinshrdlu", 200),
    trainers.BpeTrainer(
        vocab_size=900,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>"],
        show_progress=False,
    ),
)
base.add_special_tokens(["<|pad|>", AddedToken("<|end|>", normalized=True, special=True)])
base.add_tokens([
    AddedToken("        ", normalized=False),
    AddedToken("    ", normalized=True),
    AddedToken("<é>", normalized=True),
    AddedToken("pad|> hello", normalized=False),
])

variants = []
for name, (pre_tokenizer, post_processor) in VARIANTS.items():
    tokenizer = Tokenizer.from_str(base.to_str())
    tokenizer.pre_tokenizer = pre_tokenizer
    if post_processor is not None:
        tokenizer.post_processor = post_processor
    saved = json.loads(tokenizer.to_str())
    sections = {key: saved[key] for key in ("pre_tokenizer", "post_processor")}
    variants.append({
        "name": name,
        "sections": sections,
        "asText": [encode(tokenizer, text, False) for text in strings],
        "parsed": [encode(tokenizer, text, True) for text in SPECIAL],
    })
write(GOLDEN / "encoding.json", {"tokenizer": json.loads(base.to_str()), "strings": strings, "special": SPECIAL, "variants": variants})

ours = Tokenizer.from_file(str(GOLDEN / "our-tokenizer.json"))
results = [
    {"text": text, **encode(ours, text, True), "decoded": ours.decode(ours.encode(text).ids, skip_special_tokens=False)}
    for text in strings
]
write(GOLDEN / "our-tokenizer.ids.json", results)
