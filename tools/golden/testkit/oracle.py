"""Golden values of the oracle of @heddle/testkit, made with PyTorch in float64.

    python tools/golden/testkit/oracle.py

writes packages/testkit/test/golden/oracle.json: for each case the operation, its inputs and its outputs.
Backward operations are the gradients that autograd gives of sum(output * dy).
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[3] / "packages/testkit/test/golden/oracle.json"
generator = torch.Generator().manual_seed(3)
cases = []


def normal(*shape, scale=1.0, shift=0.0):
    x = torch.randn(shape, generator=generator, dtype=torch.float64) * scale + shift
    return (x * 1e4).round() / 1e4


def value(x):
    dtype = "f32" if x.is_floating_point() else "i32"
    return {"dtype": dtype, "shape": list(x.shape), "data": x.detach().flatten().tolist()}


def case(op, inputs, outputs):
    cases.append({"op": op, "inputs": [value(x) for x in inputs], "outputs": [value(x) for x in outputs]})


def pair(op, backward, f, inputs, extra=(), saved=lambda inputs, results: inputs):
    """A forward case and its backward case; `f` gives the outputs, the first is differentiated."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    results = f(*leaves)
    dy = normal(*results[0].shape)
    case(op, [*inputs, *extra], results)
    gradients = torch.autograd.grad((results[0] * dy).sum(), leaves)
    case(backward, saved(inputs, results, dy), gradients)


for kind in ["exp", "sin", "cos", "tanh", "erf", "floor", "sign", "neg", "abs"]:
    x = normal(9, scale=2)
    case({"kind": kind}, [x], [getattr(torch, kind)(x)])
for kind in ["log", "sqrt", "rsqrt"]:
    x = normal(9).abs() + 0.1
    case({"kind": kind}, [x], [getattr(torch, kind)(x)])

for approximate in ["none", "tanh"]:
    pair(
        {"kind": "gelu", "approximate": approximate},
        {"kind": "geluBackward", "approximate": approximate},
        lambda x: (F.gelu(x, approximate=approximate),),
        [normal(11, scale=2)],
        saved=lambda inputs, results, dy: [*inputs, dy],
    )
pair(
    {"kind": "swiglu"},
    {"kind": "swigluBackward"},
    lambda gate, up: (F.silu(gate) * up,),
    [normal(7, scale=2), normal(7)],
    saved=lambda inputs, results, dy: [*inputs, dy],
)
pair(
    {"kind": "softmax"},
    {"kind": "softmaxBackward"},
    lambda x: (torch.softmax(x, -1),),
    [normal(3, 5, scale=2)],
    saved=lambda inputs, results, dy: [results[0], dy],
)


def layer_norm(x, gain, bias):
    mean = x.mean(-1)
    rstd = (x.var(-1, unbiased=False) + 1e-5).rsqrt()
    return F.layer_norm(x, x.shape[-1:], gain, bias, 1e-5), mean, rstd


pair(
    {"kind": "layerNorm", "epsilon": 1e-5},
    {"kind": "layerNormBackward"},
    layer_norm,
    [normal(4, 6, shift=2), normal(6), normal(6)],
    saved=lambda inputs, results, dy: [inputs[0], inputs[1], results[1], results[2], dy],
)
pair(
    {"kind": "rmsNorm", "epsilon": 1e-6},
    {"kind": "rmsNormBackward"},
    lambda x, gain: (F.rms_norm(x, x.shape[-1:], gain, 1e-6), (x.square().mean(-1) + 1e-6).rsqrt()),
    [normal(4, 6), normal(6)],
    saved=lambda inputs, results, dy: [inputs[0], inputs[1], results[1], dy],
)
x, w, b = normal(3, 4), normal(5, 4), normal(5)
case({"kind": "linear", "transposeWeight": True, "bias": True, "residual": False}, [x, w, b], [F.linear(x, w, b)])


def rotate_half(x):  # as in the Llama of transformers
    a, b = x.chunk(2, -1)
    return torch.cat((-b, a), -1)


x, angle = normal(2, 3, 2, 6), normal(1, 3, 3, scale=2)
cos, sin = angle.cos(), angle.sin()
full = [torch.cat((t, t), -1)[:, :, None, :] for t in (cos, sin)]
case({"kind": "rope", "inverse": False}, [x, cos, sin], [x * full[0] + rotate_half(x) * full[1]])


def attention(T, S, H, G, D, causal, window=None, segments=False):
    i, j = torch.arange(T)[:, None] + S - T, torch.arange(S)[None, :]
    mask = torch.ones(2, T, S, dtype=torch.bool)
    if causal:
        mask &= j <= i
    if window is not None:
        mask &= j > i - window
    ids = ()
    if segments:
        ids = [torch.tensor([[p // 3 for p in range(n)], [p // 4 for p in range(n)]]) for n in (T, S)]
        mask &= ids[0][:, :, None] == ids[1][:, None, :]
    scale = 0.4

    def f(q, k, v):
        q, k, v = (t.transpose(1, 2) for t in (q, k, v))
        k, v = (t.repeat_interleave(H // G, 1) for t in (k, v))
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None], scale=scale)
        scores = (q @ k.transpose(-1, -2) * scale).masked_fill(~mask[:, None], -torch.inf)
        return out.transpose(1, 2).contiguous(), scores.logsumexp(-1)

    op = {"causal": causal, "scale": scale, **({"window": window} if window is not None else {})}
    pair(
        {"kind": "attention", **op},
        {"kind": "attentionBackward", **op},
        f,
        [normal(2, T, H, D), normal(2, S, G, D), normal(2, S, G, D)],
        extra=ids,
        saved=lambda inputs, results, dy: [*inputs, *results, dy, *ids],
    )


attention(4, 4, 2, 2, 3, False)
attention(5, 5, 4, 2, 3, True)
attention(3, 6, 2, 1, 4, True)
attention(6, 6, 2, 2, 3, True, window=2)
attention(6, 6, 2, 1, 3, True, segments=True)

targets = torch.tensor([1, 0, 4, -100, 2], dtype=torch.int32)
logits = normal(5, 5, scale=2).requires_grad_()
loss = F.cross_entropy(logits, targets.long(), ignore_index=-100, reduction="none")
lse, dloss = logits.logsumexp(-1), normal(5)
op = {"ignoreIndex": -100}
case({"kind": "crossEntropy", **op}, [logits, targets], [loss, lse])
gradient = torch.autograd.grad((loss * dloss).sum(), logits)
case({"kind": "crossEntropyBackward", **op}, [logits, targets, lse, dloss], gradient)

options = {"lr": 3e-3, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.1}
p = torch.nn.Parameter(normal(6))
optimizer = torch.optim.AdamW([p], **options)
m, v = torch.zeros(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)
for step in [1, 2, 3]:
    before = [p.detach().clone(), m.clone(), v.clone()]
    g = normal(6)
    p.grad = 0.5 * g
    optimizer.step()
    m, v = optimizer.state[p]["exp_avg"], optimizer.state[p]["exp_avg_sq"]
    case(
        {
            "kind": "adamw", "lr": 3e-3, "beta1": 0.9, "beta2": 0.95,
            "epsilon": 1e-8, "weightDecay": 0.1, "step": step,
        },
        [torch.tensor(0.5, dtype=torch.float64), before[0], g, before[1], before[2]],
        [p, m, v],
    )

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
