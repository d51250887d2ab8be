"""Fixtures for @heddle/tensor/safetensors, both ways.

    python tools/golden/safetensors/make.py          writes python.safetensors and its values
    python tools/golden/safetensors/make.py --check  reads heddle.safetensors, which our tests write
                                                     byte for byte, with the reference library
"""

import json
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parents[3] / "packages/tensor/test/golden/safetensors"


def make() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    f16 = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 6.1e-5, 0.333251953125, float("inf"), float("-inf"), float("nan")])
    tensors = {
        "weight": torch.randn(3, 4),
        "half": f16.half(),
        "brain": torch.randn(2, 3).bfloat16(),
        "ids": torch.tensor([[1, -2], [2**31 - 1, -(2**31)]], dtype=torch.int32),
        "long": torch.tensor([0, 7, -(2**31), 2**31 - 1], dtype=torch.int64),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 5),
        "größe/层 \"q\"": torch.arange(2, dtype=torch.float32),
        "hasOwnProperty": torch.ones(1),
    }
    save_file(tensors, HERE / "python.safetensors", metadata={"format": "pt", "note": "ü"})
    wide = {
        name: {"shape": list(t.shape), "dtype": "i32" if t.dtype in (torch.int32, torch.int64) else "f32",
               "values": [repr(v) for v in t.flatten().to(torch.float64 if t.is_floating_point() else torch.int64).tolist()]}
        for name, t in tensors.items()
    }
    (HERE / "python.json").write_text(json.dumps(wide, indent=1, ensure_ascii=False) + "\n")


def check() -> None:
    expected = {
        "b.second": torch.tensor([[1.5, -0.25], [3e38, 1e-40]]),
        "a.first": torch.tensor([1, -1, 2**31 - 1], dtype=torch.int32),
        "scalar": torch.tensor(0.1),
        "empty": torch.zeros(0, 2),
        "ключ": torch.tensor([2.0]),
    }
    with safe_open(HERE / "heddle.safetensors", framework="pt") as f:
        assert set(f.keys()) == set(expected), list(f.keys())
        assert f.metadata() == {"format": "pt", "made-by": "heddle"}, f.metadata()
        for name, t in expected.items():
            got = f.get_tensor(name)
            assert got.dtype == t.dtype and got.shape == t.shape and torch.equal(got, t), name
    print("heddle.safetensors: as expected")


if __name__ == "__main__":
    check() if "--check" in sys.argv else make()
