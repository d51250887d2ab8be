"""Ids and offsets that Hugging Face's library gives for whole pieces of text, with small models of every type:
made-up vocabularies with random merges and scores, and trained ones.

    python tools/golden/tokenizer/models.py
"""

import json
import random
from pathlib import Path

from texts import HARD, random_strings, words_corpus
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

GOLDEN = Path(__file__).parents[3] / "packages/tokenizer/test/golden"
ALPHABET = list("abcde") + ["é", "中", "😀"]
STRANGE = ["x", "ß", "日", "𝔘", "\ufeff", "\u0085", " "]


def utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2


def tokenizer_of(model: dict, use_bytes: bool) -> Tokenizer:
    tokenizer = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))
    if use_bytes:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return tokenizer


def encode(tokenizer: Tokenizer, text: str) -> dict | None:
    """None where the library refuses the text: it has no token for what is unknown."""
    try:
        encoding = tokenizer.encode(text)
    except Exception:
        return None
    return {"ids": encoding.ids, "offsets": [utf16(text, at) for pair in encoding.offsets for at in pair]}


def case(name: str, model: dict, texts: list[str], use_bytes: bool = False, misplaced: bool = False) -> dict:
    """`misplaced`: the library counts what a token stands for, not where it lies, and is wrong after characters
    that it leaves out, puts elsewhere, or makes more bytes of than the text has."""
    tokenizer = tokenizer_of(model, use_bytes)
    written = json.loads(tokenizer.to_str())["model"]
    return {"name": name, "bytes": use_bytes, "misplaced": misplaced, "model": written, "texts": texts,
            "encoded": [encode(tokenizer, text) for text in texts]}


def random_pieces(rng: random.Random, count: int, strange: float, alphabet: list[str] = ALPHABET) -> list[str]:
    pieces = [""]
    for i in range(count):
        letters = rng.sample(alphabet, rng.randint(1, len(alphabet)))
        length = 120 if i == 0 else rng.choice([1, 2, 3, 5, 8, 13, 30])
        pieces.append("".join(
            rng.choice(STRANGE) if rng.random() < strange else rng.choice(letters) for _ in range(length)))
    return pieces


def random_bpe(rng: random.Random, merges: int, alphabet: list[str], prefix: str = "", suffix: str = "") -> dict:
    """Any two tokens may merge, also in several ways to one token."""
    first = [c for c in alphabet]
    tokens = list(dict.fromkeys(
        first + [prefix + c for c in alphabet] + [c + suffix for c in alphabet] + [prefix + c + suffix for c in alphabet]))
    chosen = []
    while len(chosen) < merges:
        left, right = rng.choice(tokens), rng.choice(tokens)
        if suffix and left.endswith(suffix):
            continue
        if prefix and not right.startswith(prefix):
            continue
        merged = left + right[len(prefix):]
        if [left, right] in chosen or len(merged) > 12:
            continue
        chosen.append([left, right])
        if merged not in tokens:
            tokens.append(merged)
    rng.shuffle(chosen)
    return {"tokens": tokens, "merges": chosen}


def bpe(made: dict, extra: list[str] = [], **settings) -> dict:
    tokens = list(dict.fromkeys(extra + made["tokens"]))
    return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(tokens)}, "merges": made["merges"], **settings}


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def bpe_cases() -> list[dict]:
    rng = random.Random(1)
    cases = []

    def add(name: str, model: dict, strange: float, use_bytes: bool = False, misplaced: bool = False) -> None:
        cases.append(case(f"BPE, {name}", model, random_pieces(rng, 24, strange), use_bytes, misplaced))

    for i in range(4):
        alphabet = ALPHABET[: 2 + 2 * i]
        model = bpe(random_bpe(rng, 20 * (i + 1), alphabet))
        cases.append(case(f"BPE, characters {i}", model, random_pieces(rng, 24, 0, alphabet)))
    made = random_bpe(rng, 40, ALPHABET)
    add("unknown left out", bpe(made), 0.15, misplaced=True)
    add("unknown", bpe(made, ["<unk>"], unk_token="<unk>"), 0.3)
    add("unknown fused", bpe(made, ["<unk>"], unk_token="<unk>", fuse_unk=True), 0.5)
    add("unknown token not there", bpe(made, unk_token="<unk>"), 0.05)
    add("bytes", bpe(made, ["<unk>", *BYTES], unk_token="<unk>", fuse_unk=True, byte_fallback=True), 0.4)
    add("some bytes", bpe(made, ["<unk>", *BYTES[:0xC5]], unk_token="<unk>", fuse_unk=True, byte_fallback=True), 0.5, misplaced=True)
    add("some bytes, not fused", bpe(made, ["<unk>", *BYTES[:0xC5]], unk_token="<unk>", byte_fallback=True), 0.5, misplaced=True)
    add("ignore merges", bpe(made, ["ab", "ba", "abcab", "中é"], ignore_merges=True), 0)
    for prefix, suffix in [("##", ""), ("", "</w>"), ("@@", "</w>")]:
        made = random_bpe(rng, 40, ALPHABET[:5], prefix, suffix)
        settings = {"continuing_subword_prefix": prefix or None, "end_of_word_suffix": suffix or None}
        add(f"{prefix} {suffix}", bpe(made, ["<unk>"], unk_token="<unk>", **settings), 0.03)
        add(f"{prefix} {suffix} bytes", bpe(made, BYTES, byte_fallback=True, **settings), 0.03, misplaced=True)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = random_bpe(rng, 60, ["a", "b", "Ã", "©", "ä", "¸", "Ń"])
    made["tokens"] = list(dict.fromkeys(alphabet + made["tokens"]))
    add("byte level", bpe(made), 0.1, True)
    add("byte level, ignore merges", bpe(made, ["ab", "ba", "aab", "Ã©a"], ignore_merges=True), 0.1, True)
    made["tokens"] = [token for token in made["tokens"] if token not in ("d", "Ł", "x")]
    add("byte level without all bytes", bpe(made, ["<unk>"], unk_token="<unk>"), 0.1, True)
    return cases


def word_cases() -> list[dict]:
    rng = random.Random(2)
    pieces = ["".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 5))) for _ in range(60)]
    tokens = ["[UNK]", *ALPHABET, *(f"##{c}" for c in ALPHABET[:-1]), "##", "hasOwnProperty", "__proto__", "##ab##"]
    tokens += [piece if rng.random() < 0.5 else f"##{piece}" for piece in pieces]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    texts = random_pieces(rng, 40, 0.05) + ["[UNK]", "##a", "##", "hasOwnProperty", "__proto__", "constructor", "😀" * 12]
    word_piece = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocab}
    without = {token: i for i, token in enumerate(list(vocab)[1:])}
    return [
        case("WordPiece", word_piece, texts),
        case("WordPiece, short", {**word_piece, "max_input_chars_per_word": 12}, texts),
        case("WordPiece, no prefix", {**word_piece, "continuing_subword_prefix": ""}, texts),
        case("WordPiece, other prefix", {**word_piece, "continuing_subword_prefix": "a"}, texts),
        case("WordPiece, no unknown", {**word_piece, "vocab": without}, texts),
        case("WordPiece, bytes", word_piece, texts, True),
        case("WordLevel", {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}, texts + pieces),
        case("WordLevel, no unknown", {"type": "WordLevel", "vocab": without, "unk_token": "[UNK]"}, texts + pieces),
        case("WordLevel, bytes", {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}, texts + pieces, True),
    ]


def unigram_cases() -> list[dict]:
    rng = random.Random(3)
    cases = []

    def add(name: str, scores: list, unk_id: int | None, bytes_too: bool, strange: float, use_bytes: bool = False) -> None:
        model = {"type": "Unigram", "unk_id": unk_id, "vocab": scores, "byte_fallback": bytes_too}
        texts = random_pieces(rng, 24, strange) + ["<unk>", "a<unk>b", "x<unk>日", "<0x41>a"]
        cases.append(case(f"Unigram, {name}", model, texts, use_bytes))

    def vocab(score) -> list:
        tokens = list(ALPHABET)
        for _ in range(60):
            tokens.append("".join(rng.choice(ALPHABET) for _ in range(rng.randint(2, 5))))
        tokens += ["x日", "日x", "aa", "aaa"]
        return [["<unk>", 0.0], *([token, score(token)] for token in dict.fromkeys(tokens))]

    add("random scores", vocab(lambda _: -rng.random() * 10), 0, False, 0.05)
    add("many ties", vocab(lambda _: -float(rng.randint(1, 3))), 0, False, 0.05)
    add("ties in decimals", vocab(lambda token: -0.1 * len(token)), 0, False, 0.05)
    add("positive scores", vocab(lambda _: rng.random()), 0, False, 0.1)
    add("unlikely tokens", vocab(lambda token: -100.0 if len(token) > 1 else -1.0), 0, False, 0.4)
    add("no unknown", vocab(lambda _: -rng.random())[1:], None, False, 0.01)
    with_bytes = vocab(lambda _: -rng.random() * 5)
    add("bytes", with_bytes + [[token, -8.0] for token in BYTES], 0, True, 0.3)
    add("some bytes", with_bytes + [[token, -8.0] for token in BYTES[:0xC5]], 0, True, 0.3)
    add("in the byte alphabet", with_bytes, 0, False, 0.05, True)
    return cases


def trained_cases() -> list[dict]:
    corpus = HARD + random_strings(11, 200) + words_corpus(12, 60, "etaoinshrdlu", 200)
    texts = HARD + random_strings(13, 12)
    spaces = pre_tokenizers.Sequence([pre_tokenizers.Split(" ", "merged_with_next")])
    trained = []
    for name, model, trainer in [
        ("BPE", models.BPE(unk_token="<unk>", fuse_unk=True), trainers.BpeTrainer(vocab_size=350, special_tokens=["<unk>"], show_progress=False)),
        ("WordPiece", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=350, special_tokens=["[UNK]"], show_progress=False)),
        ("Unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=350, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False)),
    ]:
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = spaces
        tokenizer.train_from_iterator(corpus, trainer)
        trained.append(case(f"{name}, trained", json.loads(tokenizer.to_str())["model"], texts))
    return trained


cases = bpe_cases() + word_cases() + unigram_cases() + trained_cases()
path = GOLDEN / "models.json"
path.write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, len(cases), sum(len(case["texts"]) for case in cases))
