"""Checks that transformers loads what `saveModel` wrote and computes the same logits.

    npx tsx --conditions=@heddle/source tools/golden/transformer/export.ts /tmp/exported
    python tools/golden/transformer/check_export.py /tmp/exported

Each folder under the argument is a saved model with an expected.json: { ids, rows, length, logits },
computed by Heddle, and, where there is a tokenizer.json, { text, textIds }.
"""

import json
import os
import sys
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer, GenerationConfig


def check(folder):
    expected = json.loads((folder / "expected.json").read_text())
    model_type = json.loads((folder / "config.json").read_text())["model_type"]
    auto = AutoModelForMaskedLM if model_type == "bert" else AutoModelForCausalLM
    model, info = auto.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[problem], f"{folder}: {problem} {info[problem]}"
    ids = torch.tensor(expected["ids"]).view(expected["rows"], expected["length"])
    with torch.no_grad():
        logits = model.eval().double()(input_ids=ids).logits.flatten()
    ours = torch.tensor(expected["logits"], dtype=torch.float64)
    error = ((logits - ours).norm() / logits.norm()).item()
    assert error < 1e-5, f"{folder}: logits differ by {error}"
    if (folder / "generation_config.json").exists():
        GenerationConfig.from_pretrained(folder)
    if (folder / "tokenizer.json").exists():
        ids = AutoTokenizer.from_pretrained(folder)(expected["text"])["input_ids"]
        assert ids == expected["textIds"], f"{folder}: {ids} != {expected['textIds']}"
    print(f"{folder.name}: {type(model).__name__}, logits within {error:.1e}")


if __name__ == "__main__":
    folders = sorted(p.parent for p in Path(sys.argv[1]).glob("*/expected.json"))
    assert folders, f"no */expected.json in {sys.argv[1]}"
    for folder in folders:
        check(folder)
