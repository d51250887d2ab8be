"""Ten steps of each optimizer and gradient clipping, made with PyTorch in float64.

    python tools/golden/tensor/optimizers.py

writes packages/tensor/test/golden/optimizers.json. Lion is not in PyTorch: its steps follow algorithm 2
of Chen et al. 2023, written out here.
"""

import json
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parents[3] / "packages/tensor/test/golden/optimizers.json"
STEPS = 10
generator = torch.Generator().manual_seed(7)


def rounded(*shape, scale=1.0):
    x = torch.randn(shape, generator=generator, dtype=torch.float64) * scale
    return (x * 1e4).round().div(1e4).to(torch.float32).to(torch.float64)


def numbers(x):
    return [float(f"{v:.8g}") for v in x.detach().flatten().tolist()]


START = {"weight": rounded(3, 4), "bias": rounded(4)}
GRADS = [{name: rounded(*x.shape, scale=0.5) for name, x in START.items()} for _ in range(STEPS)]
RATES = [0.01 * (i + 1) / STEPS for i in range(STEPS)]


def torch_run(make):
    params = {name: torch.nn.Parameter(x.clone()) for name, x in START.items()}
    optimizer = make(params)
    after = []
    for grads, lr in zip(GRADS, RATES):
        for group in optimizer.param_groups:
            group["lr"] = lr
        for name, p in params.items():
            p.grad = grads[name].clone()
        optimizer.step()
        after.append({name: numbers(p) for name, p in params.items()})
    return after


def lion_run(beta1, beta2, decay):
    params = {name: x.clone() for name, x in START.items()}
    momentum = {name: torch.zeros_like(x) for name, x in START.items()}
    after = []
    for grads, lr in zip(GRADS, RATES):
        for name, g in grads.items():
            c = beta1 * momentum[name] + (1 - beta1) * g
            params[name] -= lr * (c.sign() + decay * params[name])
            momentum[name] = beta2 * momentum[name] + (1 - beta2) * g
        after.append({name: numbers(p) for name, p in params.items()})
    return after


def adamw(**options):
    return torch_run(lambda params: torch.optim.AdamW(params.values(), **options))


def sgd(**options):
    return torch_run(lambda params: torch.optim.SGD(params.values(), lr=0.1, **options))


def clip(max_norm):
    params = {name: torch.nn.Parameter(x.clone()) for name, x in START.items()}
    for name, p in params.items():
        p.grad = GRADS[0][name].clone()
    norm = torch.nn.utils.clip_grad_norm_(params.values(), max_norm)
    return {
        "maxNorm": max_norm,
        "norm": float(f"{norm.item():.9g}"),
        "clipped": {name: numbers(p.grad) for name, p in params.items()},
    }


if __name__ == "__main__":
    decayed = lambda params: torch.optim.AdamW(
        [{"params": [params["weight"]], "weight_decay": 0.1}, {"params": [params["bias"]], "weight_decay": 0.0}]
    )
    runs = [
        {"optimizer": "adamw", "options": {}, "decayAll": True, "after": adamw(weight_decay=0.01)},
        {
            "optimizer": "adamw",
            "options": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0.2},
            "decayAll": True,
            "after": adamw(betas=(0.8, 0.95), eps=1e-6, weight_decay=0.2),
        },
        {"optimizer": "adamw", "options": {"weightDecay": 0.1}, "decayAll": False, "after": torch_run(decayed)},
        {"optimizer": "sgd", "options": {}, "after": sgd()},
        {"optimizer": "sgd", "options": {"weightDecay": 0.1}, "after": sgd(weight_decay=0.1)},
        {"optimizer": "sgd", "options": {"momentum": 0.9}, "after": sgd(momentum=0.9)},
        {
            "optimizer": "sgd",
            "options": {"momentum": 0.9, "nesterov": True, "weightDecay": 0.05},
            "after": sgd(momentum=0.9, nesterov=True, weight_decay=0.05),
        },
        {"optimizer": "lion", "options": {}, "decayAll": True, "after": lion_run(0.9, 0.99, 0.0)},
        {
            "optimizer": "lion",
            "options": {"beta1": 0.95, "beta2": 0.98, "weightDecay": 0.3},
            "decayAll": True,
            "after": lion_run(0.95, 0.98, 0.3),
        },
    ]
    result = {
        "about": {"torch": torch.__version__, "script": "tools/golden/tensor/optimizers.py"},
        "start": {name: {"shape": list(x.shape), "f32": numbers(x)} for name, x in START.items()},
        "grads": [{name: numbers(g) for name, g in grads.items()} for grads in GRADS],
        "rates": RATES,
        "runs": runs,
        "clip": [clip(0.5), clip(100.0)],
    }
    OUT.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(f"{OUT.stat().st_size // 1024} KiB: {OUT}")
