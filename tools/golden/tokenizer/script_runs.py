"""Writes packages/tokenizer/src/unicode/script-run-table.ts: which characters `UnicodeScripts` keeps together.

    python tools/golden/tokenizer/script_runs.py
"""

from packed_runs import POINTS, constant, pack_kinds, write_table
from tokenizers import pre_tokenizers

scripts = pre_tokenizers.UnicodeScripts()


def cut_after(first: str, points: list[int]) -> set[int]:
    """The code points which are cut from `first`, which stands before each."""
    starts = {start for _, (start, _) in scripts.pre_tokenize_str("".join(first + chr(point) for point in points))}
    return {point for i, point in enumerate(points) if 2 * i + 1 in starts}


# What is cut neither from Latin nor from Greek goes with everything: kind 0.
any_script = set(POINTS) - cut_after("a", POINTS) - cut_after("\u03b1", POINTS)
kinds: dict[int, int] = {}
left = [point for point in POINTS if point not in any_script]
kind = 0
while left:
    kind += 1
    cut = cut_after(chr(left[0]), left)
    for point in left:
        if point not in cut:
            kinds[point] = kind
    left = [point for point in left if point in cut]
print("scripts", kind, "of any", len(any_script))
write_table(
    "script-run-table.ts",
    "script_runs.py",
    constant("SCRIPT_KIND_RUNS", "Runs of scripts, by numbers; 0 goes with all.", pack_kinds(lambda point: kinds.get(point, 0))),
)
