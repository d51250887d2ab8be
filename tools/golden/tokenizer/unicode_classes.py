"""Writes packages/tokenizer/src/unicode-table.ts: the letters, numbers and white space of the GPT-2
split pattern, as the `tokenizers` library sees them (it is asked about every code point).

    python tools/golden/tokenizer/unicode_classes.py
"""

from pathlib import Path

import tokenizers
from tokenizers import pre_tokenizers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/src/unicode-table.ts"
OTHER, LETTER, NUMBER, SPACE = 0, 1, 2, 3
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def class_of(point: int) -> int:
    if 0xD800 <= point < 0xE000 or point == 0x27:  # ' begins contractions; it is neither of the three
        return OTHER
    char = chr(point)
    for kind, neighbour in ((LETTER, "a"), (NUMBER, "1"), (OTHER, "!")):
        if len(byte_level.pre_tokenize_str(neighbour + char)) == 1:
            return kind
    return SPACE


def varint(value: int) -> str:
    """Five bits a character, lowest first; 32 marks that more follow."""
    text = ""
    while value > 31:
        text += DIGITS[(value & 31) | 32]
        value >>= 5
    return text + DIGITS[value]


runs: list[list[int]] = []
for point in range(0x110000):
    kind = class_of(point)
    if runs and runs[-1][0] == kind:
        runs[-1][1] += 1
    else:
        runs.append([kind, 1])

packed = "".join(varint(length * 4 + kind) for kind, length in runs)
lines = [packed[i : i + 92] for i in range(0, len(packed), 92)]
TARGET.write_text(
    "// Made by tools/golden/tokenizer/unicode_classes.py with tokenizers "
    + tokenizers.__version__
    + " (Unicode 16). Do not edit.\n\n"
    + "/** Runs of code points of one class: varints of `length * 4 + class`, five bits a character. */\n"
    + "export const CLASS_RUNS: string = [\n"
    + "".join(f"  '{line}',\n" for line in lines)
    + "].join('');\n"
)
