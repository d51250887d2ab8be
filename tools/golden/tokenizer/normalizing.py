"""What normalizers of Hugging Face's library make of hard and random strings, with the offsets of every character.
`charsmap` is one that sentencepiece made of a few rules of ours; that of T5, which is not ours, stays in its file.

    python tools/golden/tokenizer/normalizing.py <tokenizer.json of t5, may be gzipped>
"""

import base64
import gzip
import json
import random
import sys
import tempfile
from pathlib import Path

import sentencepiece
from texts import HARD, random_strings
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/normalizing.json"
RULES = {"ⓐ": "a", "ⓑ": "bb", "ﬁ": "fi", "e\u0301": "é", "™": "", "①": "1", "a\u0308": "ä", "\u3000": " ", "\r": " ", "㎏": "kg", "\u0301": ""}

ACCENTS = [
    "ⓐⓑ ﬁne e\u0301 ™x™™ ①\u0301 a\u0308\u0323 \r\n\u3000㎏ e\u0301\u0301",
    "™\u0301a\u0301 \n\u0301 \u0600e\u0301 \u00ad\u0301 ⓑ\u200d ⓑ\u0327",
    "ΑΣ ΟΔΟΣ. İstanbul ǅ ẞ ſ Ⅷ 🅰",
    "e\u0301\u0323 e\u0323\u0301 \u0301\u0323 \u1e69 s\u0323\u0307 s\u0307\u0323 ﬁ\u0301 ①\u0301 \u0344 \u0f73 \u0958 \u2126 \u212b",
    "각 각 각 ᄀ 가\u1100 각ᆨ한국어",
    "中a文\u0000\u0001𠀀b\u0085\u0009x 豈 﨎",
    "\u0301a \u0323\u0301",
    "  \t strip \u00a0\u3000\u0085",
    "\u200b\u200f\ufeff\u2581\ufffd\u0008\u009f",
    "ữ ở Ǻ ǻ ṩ Å ﷺ ㍿ ﬃ ㋿ \U0001d15e \U00011938 \U000105c9",
    "เกำ ำ นำ ກຳ बि हिन्दी क्ष ಕೋ \u0b47\u0b56",
]
SECTIONS = {
    "BertNormalizer": [
        {"clean_text": clean, "handle_chinese_chars": chinese, "strip_accents": accents, "lowercase": lower}
        for clean, chinese, accents, lower in (
            (True, True, None, True), (True, True, None, False), (True, False, True, False), (False, True, False, True), (False, False, True, True),
        )
    ],
    "Strip": [{"strip_left": True, "strip_right": True}, {"strip_left": True, "strip_right": False}, {"strip_left": False, "strip_right": True}],
    **{name: [{}] for name in ("StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "ByteLevel")},
    "Replace": [
        {"pattern": {"String": " "}, "content": "▁"},
        {"pattern": {"String": "e"}, "content": ""},
        {"pattern": {"String": "."}, "content": "<dot>"},
        {"pattern": {"Regex": " {2,}"}, "content": "▁"},
        {"pattern": {"Regex": "\\s+|(?<=a)"}, "content": "$0🙂"},
        {"pattern": {"Regex": "(?=.)"}, "content": "-"},
    ],
    "Prepend": [{"prepend": "▁"}, {"prepend": "ab😀"}],
    "Sequence": [
        {"normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Replace", "pattern": {"String": " "}, "content": ""}]},
        {"normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        {"normalizers": [{"type": "Nmt"}, {"type": "NFKC"}, {"type": "ByteLevel"}]},
        {"normalizers": []},
    ],
}


def field(message: bytes, wanted: int) -> bytes:
    """A length-delimited field of a protobuf message."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 2:
            length = varint()
            if tag >> 3 == wanted:
                return message[at : at + length]
            at += length
        elif tag & 7 == 0:
            varint()
        else:
            at += 4 if tag & 7 == 5 else 8
    raise KeyError(wanted)


def our_charsmap() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        points = lambda text: " ".join(f"{ord(char):X}" for char in text)  # noqa: E731
        rules.write_text("".join(f"{points(old)}\t{points(new)}\n" for old, new in RULES.items()))
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(HARD + random_strings(3, 50)), model_prefix=f"{folder}/m", vocab_size=400, model_type="char",
            normalization_rule_tsv=str(rules), character_coverage=1.0, minloglevel=2, hard_vocab_limit=False,
        )
        return field(field(Path(f"{folder}/m.model").read_bytes(), 3), 2)


def utf16(text: str) -> list[int]:
    units = [0]
    for char in text:
        units.append(units[-1] + (2 if ord(char) > 0xFFFF else 1))
    return units


def normalized(tokenizer: Tokenizer, text: str) -> dict:
    units = utf16(text)
    offsets = [units[at] for pair in tokenizer.encode(text).offsets for at in pair]
    changed = tokenizer.normalizer.normalize_str(text)
    # What is left out is as if nothing were changed.
    if changed == text and offsets == [at for pair in zip(units, units[1:]) for at in pair]:
        return {}
    return {"text": changed, "offsets": offsets}


def case(section: dict, texts: list[str]) -> list[dict]:
    base = json.loads(Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")).to_str())
    base["normalizer"] = section
    tokenizer = Tokenizer.from_str(json.dumps(base))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    saved = json.loads(tokenizer.to_str())["normalizer"]
    assert saved == section, (saved, section)
    return [normalized(tokenizer, text) for text in texts]


def main() -> None:
    rng = random.Random(5)
    marks = "eaos\u0301\u0323\u0307\u0308\u0327\u0345\u0334가ᄀᆨᅡﬁ①é🅰 中\u0600\u200d\n"
    mixed = ["".join(rng.choice(marks) for _ in range(rng.randint(2, 12))) for _ in range(60)]
    texts = HARD + ACCENTS + mixed
    charsmap = base64.b64encode(our_charsmap()).decode()
    sections = [{"type": name, **settings} for name, many in SECTIONS.items() for settings in many]
    sections.append({"type": "Precompiled", "precompiled_charsmap": charsmap})
    path = Path(sys.argv[1])
    t5 = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())["normalizer"]
    golden = {
        "texts": texts,
        "cases": [{"section": section, "results": case(section, texts)} for section in sections],
        "t5": case(t5, texts),
    }
    TARGET.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(TARGET.name, TARGET.stat().st_size, (len(sections) + 1) * len(texts), "cases")


main()
