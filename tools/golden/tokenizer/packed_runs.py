"""How the tables of code points in packages/tokenizer/src/unicode are written."""

from pathlib import Path
from typing import Callable, Iterable

import tokenizers

TABLES = Path(__file__).parents[3] / "packages/tokenizer/src/unicode"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]


def varint(value: int) -> str:
    """Five bits a character, lowest first; 32 marks that more follow."""
    text = ""
    while value > 31:
        text += DIGITS[(value & 31) | 32]
        value >>= 5
    return text + DIGITS[value]


def runs_of(kind_of: Callable[[int], int]) -> list[tuple[int, int]]:
    """Lengths and kinds of the runs of code points; surrogates are of the kind of U+FFFD."""
    runs: list[list[int]] = []
    for point in range(0x110000):
        kind = kind_of(0xFFFD if 0xD800 <= point < 0xE000 else point)
        if runs and runs[-1][1] == kind:
            runs[-1][0] += 1
        else:
            runs.append([1, kind])
    return [(length, kind) for length, kind in runs]


def pack_set(points: Iterable[int]) -> str:
    """Lengths of the runs, outside and inside by turns; the last run outside is left out."""
    members = set(points)
    runs = runs_of(lambda point: int(point in members))
    if runs[0][1] == 1:
        runs.insert(0, (0, 0))
    if runs[-1][1] == 0:
        runs.pop()
    return "".join(varint(length) for length, _ in runs)


def pack_kinds(kind_of: Callable[[int], int]) -> str:
    """A length and a kind each run; the last run of kind 0 is left out."""
    runs = runs_of(kind_of)
    if runs[-1][1] == 0:
        runs.pop()
    return "".join(varint(length) + varint(kind) for length, kind in runs)


def constant(name: str, comment: str, packed: str) -> str:
    lines = [packed[i : i + 92] for i in range(0, len(packed), 92)]
    body = "".join(f"  '{line}',\n" for line in lines)
    return f"/** {comment} */\nexport const {name}: string = [\n{body}].join('');\n"


def write_table(file: str, script: str, *parts: str) -> None:
    head = f"// Made by tools/golden/tokenizer/{script} with tokenizers {tokenizers.__version__}. Do not edit.\n\n"
    (TABLES / file).write_text(head + "\n".join(parts))
    print(file, sum(map(len, parts)))
