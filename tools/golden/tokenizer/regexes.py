"""Where Hugging Face's library (Oniguruma) finds matches of regular expressions: those of real tokenizers, and small
ones of every construct.

    python tools/golden/tokenizer/regexes.py
"""

import json
from pathlib import Path

from texts import HARD, random_strings
from tokenizers import Regex, pre_tokenizers

TARGET = Path(__file__).parents[3] / "packages/tokenizer/test/golden/regex.json"

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
REAL = {
    "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": CL100K,
    "qwen2": CL100K.replace("{1,3}", ""),
    "o200k": O200K,
    "tekken": O200K.replace(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}"),
    "deepseek numbers": r"\p{N}{1,3}",
    "deepseek cjk": "[一-龥\u3040-ゟ゠-ヿ]+",
    "deepseek words": (
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
        r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
    ),
    "deepseek coder": r"\s?\p{L}+",
    "deepseek punctuation": r"\s?\p{P}+",
    "falcon": "[0-9][0-9][0-9]",
    "bloom": " ?[^(\\s|[.,!?…。，、।۔،])]+",
    "viking": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "digits of gemma": r"\p{N}",
    "spaces": r"\s+",
    "kimi": (
        r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "words of clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "smollm code": r"(?<=[a-z])(?=[A-Z])|\d{1,3}(?=(?:\d{3})*\b)",
}
SMALL = [
    r"a|ab", r"(?:a|ab)(?:c|bcd)", r"a*", r"a*?", r"x??a", r"(a+)+$", r"\w+", r"\W+", r"\d", r"\h+", r"\s", r"\S+",
    r"^.", r".$", r"\A.", r".\z", r".\Z", r"\b", r"\B", r"\b\w", r"(?i)strass|k|ſ", r"(?i:[^a-z ])+", r"(?m:a.*)", r".+",
    "(?x: a b  # a comment\n c )", r"a(?i)b|c", r"(?i:a(?-i)b)", r"(?>a+)a|b", r"a++a|b", r"a{2,}", r"a{,2}", r"a{2}", r"a{2}?", r"a{1,3}?", r"a{1,2}+",
    r"(?<=a)b", r"(?<!a)b", r"(?<=a|bc)d", r"(?<![\p{L}'])\p{L}", r"(?=\p{Lu})", r"(?!a)\w", r"[]a]+", r"[^]a]+", r"[a\-z]+",
    r"[a-c&&b-d]+", r"[\w&&[^\d_]]+", r"[^a-z&&[^aeiou]]+", r"[[a-c][x-z]]+", r"[[:digit:]]+", r"[[:^space:]]+", r"[[:punct:]]+",
    r"\p{Han}+", r"\p{Hani}|\p{Hiragana}|\p{katakana}", r"\p{Cyrillic}+|\p{Greek}+", r"\p{^L}+", r"\P{L}+", r"\p{Lu}\p{Ll}*",
    r"\p{Uppercase_Letter}", r"\p{Mn}|\p{Cf}|\p{Cc}", r"\p{Sc}|\p{Sm}|\p{Sk}|\p{So}", r"\p{Zs}+", r"\x41|\x{1F600}|\u00e9|\t",
    r"(?:(?:a|b)*c|a)", r"(?:a?)*b", r"(?:|a)+", r"(?:a??)*b", r"(?:a|(?=b))*c?", r"(?:(?:a*)*b?)*c", r"[\w]+|[\W]", r"(?:a|b|)+c", r"(?<n>a)(b)?", r"{|}|]|-", r"a{|b{x}|c{1", r"\.|\*|\[|\\|\/|\-",
    r"(?=.*z)a", r"a(?=b(?!c))", r"(?:ab)+?(?:ab)", r"(?:a|ab)*+b", r"(?>a|ab)c", r"\r\n|\n", r"[\r\n]+|[^\S\r\n]+", r"[^\x00-\x7F]+",
]
SMALL_TEXTS = [
    "", "a", "ab", "abcd", "aaaa", "aaaab", "aab ab b", "xaxb bcd ad", "Strase STRASSE straSSE K k ſ", "foo12_bar\nabc\r\n é-{}[] a{b{x}c{1",
    "a\nb\n", "A😀é\tEÉ", "abc acb cab bz az", "don't stop", "中文ひらカタ Кир Ελλ ①²½ $+<=>^`|~ \ufeff\u0085\u001c\u200d", "ababab abac aba",
    "cba aa]-^b", "\U0001d518x\u0301",
]


def utf16(text: str, pairs: list) -> list[int]:
    """Bounds of the stretches, in UTF-16 units."""
    units = [0]
    for char in text:
        units.append(units[-1] + (2 if ord(char) > 0xFFFF else 1))
    return [units[at] for _, pair in pairs for at in pair]


def found(pattern: str, text: str) -> dict:
    regex = Regex(pattern)
    matched = pre_tokenizers.Split(regex, "removed", invert=True).pre_tokenize_str(text)
    pieces = pre_tokenizers.Split(regex, "isolated").pre_tokenize_str(text)
    return {"matched": utf16(text, matched), "pieces": utf16(text, pieces)}


if __name__ == "__main__":
    real_texts = HARD + random_strings(21, 40)
    cases = []
    for patterns, texts in ((list(REAL.values()), real_texts), (SMALL, SMALL_TEXTS)):
        results = []
        for pattern in patterns:
            try:
                results.append({"pattern": pattern, "found": [found(pattern, text) for text in texts]})
            except Exception as error:
                print(repr(pattern), error)
        cases.append({"texts": texts, "patterns": results})
    TARGET.write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(TARGET.name, TARGET.stat().st_size, sum(len(c["patterns"]) * len(c["texts"]) for c in cases))
