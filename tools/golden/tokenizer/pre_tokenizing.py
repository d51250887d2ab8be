"""The pieces that pre-tokenizers of Hugging Face's library make of hard and random strings, with their offsets.

    python tools/golden/tokenizer/pre_tokenizing.py
"""

import json
from pathlib import Path

from regexes import REAL
from texts import HARD, random_strings
from tokenizers import Tokenizer, models

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/pre-tokenizing.json"
BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")


def split(pattern: dict, behavior: str = "Isolated", invert: bool = False) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(prefix: bool = False, regex: bool = True) -> dict:
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def metaspace(scheme: str = "always", cut: bool = True, replacement: str = "▁") -> dict:
    return {"type": "Metaspace", "replacement": replacement, "prepend_scheme": scheme, "split": cut}


def sequence(*steps: dict) -> dict:
    return {"type": "Sequence", "pretokenizers": list(steps)}


SECTIONS = [
    *({"type": name} for name in ("BertPreTokenizer", "UnicodeScripts", "Whitespace", "WhitespaceSplit")),
    *(byte_level(prefix, regex) for prefix in (False, True) for regex in (False, True)),
    {"type": "CharDelimiterSplit", "delimiter": "a"},
    {"type": "CharDelimiterSplit", "delimiter": "😀"},
    *({"type": "Digits", "individual_digits": individual} for individual in (False, True)),
    *({"type": "FixedLength", "length": length} for length in (1, 5)),
    *(metaspace(scheme, cut) for scheme in ("always", "first", "never") for cut in (False, True)),
    metaspace(replacement="a"),
    *({"type": "Punctuation", "behavior": behavior} for behavior in BEHAVIORS),
    *(split({"Regex": r"\s+|'"}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)),
    *(split({"Regex": r"\w{2}|(?=!)"}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)),
    split({"String": " "}), split({"String": "."}, "MergedWithNext"), split({"String": "s"}, "Contiguous", True),
    *(sequence(split({"Regex": pattern}), byte_level(regex=False)) for pattern in REAL.values()),
    sequence(split({"Regex": REAL["cl100k"]}, "Removed", True), byte_level(regex=False)),
    sequence(split({"Regex": REAL["cl100k"]}), byte_level(True, False)),
    sequence({"type": "WhitespaceSplit"}, metaspace()),
    sequence({"type": "WhitespaceSplit"}, metaspace("first")),
    sequence({"type": "Digits", "individual_digits": True}, byte_level()),
    sequence(  # Falcon
        {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(), {"type": "Digits", "individual_digits": False},
        split({"Regex": "[0-9][0-9][0-9]"}),
    ),
    sequence(  # DeepSeek-V3
        *(split({"Regex": REAL[f"deepseek {part}"]}) for part in ("numbers", "cjk", "words")), byte_level(regex=False),
    ),
    sequence(  # DeepSeek Coder
        split({"Regex": "[\r\n]"}), split({"Regex": REAL["deepseek coder"]}), split({"Regex": REAL["deepseek punctuation"]}),
        split({"Regex": "[一-龥ࠀ-一가-퟿]+"}), {"type": "Digits", "individual_digits": True}, byte_level(regex=False),
    ),
    sequence(byte_level(), byte_level(regex=False)),
    sequence(sequence({"type": "Whitespace"}, {"type": "Punctuation", "behavior": "Isolated"}), byte_level(True)),
    sequence(),
]


def pieces(tokenizer: Tokenizer, text: str) -> dict:
    units = [0]
    for char in text:
        units.append(units[-1] + (2 if ord(char) > 0xFFFF else 1))
    found = [(piece, pair) for piece, pair in tokenizer.pre_tokenizer.pre_tokenize_str(text) if piece]
    result = {"offsets": [units[at] for _, pair in found for at in pair]}
    unchanged = all(piece == text[start:end] for piece, (start, end) in found)
    return result if unchanged else {"pieces": [piece for piece, _ in found], **result}


def main() -> None:
    texts = HARD + random_strings(31, 12, 25) + ["the-final--countdown", "'a''b c'' d' ' ", "!a!!bc!def!!", " りんご 林檎 Apples。ー are Кир12 ½x", "▁a ▁▁b"]
    base = json.loads(Tokenizer(models.BPE()).to_str())
    cases = []
    for section in SECTIONS:
        tokenizer = Tokenizer.from_str(json.dumps({**base, "pre_tokenizer": section}))
        saved = json.loads(tokenizer.to_str())["pre_tokenizer"]
        assert saved == section, (saved, section)
        cases.append({"section": section, "results": [pieces(tokenizer, text) for text in texts]})
    TARGET.write_text(json.dumps({"texts": texts, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(TARGET.name, TARGET.stat().st_size, len(cases) * len(texts), "cases")


main()
