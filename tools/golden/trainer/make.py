"""References for @heddle/trainer.

    python tools/golden/trainer/make.py          schedules of transformers and torch; a short training run of torch
    python tools/golden/trainer/make.py --check  reads the event file, which our tests write byte for byte,
                                                 with TensorBoard's own reader
"""

import json
import math
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parents[3] / "packages/trainer/test/golden"


def rates(make, steps: int, lr: float) -> list[float]:
    """The learning rates that a scheduler has after 1 ... steps of its own steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = make(optimizer)
    out = []
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        out.append(scheduler.get_last_lr()[0])
    return out


def schedules() -> list[dict]:
    import transformers as hf

    cases = []

    def add(kind, options, steps, make):
        cases.append({"kind": kind, "options": options, "steps": steps, "rates": rates(make, steps, options["lr"])})

    add("constant", {"lr": 0.3, "warmup": 7}, 20, lambda o: hf.get_constant_schedule_with_warmup(o, 7))
    add("linear", {"lr": 0.3, "warmup": 7}, 20, lambda o: hf.get_linear_schedule_with_warmup(o, 7, 20))
    add("linear", {"lr": 1e-3}, 13, lambda o: hf.get_linear_schedule_with_warmup(o, 0, 13))
    add("cosine", {"lr": 3e-4, "warmup": 10}, 100, lambda o: hf.get_cosine_schedule_with_warmup(o, 10, 100))
    add("cosine", {"lr": 6e-4, "minLr": 6e-5}, 50, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 50, eta_min=6e-5))
    add("wsd", {"lr": 1e-2, "warmup": 5, "decay": 12, "shape": "linear"}, 40,
        lambda o: hf.get_wsd_schedule(o, num_warmup_steps=5, num_decay_steps=12, num_training_steps=40, decay_type="linear"))
    add("wsd", {"lr": 1e-2, "warmup": 5, "decay": 12, "shape": "1-sqrt"}, 40,
        lambda o: hf.get_wsd_schedule(o, num_warmup_steps=5, num_decay_steps=12, num_training_steps=40, decay_type="1-sqrt"))
    return cases


def run() -> dict:
    """Ten AdamW steps of a small classifier: micro-batches of unequal size, clipping, warm-up and cosine."""
    torch.manual_seed(1)
    params = {"w1": torch.randn(4, 8) * 0.5, "b1": torch.zeros(8), "w2": torch.randn(8, 3) * 0.5, "b2": torch.zeros(3)}
    start = {k: v.tolist() for k, v in params.items()}
    for p in params.values():
        p.requires_grad_()
    decayed = [params["w1"], params["w2"]]
    rest = [params["b1"], params["b2"]]
    lr, warmup, steps, clip = 0.05, 3, 10, 0.25
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=lr, betas=(0.9, 0.95), eps=1e-8
    )
    batches, losses, norms = [], [], []
    for step in range(1, steps + 1):
        total, count = torch.zeros(()), 0
        for rows in (5, 1, 3):
            x, y = torch.randn(rows, 4), torch.randint(0, 3, (rows,))
            batches.append({"inputs": x.flatten().tolist(), "labels": y.tolist()})
            logits = torch.tanh(x @ params["w1"] + params["b1"]) @ params["w2"] + params["b2"]
            total = total + torch.nn.functional.cross_entropy(logits, y, reduction="sum")
            count += rows
        optimizer.zero_grad()
        (total / count).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(params.values()), clip).item())
        rate = lr * step / warmup if step < warmup else lr * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        losses.append((total / count).item())
    return {
        "lr": lr, "warmup": warmup, "steps": steps, "clip": clip,
        "start": start, "batches": batches, "losses": losses, "norms": norms,
        "end": {k: v.detach().tolist() for k, v in params.items()},
    }


def check() -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = HERE / "tensorboard"
    events = EventAccumulator(str(folder))
    events.Reload()
    got = {tag: [(e.wall_time, e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    f32 = lambda x: torch.tensor(x).item()
    # The first file ends with step 300; the second goes on after step 200.
    expected = {
        "train/loss": [(1700000001.5, 100, f32(2.5)), (1700000001.5, 200, f32(1.25)), (1700000099.5, 300, f32(1.125))],
        "train/größe": [(1700000001.5, 100, f32(-0.1))],
        "validation/loss": [(1700000001.5, 200, f32(1.5))],
    }
    assert got == expected, got
    print("event files: as expected")


if __name__ == "__main__":
    if "--check" in sys.argv:
        check()
    else:
        HERE.mkdir(parents=True, exist_ok=True)
        (HERE / "schedules.json").write_text(json.dumps(schedules()) + "\n")
        (HERE / "run.json").write_text(json.dumps(run()) + "\n")
