"""Golden values of every operation of @heddle/tensor, forward and gradients, made with PyTorch.

    python tools/golden/tensor/ops.py

writes packages/tensor/test/golden/ops.json. Inputs are f32 numbers of four decimals; PyTorch computes
in float64, so that the results judge and are not judged. Each case holds the inputs, a random `dy`,
the output, and the gradients of sum(output * dy) by every floating input.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[3] / "packages/tensor/test/golden/ops.json"
generator = torch.Generator().manual_seed(20240607)
cases = []


def normal(*shape, scale=1.0, shift=0.0):
    x = torch.randn(shape, generator=generator, dtype=torch.float64) * scale + shift
    return rounded(x)


def rounded(x):
    return (x * 1e4).round().div(1e4).to(torch.float32).to(torch.float64)


def positive(*shape):
    return rounded(torch.rand(shape, generator=generator, dtype=torch.float64) * 2 + 0.3)


def spaced(*shape, offset=0.15):
    """Distinct numbers 0.3 apart, none near 0: no kink of abs, relu, max between neighbours."""
    size = math.prod(shape)
    x = torch.randperm(size, generator=generator).to(torch.float64) - size // 2
    return rounded((x * 0.3 + offset).reshape(shape))


def ints(high, *shape):
    return torch.randint(0, high, shape, generator=generator)


def dump(x):
    shape = list(x.shape)
    if not x.is_floating_point():
        return {"shape": shape, "i32": x.to(torch.int64).flatten().tolist()}
    values = [float(f"{v:.8g}") for v in x.detach().flatten().tolist()]
    return {"shape": shape, "f32": [v if math.isfinite(v) else str(v) for v in values]}


def case(op, fn, options=None, note=None, constants=(), **inputs):
    """Adds the case fn(**inputs); `constants` names floating inputs without gradient."""
    leaves = {
        name: x.clone().requires_grad_()
        for name, x in inputs.items()
        if x.is_floating_point() and name not in constants
    }
    y = fn(**{**inputs, **leaves})
    ys = list(y) if isinstance(y, (list, tuple)) else [y]
    record = {
        "op": op,
        "note": note or ", ".join(str(list(x.shape)) for x in inputs.values()),
        "options": options or {},
        "inputs": {name: dump(x) for name, x in inputs.items()},
        "outputs": [dump(one) for one in ys],
    }
    if any(one.requires_grad for one in ys):
        dys = [normal(*one.shape) for one in ys]
        total = sum((one * dy).sum() for one, dy in zip(ys, dys))
        grads = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        record["dys"] = [dump(dy) for dy in dys]
        record["grads"] = {
            name: dump(torch.zeros_like(x) if g is None else g)
            for (name, x), g in zip(leaves.items(), grads)
        }
    cases.append(record)


def shapes(count=2):
    """Random shapes of rank 0 to 4."""
    result = [()]
    for _ in range(count):
        rank = int(ints(4, 1)) + 1
        result.append(tuple((ints(4, rank) + 1).tolist()))
    return result


def elementwise():
    smooth = {
        "neg": torch.neg, "exp": torch.exp, "sin": torch.sin, "cos": torch.cos, "tanh": torch.tanh,
        "erf": torch.erf, "square": torch.square, "sigmoid": torch.sigmoid, "silu": F.silu,
    }
    for op, fn in smooth.items():
        for shape in shapes():
            case(op, lambda x, fn=fn: fn(x), x=normal(*shape))
    for op, fn in {"log": torch.log, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt}.items():
        for shape in shapes():
            case(op, lambda x, fn=fn: fn(x), x=positive(*shape))
    kinked = {"abs": torch.abs, "sign": torch.sign, "floor": torch.floor, "relu": torch.relu}
    for op, fn in kinked.items():
        for shape in shapes():
            case(op, lambda x, fn=fn: fn(x), x=spaced(*shape))
    for approximate in ("none", "tanh"):
        for shape in shapes(3):
            case(
                "gelu", lambda x, a=approximate: F.gelu(x, approximate=a),
                {"approximate": approximate}, x=normal(*shape, scale=2.0),
            )
    for shape in shapes(3):
        case("swiglu", lambda gate, up: F.silu(gate) * up, gate=normal(*shape), up=normal(*shape))


BROADCASTS = [
    ((), ()), ((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((), (2, 3)), ((2, 3, 4), (1, 1, 1)),
    ((1, 4), (3, 1)), ((5,), (2, 2, 5)),
]


def binary():
    for a, b in BROADCASTS:
        case("add", lambda a, b: a + b, a=normal(*a), b=normal(*b))
        case("sub", lambda a, b: a - b, a=normal(*a), b=normal(*b))
        case("mul", lambda a, b: a * b, a=normal(*a), b=normal(*b))
        case("div", lambda a, b: a / b, a=normal(*a), b=positive(*b))
        case("pow", lambda a, b: a**b, a=positive(*a), b=normal(*b))
        case("maximum", lambda a, b: torch.maximum(a, b), a=spaced(*a), b=spaced(*b, offset=0.0))
        case("minimum", lambda a, b: torch.minimum(a, b), a=spaced(*a), b=spaced(*b, offset=0.0))
        case("less", lambda a, b: (a < b).int(), constants=("a", "b"), a=normal(*a), b=normal(*b))
        case("equal", lambda a, b: (a == b).int(), a=ints(2, *a), b=ints(2, *b))
        case("add", lambda a, b: a + b, a=ints(9, *a), b=ints(9, *b), note="integers")
        condition = ints(2, *a)
        case(
            "select", lambda condition, a, b: torch.where(condition != 0, a, b),
            condition=condition, a=normal(*b), b=normal(*a),
        )
    tie = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    other = torch.tensor([1.0, 5.0, 0.0], dtype=torch.float64)
    case("maximum", lambda a, b: torch.maximum(a, b), a=tie, b=other, note="tie")
    case("minimum", lambda a, b: torch.minimum(a, b), a=tie, b=other, note="tie")
    zero = torch.tensor([0.0, 0.0, 2.0], dtype=torch.float64)
    case("pow", lambda a, b: a**b, a=zero, b=torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64), note="zeros")


def reductions():
    for shape, axes in [((), ()), ((4,), (0,)), ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1,)), ((2, 3, 4), None)]:
        for keep in (False, True):
            chosen = tuple(range(len(shape))) if axes is None else axes
            options = {"keepDims": keep} | ({} if axes is None else {"axes": list(axes)})
            if chosen:
                case("sum", lambda x, d=chosen, k=keep: x.sum(d, keepdim=k), options, x=normal(*shape))
                case("mean", lambda x, d=chosen, k=keep: x.mean(d, keepdim=k), options, x=normal(*shape))
                case("max", lambda x, d=chosen, k=keep: x.amax(d, keepdim=k), options, x=spaced(*shape))
            else:
                case("sum", lambda x: x * 1, options, x=normal(*shape))
    tie = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], dtype=torch.float64)
    case("max", lambda x: x.amax(-1), {"axes": [-1]}, x=tie, note="tie")
    case("argMax", lambda x: x.argmax(-1), constants=("x",), x=normal(2, 3, 5))
    case("argMax", lambda x: x.argmax(-1), x=ints(3, 4, 7))


def layout():
    case("reshape", lambda x: x.reshape(6, 4), {"shape": [6, -1]}, x=normal(2, 3, 4))
    case("reshape", lambda x: x.reshape(()), {"shape": []}, x=normal(1, 1))
    case("permute", lambda x: x.permute(2, 0, 3, 1), {"axes": [2, 0, 3, 1]}, x=normal(2, 3, 4, 5))
    case("permute", lambda x: x.permute(1, 0), {"axes": [-1, 0]}, x=normal(3, 4))
    case("transpose", lambda x: x.transpose(-1, -2), x=normal(2, 3, 4))
    case("slice", lambda x: x[1:3, :, 2:5], {"start": [1, 0, 2], "size": [2, 3, 3]}, x=normal(4, 3, 6))
    case("pad", lambda x: F.pad(x, (2, 0, 1, 3), value=0.5), {"before": [1, 2], "after": [3, 0], "value": 0.5}, x=normal(2, 3))
    case("concat", lambda a, b, c: torch.cat([a, b, c], 1), {"axis": 1}, a=normal(2, 3, 2), b=normal(2, 1, 2), c=normal(2, 4, 2))
    case("concat", lambda a, b, c: torch.cat([a, b, c], -1), {"axis": -1}, a=normal(4), b=normal(1), c=normal(2))
    case("split", lambda x: x.split([2, 3, 1], -1), {"pieces": [2, 3, 1]}, x=normal(3, 2, 6))
    case("split", lambda x: x.chunk(3, 1), {"pieces": 3, "axis": 1}, x=normal(2, 6, 2))
    case("broadcastTo", lambda x: x.expand(4, 2, 3), {"shape": [4, 2, 3]}, x=normal(2, 1))
    case("broadcastTo", lambda x: x.expand(2, 2), {"shape": [2, 2]}, x=normal())
    case("gather", lambda table, ids: table[ids], table=normal(5, 3, 2), ids=ints(5, 2, 4))
    case("gather", lambda table, ids: table[ids], table=normal(5), ids=ints(5, 7))
    case("embedding", lambda table, ids: F.embedding(ids, table), table=normal(6, 4), ids=ints(6, 3, 5))
    base = lambda base, ids, rows: base.index_put((ids,), rows, accumulate=True)
    case("scatterAdd", base, base=normal(4, 3), ids=ints(4, 2, 5), rows=normal(2, 5, 3))
    case("scatterAdd", base, base=normal(4), ids=ints(4, 9), rows=normal(9))


def products():
    for a, b in [
        ((3, 4), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (3, 4, 2)),
        ((3, 4), (2, 4, 5)), ((1, 3, 4), (2, 4, 5)), ((2, 2, 3, 1), (1, 1, 1, 4)), ((1, 1), (1, 1)),
    ]:
        for ta in (False, True):
            for tb in (False, True):
                left = normal(*(a[:-2] + (a[-1], a[-2]) if ta else a))
                right = normal(*(b[:-2] + (b[-1], b[-2]) if tb else b))
                case(
                    "matmul",
                    lambda a, b, ta=ta, tb=tb: (a.mT if ta else a) @ (b.mT if tb else b),
                    {"transposeA": ta, "transposeB": tb}, a=left, b=right,
                )
    for x in [(4,), (3, 4), (2, 3, 4), (2, 1, 3, 4)]:
        for transposed in (False, True):
            w = normal(*((5, 4) if transposed else (4, 5)))
            plain = lambda x, w, bias=0.0, t=transposed: x @ (w.mT if t else w) + bias
            case("linear", plain, {"transposeWeight": transposed}, x=normal(*x), w=w)
            case("linear", plain, {"transposeWeight": transposed}, x=normal(*x), w=w, bias=normal(5))


def feed_forward(activation, transposed, x, up, down, gate=None, ub=0.0, db=0.0, gb=0.0, residual=0.0):
    w = lambda m: m.mT if transposed else m
    before = x @ w(up) + ub
    if activation == "swiglu":
        hidden = F.silu(x @ w(gate) + gb) * before
    else:
        hidden = F.gelu(before, approximate="none" if activation == "gelu" else "tanh")
    return hidden @ w(down) + db + residual


def feed_forwards():
    """With the residual of `linear`, which belongs to the same family."""
    for transposed in (False, True):
        w = normal(*((5, 4) if transposed else (4, 5)))
        plain = lambda x, w, residual, bias=0.0, t=transposed: x @ (w.mT if t else w) + bias + residual
        options = {"transposeWeight": transposed}
        case("linear", plain, options, x=normal(2, 3, 4), w=w, residual=normal(2, 3, 5))
        case("linear", plain, options, x=normal(3, 4), w=w, bias=normal(5), residual=normal(3, 5))
        for activation in ("gelu", "geluTanh", "swiglu"):
            oriented = lambda i, o, t=transposed: normal(*((o, i) if t else (i, o)))
            gated = activation == "swiglu"
            for shape, biased, residual in (((3, 4), True, True), ((2, 3, 4), False, False)):
                inputs = {"x": normal(*shape), "up": oriented(4, 6), "down": oriented(6, 4)}
                if gated:
                    inputs["gate"] = oriented(4, 6)
                if biased:
                    inputs |= {"ub": normal(6), "db": normal(4)} | ({"gb": normal(6)} if gated else {})
                if residual:
                    inputs["residual"] = normal(*shape)
                case(
                    "feedForward",
                    lambda a=activation, t=transposed, **given: feed_forward(a, t, **given),
                    {"activation": activation, "transposeWeight": transposed},
                    **inputs,
                )


def rows():
    for shape in [(5,), (3, 7), (2, 3, 4), (2, 1)]:
        case("softmax", lambda x: x.softmax(-1), x=normal(*shape, scale=3.0))
        case("logSoftmax", lambda x: x.log_softmax(-1), x=normal(*shape, scale=3.0))
    case("softmax", lambda x: x.softmax(-1), x=normal(3, 5, scale=300.0), note="wide range")
    case("logSoftmax", lambda x: x.log_softmax(-1), x=normal(3, 5, scale=300.0), note="wide range")
    for shape in [(8,), (3, 6), (2, 3, 5)]:
        width = shape[-1]
        case(
            "layerNorm", lambda x, gain, bias, n=width: F.layer_norm(x, (n,), gain, bias, 1e-5),
            {"epsilon": 1e-5}, x=normal(*shape, shift=0.5), gain=normal(width, shift=1.0), bias=normal(width),
        )
        case(
            "rmsNorm", lambda x, gain, n=width: F.rms_norm(x, (n,), gain, 1e-6),
            {"epsilon": 1e-6}, x=normal(*shape), gain=normal(width, shift=1.0),
        )
    for shape, ignored in [((6,), -100), ((2, 4), -100), ((2, 4), 0)]:
        targets = ints(5, *shape)
        targets.view(-1)[1] = ignored
        case(
            "crossEntropy",
            lambda logits, targets, i=ignored: F.cross_entropy(
                logits.flatten(0, -2), targets.flatten(), ignore_index=i, reduction="none"
            ).reshape(targets.shape),
            {"ignoreIndex": ignored}, logits=normal(*shape, 5, scale=2.0), targets=targets,
        )
    wide = normal(3, 4, scale=200.0)
    case(
        "crossEntropy", lambda logits, targets: F.cross_entropy(logits, targets, reduction="none"),
        {}, logits=wide, targets=ints(4, 3), note="wide range",
    )


def rope(x, cos, sin):
    """transformers' apply_rotary_pos_emb, with heads on axis 2."""
    cos = torch.cat([cos, cos], -1).unsqueeze(2)
    sin = torch.cat([sin, sin], -1).unsqueeze(2)
    half = x.shape[-1] // 2
    rotated = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos + rotated * sin


def attention(q, k, v, causal, scale=None, window=None, queries=None, keys=None, count=None):
    count = k.shape[1] if count is None else count
    k, v = k[:, :count], v[:, :count]
    if keys is not None:
        keys = keys[:, :count]
    length = q.shape[1]
    i = torch.arange(length)[:, None] + count - length
    j = torch.arange(count)[None, :]
    mask = torch.ones(q.shape[0], 1, length, count, dtype=torch.bool)
    if causal:
        mask = mask & (j <= i)
    if window is not None:
        mask = mask & (j > i - window)
    if queries is not None:
        mask = mask & (queries[:, None, :, None] == keys[:, None, None, :])
    seen = mask.any(-1, keepdim=True)
    out = F.scaled_dot_product_attention(
        q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=mask | ~seen, scale=scale, enable_gqa=True
    )
    return torch.where(seen, out, 0).transpose(1, 2)  # a query that sees nothing gives zeros


def attentions():
    for batch in (1, 2):
        angle = normal(batch, 3, 2)
        case("rope", rope, constants=("cos", "sin"), x=normal(2, 3, 2, 4), cos=rounded(angle.cos()), sin=rounded(angle.sin()))
    plain = [
        # B, T, S, H, G, D, options
        (2, 5, 5, 2, 2, 4, {"causal": True}),
        (2, 4, 4, 2, 2, 3, {"causal": False}),
        (1, 1, 1, 1, 1, 2, {"causal": True}),
        (2, 3, 6, 4, 2, 4, {"causal": True}),
        (1, 5, 3, 4, 1, 2, {"causal": True}),
        (2, 6, 6, 6, 2, 2, {"causal": True, "window": 3}),
        (1, 4, 7, 2, 1, 4, {"causal": True, "window": 1}),
        (2, 5, 5, 2, 1, 4, {"causal": False, "scale": 0.3}),
    ]
    for b, t, s, h, g, d, options in plain:
        case(
            "attention", lambda q, k, v, o=options: attention(q, k, v, **o), options,
            q=normal(b, t, h, d), k=normal(b, s, g, d), v=normal(b, s, g, d),
        )
    for options in ({"causal": True}, {"causal": False}, {"causal": True, "window": 2}):
        segments = torch.tensor([[0, 0, 0, 1, 1, 1], [5, 5, 7, 7, 7, 8]])
        case(
            "attention",
            lambda q, k, v, querySegments, keySegments, o=options: attention(
                q, k, v, queries=querySegments, keys=keySegments, **o
            ),
            options, note=f"segments {options}", q=normal(2, 6, 4, 4), k=normal(2, 6, 2, 4), v=normal(2, 6, 2, 4),
            querySegments=segments, keySegments=segments,
        )
    lonely = torch.tensor([[1, 9, 2]])
    case(
        "attention",
        lambda q, k, v, querySegments, keySegments: attention(
            q, k, v, False, queries=querySegments, keys=keySegments
        ),
        {"causal": False}, note="a query without keys", q=normal(1, 3, 2, 4), k=normal(1, 4, 2, 4), v=normal(1, 4, 2, 4),
        querySegments=lonely, keySegments=torch.tensor([[1, 1, 2, 2]]),
    )
    for heads, groups, options in ((2, 2, {"causal": True}), (4, 2, {"causal": False}), (4, 1, {"causal": True, "window": 2})):
        case(
            "packedAttention",
            lambda qkv, h=heads, g=groups, o=options: attention(*qkv.split([h, g, g], 2), **o),
            {"groups": groups, **options}, qkv=normal(2, 5, heads + 2 * groups, 4),
        )
    for t, count in ((1, 4), (3, 3), (2, 7)):
        case(
            "attention", lambda q, k, v, t=t, c=count: attention(q, k, v, True, count=c),
            {"causal": True, "keyLength": count}, note=f"cache {t} {count}", constants=("q", "k", "v"),
            q=normal(2, t, 4, 4), k=normal(2, 8, 2, 4), v=normal(2, 8, 2, 4),
        )


if __name__ == "__main__":
    for make in (elementwise, binary, reductions, layout, products, rows, attentions, feed_forwards):
        make()
    header = {"torch": torch.__version__, "script": "tools/golden/tensor/ops.py"}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    OUT.write_text(f'{{"about":{json.dumps(header)},"cases":[\n{lines}\n]}}\n')
    print(f"{len(cases)} cases, {OUT.stat().st_size // 1024} KiB: {OUT}")
