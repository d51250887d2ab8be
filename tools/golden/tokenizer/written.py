"""That the files we write are read by the libraries they are for, and the ids that these give: OpenAI's tiktoken, Google's
sentencepiece, transformers' BertTokenizer and GPT2Tokenizer. Of the files only digests are kept.

    npx tsx --conditions @heddle/source tools/golden/tokenizer/written_files.ts files.json
    python tools/golden/tokenizer/written.py files.json
"""

import base64
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import sentencepiece
import tiktoken
import tiktoken.load
from transformers import BertTokenizer, GPT2Tokenizer

GOLDEN = Path(__file__).parents[3] / "packages/tokenizer/test/golden"
GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def encoder(name: str, library: str, file: bytes, folder: Path):
    if library == "sentencepiece":
        return sentencepiece.SentencePieceProcessor(model_proto=file).encode
    if library == "tiktoken":
        path = folder / "file.tiktoken"
        path.write_bytes(file)
        ranks = tiktoken.load.load_tiktoken_bpe(str(path))
        pattern = CL100K if name == "cl100k" else GPT2
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        return lambda text: encoding.encode(text, disallowed_special=())
    if library == "bert":
        path = folder / "vocab.txt"
        path.write_bytes(file)
        bert = BertTokenizer(vocab=str(path))
        return lambda text: bert.encode(text, split_special_tokens=True)
    for key, content in json.loads(file).items():
        (folder / key).write_text(content)
    gpt2 = GPT2Tokenizer(vocab=str(folder / "vocab"), merges=str(folder / "merges"))
    return lambda text: gpt2.encode(text, split_special_tokens=True)


texts = json.loads((GOLDEN / "formats.json").read_text())["texts"]
golden = []
for case in json.loads(Path(sys.argv[1]).read_text()):
    file = base64.b64decode(case["file"])
    with tempfile.TemporaryDirectory() as folder:
        encode = encoder(case["name"], case["library"], file, Path(folder))
        ids = [encode(text) for text in texts]
    golden.append({"name": case["name"], "library": case["library"], "sha256": hashlib.sha256(file).hexdigest(), "ids": ids})
path = GOLDEN / "written.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size)
