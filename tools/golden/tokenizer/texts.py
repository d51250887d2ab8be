"""Generated texts for the tokenizer's golden files: hard strings, random strings, small corpora."""

import random

HARD = [
    "",
    " ",
    "  ",
    "a",
    "Hello, world!",
    " leading and trailing ",
    "two  spaces   three\tTab\n\nNew lines\r\n\r\n end",
    "don't I'll we've they're I'm he'd it's DON'T I'LL WE'VE o'clock 'tis ' s '",
    "'s't're've'm'll'd 'S'T'RE'VE'M'LL'D 'ſ",
    "1 12 123 1234 12345 3.14159 1,000,000 ½ Ⅷ ²³ ٣٤٥ 一二三",
    "!!! ... --- === /* code */ x+=1; y->z {a:[1,2]} <|x|>",
    "   \n   indented\n\tdef f(x):\n\t\treturn x  \n",
    "naïve café Ünïcödé Ελληνικά Русский עברית العربية हिन्दी ไทย",
    "中文字符，没有空格。日本語のテキスト 한국어 텍스트",
    "😀 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 e\u0301 a\u0308\u0323 z\u200dz",
    "\ufeffbyte order mark \u00a0no-break\u2003em\u3000wide\u0085next\u2028line\u200bzero",
    "\u0000\u0001\u001f\u007f control",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    " " * 130 + "x" + "\n" * 110,
    "the" * 60 + "abc" * 50,
    "hasOwnProperty __proto__ constructor toString",
    "\u088f\u1c89\U000105c0 unassigned or new: \U0001e5d0\U00010d4a",
    "Ġ Ċ ĉ å ä ¡ ® ­",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛 𐍈 \U0010ffff",
]

SPECIAL = [
    "<|endoftext|>",
    "a<|endoftext|>b",
    " <|endoftext|> <|endoftext|><|endoftext|> x",
    "<|endoftext|",
    "<|end|><|endo|> <|en",
    "<|pad|> hello<|pad|>hello <|pad|>",
    "x    y        z",
    "naïve<é>naïve <é> é",
]

PARTS = (
    list("abcdefgst  \n\t'.!?0123") + ["  ", "\n\n", "\r\n", " the", "ing", "'s", "'ll", "ed", " of"]
    + list("éßñøλжш中文あア한א٣½²") + ["e\u0301", "😀", "👩\u200d👧", "\u00a0", "\u3000", "\u0085", "\ufeff", "\u2028"]
)


def random_strings(seed: int, count: int, most: int = 40) -> list[str]:
    rng = random.Random(seed)
    strings = []
    for _ in range(count):
        parts = rng.sample(PARTS, rng.randint(2, len(PARTS)))
        strings.append("".join(rng.choice(parts) for _ in range(rng.randint(1, most))))
    return strings


def words_corpus(seed: int, documents: int, letters: str, words: int) -> list[str]:
    """Documents of made-up words whose frequencies fall as in natural text."""
    rng = random.Random(seed)
    lexicon = ["".join(rng.choice(letters) for _ in range(rng.randint(1, 9))) for _ in range(words)]
    weights = [1 / (rank + 1) for rank in range(words)]
    return [
        "".join(
            rng.choice([" ", " ", " ", " ", ", ", ". ", "\n", "'s "]) + word
            for word in rng.choices(lexicon, weights, k=rng.randint(5, 60))
        )
        for _ in range(documents)
    ]
