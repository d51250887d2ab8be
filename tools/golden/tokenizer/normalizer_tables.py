"""Writes the tables of code points that normalizers and pre-tokenizers need, as the `tokenizers` library sees them: it is
asked about every code point. Its parts have Unicode versions of their own.

    python tools/golden/tokenizer/normalizer_tables.py
"""

import struct
import unicodedata

from packed_runs import POINTS, constant, pack_kinds, pack_set, write_table
from tokenizers import normalizers, pre_tokenizers

SCRIPT = "normalizer_tables.py"


def table(file: str, name: str, comment: str, packed: str) -> None:
    write_table(file, SCRIPT, constant(name, comment, packed))


def removed_by(normalizer: normalizers.Normalizer) -> list[int]:
    return [point for point in POINTS if normalizer.normalize_str(chr(point)) == ""]


def bert(**on: bool) -> normalizers.Normalizer:
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **on})


table("mark-table.ts", "MARK_RUNS", "The combining marks that `StripAccents` takes away.", pack_set(removed_by(normalizers.StripAccents())))
table("accent-table.ts", "ACCENT_RUNS", "The non-spacing marks that `BertNormalizer` takes away.", pack_set(removed_by(bert(strip_accents=True))))
table("control-table.ts", "CONTROL_RUNS", "The control characters that `BertNormalizer` takes away.", pack_set(removed_by(bert(clean_text=True))))

punctuation = pre_tokenizers.Punctuation()
table(
    "punctuation-table.ts",
    "PUNCTUATION_RUNS",
    "Punctuation, with all of ASCII's.",
    pack_set(point for point in POINTS if len(punctuation.pre_tokenize_str("a" + chr(point))) == 2),
)
digits = pre_tokenizers.Digits(individual_digits=True)
table(
    "numeric-table.ts",
    "NUMERIC_RUNS",
    "Numeric characters as Rust has them.",
    pack_set(point for point in POINTS if len(digits.pre_tokenize_str("a" + chr(point))) == 2),
)

nfd, nfkd = normalizers.NFD(), normalizers.NFKD()


def combining_class(point: int) -> int:
    char = chr(point)
    if nfd.normalize_str(char) != char:
        return 0
    moves = nfd.normalize_str(char + "\u0334")[0] == "\u0334" or nfd.normalize_str("\u0345" + char)[-1] == "\u0345"
    return unicodedata.combining(char) if moves else 0


write_table(
    "decomposition-table.ts",
    SCRIPT,
    constant("COMBINING_CLASS_RUNS", "Runs of canonical combining classes.", pack_kinds(combining_class)),
    constant("DECOMPOSED_RUNS", "What NFKD takes apart, without the syllables of Hangul.", pack_set(
        p for p in POINTS if not 0xAC00 <= p < 0xD7A4 and nfkd.normalize_str(chr(p)) != chr(p)
    )),
)

# A charsmap of SentencePiece with one rule, "a" to "b": it takes the place of the whole grapheme that begins with "a".
units = [0] * 512
units[0] = 1 << 10
units[1 ^ 0x61] = 0x61 | 1 << 8 | 1 << 10
units[1 ^ 0x61 ^ 1] = 1 << 31
rule = normalizers.Precompiled(struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + b"b\0")
EXTEND, PREPEND, CONTROL = 1, 2, 3


def grapheme_kind(point: int) -> int:
    char = chr(point)
    if rule.normalize_str("a" + char) == "b":
        return EXTEND
    if rule.normalize_str(char + "a\u0301").endswith("\u0301"):
        return PREPEND
    return CONTROL if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else 0


table("grapheme-table.ts", "GRAPHEME_RUNS", "Runs of what extends a grapheme (1), begins one before it (2), is none (3).", pack_kinds(grapheme_kind))
