"""Training of unigram vocabularies, ours beside sentencepiece's trainer with one thread: the time that a new process
takes, with the reading of the texts, and how probable held-out text is with the vocabulary.

    python tools/golden/tokenizer/unigram_speed.py shared/data [rounds]
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sentencepiece
from held_out import BOOKS, book_lines, log_probability

HERE = Path(__file__).parent
OURS = ["node", "--conditions=@heddle/source", "--import", "tsx", str(HERE / "train_unigram.ts")]
THEIRS = [sys.executable, "-c", """
import sys, sentencepiece
lines, vocab_size, model = sys.argv[1:]
sentencepiece.SentencePieceTrainer.train(
    input=lines, model_prefix=model, vocab_size=int(vocab_size), model_type="unigram", num_threads=1,
    normalization_rule_name="identity", max_sentence_length=1 << 20, minloglevel=2,
)
"""]


def timed(command: list[str]) -> tuple[float, float]:
    """Wall-clock and processor seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=HERE)
    wall = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


data = Path(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
english = sorted(str(path.relative_to(data / "pretrain")) for path in (data / "pretrain/books_en/train").glob("*.gz"))
CASES = [{**BOOKS[0], "train": english}, BOOKS[1]]
for case in CASES:
    with tempfile.TemporaryDirectory() as folder:
        lines, ours, theirs = (str(Path(folder, name)) for name in ("lines.txt", "ours.json", "theirs"))
        Path(lines).write_text("\n".join(book_lines(data, case["train"])) + "\n")
        size = str(case["vocabSize"])
        times = {"ours": [], "sentencepiece": []}
        for _ in range(rounds):
            times["ours"].append(timed([*OURS, lines, size, ours]))
            times["sentencepiece"].append(timed([*THEIRS, lines, size, theirs]))
        processor = sentencepiece.SentencePieceProcessor(model_file=theirs + ".model")
        vocabs = {
            "ours": [tuple(entry) for entry in json.loads(Path(ours).read_text())],
            "sentencepiece": [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())],
        }
        held_out = book_lines(data, case["heldOut"])
        print(f"{case['name']}, {Path(lines).stat().st_size / 1e6:.1f} MB to {size} tokens, medians of {rounds} rounds")
        for name, vocab in vocabs.items():
            wall, processor_time = (statistics.median(values) for values in zip(*times[name]))
            print(f"  {name:14} {wall:6.2f} s, {processor_time:6.2f} s of processor time, {log_probability(vocab, held_out):.4f} per held-out character")
