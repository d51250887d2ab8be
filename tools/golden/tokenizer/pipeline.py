"""What surrounds a model: added tokens, post-processors, pairs, truncation, padding, decoders.

    python tools/golden/tokenizer/pipeline.py > packages/tokenizer/test/golden/pipeline.json
"""

import json
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORDS = "[UNK] [CLS] [SEP] [PAD] a loom weaves threads over under and the warp weft shuttle ##s ##ing un ##der . , ! ' t do not n't".split()
PIECES = ["<unk>", "<s>", "</s>", "▁", "▁a", "▁loom", "▁weaves", "a", "b", "<0xC3>", "<0xA9>", "<0xE2>", "<0x82>", "<0xAC>", "▁é", "s"]

TEXTS = [
    "",
    " ",
    "a loom weaves threads over and under the warp",
    "the shuttles , weaving . do n't !",
    "  two  spaces  around <mask> here ",
    "x<mask>y <mask>",
    "wordtok tok word tokword tok",
    "[CLS] inside [SEP] a text",
    "UPPER Upper <SPECIAL> <special>",
    "emoji 🧵 and é ﬁ <mask>🧵",
]
PAIRS = [
    ("a loom weaves", "threads over and under the warp"),
    ("", "the warp"),
    ("threads over under and the warp weft", "a"),
]


def word_piece():
    t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    return t


def word_level():
    t = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    return t


def cases():
    bert = word_piece()
    bert.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    yield "bert", bert, {}
    template = word_piece()
    template.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1 [CLS]:2", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    yield "template", template, {}
    flags = word_level()
    flags.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True)])
    flags.add_tokens([AddedToken("tok", single_word=True), AddedToken("<special>", normalized=True), AddedToken("é", normalized=True)])
    flags.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    yield "flags", flags, {}
    left = word_level()
    left.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    left.add_tokens([AddedToken("tok", rstrip=True)])
    yield "left", left, {}
    roberta = word_level()
    roberta.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    roberta.decoder = decoders.ByteLevel()
    roberta.model = models.BPE({**{c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, "th": 256, "Ġth": 257, "<s>": 258, "</s>": 259}, [("t", "h"), ("Ġ", "th")])
    roberta.add_special_tokens(["<s>", "</s>"])
    roberta.post_processor = processors.RobertaProcessing(("</s>", 259), ("<s>", 258), trim_offsets=True, add_prefix_space=True)
    yield "roberta", roberta, {}
    llama3 = Tokenizer.from_str(roberta.to_str())
    llama3.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 258)]),
    ])
    yield "llama3", llama3, {}
    pieces = Tokenizer(models.BPE({p: i for i, p in enumerate(PIECES)}, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    pieces.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    pieces.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    pieces.add_special_tokens(["<unk>", "<s>", "</s>"])
    yield "pieces", pieces, {}
    for name, strategy, direction, stride, length in [
        ("longest", "longest_first", "right", 0, 8),
        ("stride", "only_second", "right", 2, 9),
        ("left stride", "only_second", "left", 1, 8),
        ("first", "only_first", "right", 1, 6),
    ]:
        cut = Tokenizer.from_str(bert.to_str())
        cut.enable_truncation(length, stride=stride, strategy=strategy, direction=direction)
        yield f"truncation {name}", cut, {}
    for name, options in [
        ("fixed", dict(length=12, pad_id=3, pad_token="[PAD]")),
        ("left", dict(length=12, pad_id=3, pad_token="[PAD]", direction="left", pad_type_id=1)),
        ("multiple", dict(pad_to_multiple_of=8, pad_id=3, pad_token="[PAD]")),
    ]:
        filled = Tokenizer.from_str(bert.to_str())
        filled.enable_padding(**options)
        yield f"padding {name}", filled, {}


def decoder_cases():
    tokens = ["▁a", "##s", "loom</w>", "▁we", "aves", "<0xE2>", "<0x82>", "<0xAC>", "<0xE2>", ".", "|", "|", "<pad>", "do", "not", "Ġth", "é", "  x  "]
    for d in [
        decoders.ByteLevel(),
        decoders.WordPiece(),
        decoders.WordPiece("##", False),
        decoders.Metaspace(),
        decoders.Metaspace("▁", "never"),
        decoders.BPEDecoder(),
        decoders.CTC(),
        decoders.CTC("<pad>", "|", False),
        decoders.Replace("▁", "_"),
        decoders.Fuse(),
        decoders.Strip(" ", 1, 1),
        decoders.Strip(" ", 0, 3),
        decoders.ByteFallback(),
        decoders.Sequence([decoders.ByteFallback(), decoders.Fuse(), decoders.Strip("▁", 1, 0)]),
    ]:
        yield {"decoder": json.loads(d.__getstate__()), "tokens": tokens, "text": d.decode(tokens)}


def shown(e):
    return {
        "ids": e.ids,
        "typeIds": e.type_ids,
        "offsets": [n for pair in e.offsets for n in pair],
        "attentionMask": e.attention_mask,
        "specialTokensMask": e.special_tokens_mask,
        "overflow": [{"ids": o.ids, "typeIds": o.type_ids, "offsets": [n for p in o.offsets for n in p]} for o in e.overflowing],
    }


def main():
    found = []
    for name, t, _ in cases():
        inputs = [(text, None) for text in TEXTS] + PAIRS
        encodings = []
        for text, pair in inputs:
            for add in (True, False):
                try:
                    e = t.encode(text, pair, add_special_tokens=add)
                except BaseException:
                    continue
                encodings.append({
                    "text": text,
                    "pair": pair,
                    "addSpecialTokens": add,
                    **shown(e),
                    "decoded": t.decode(e.ids, skip_special_tokens=True),
                    "decodedAll": t.decode(e.ids, skip_special_tokens=False),
                })
        found.append({"name": name, "tokenizer": json.loads(t.to_str()), "encodings": encodings})
    json.dump({"cases": found, "decoders": list(decoder_cases())}, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


main()
