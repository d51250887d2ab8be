"""PyTorch's side of the benchmark: answers lines of JSON on stdin, see src/worker.ts."""

import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

CLIP = 1.0
LR = 1e-4
FUSED_ATTENTION = hasattr(F, "scaled_dot_product_attention")


def attention(q, k, v):
    """Causal; q [B, H, T, D], k and v [B, G, T, D]."""
    repeat = q.shape[1] // k.shape[1]
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
    if FUSED_ATTENTION:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    t = q.shape[2]
    mask = torch.ones(t, t, dtype=torch.bool).triu(1)
    scores = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    return scores.masked_fill(mask, float("-inf")).softmax(-1) @ v


class Gpt2Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        e, self.heads = c["width"], c["heads"]
        self.ln_1, self.ln_2 = nn.LayerNorm(e), nn.LayerNorm(e)
        self.c_attn, self.c_proj = nn.Linear(e, 3 * e), nn.Linear(e, e)
        self.c_fc, self.mlp_proj = nn.Linear(e, c["inner"]), nn.Linear(c["inner"], e)

    def forward(self, x, rope):
        b, t, e = x.shape
        qkv = self.c_attn(self.ln_1(x)).split(e, 2)
        q, k, v = (y.view(b, t, self.heads, e // self.heads).transpose(1, 2) for y in qkv)
        x = x + self.c_proj(attention(q, k, v).transpose(1, 2).reshape(b, t, e))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))

    def load(self, get):
        for name, module in (("ln_1", self.ln_1), ("ln_2", self.ln_2)):
            module.weight.copy_(get(f"{name}.weight")), module.bias.copy_(get(f"{name}.bias"))
        layers = {"attn.c_attn": self.c_attn, "attn.c_proj": self.c_proj}
        layers |= {"mlp.c_fc": self.c_fc, "mlp.c_proj": self.mlp_proj}
        for name, module in layers.items():  # GPT-2 keeps [in, out]
            module.weight.copy_(get(f"{name}.weight").t()), module.bias.copy_(get(f"{name}.bias"))


class RmsNorm(nn.Module):
    def __init__(self, e):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(e))

    def forward(self, x):
        if hasattr(F, "rms_norm"):
            return F.rms_norm(x, self.weight.shape, self.weight, 1e-6)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


def rotate(x, rope):
    """x [B, H, T, D]: pairs (i, i + D/2), as Llama checkpoints have them."""
    cos, sin = rope
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class LlamaBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        e, self.heads, self.groups = c["width"], c["heads"], c["groups"]
        d = e // self.heads
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(e), RmsNorm(e)
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.q_proj, self.o_proj = linear(e, e), linear(e, e)
        self.k_proj, self.v_proj = linear(e, self.groups * d), linear(e, self.groups * d)
        self.gate_proj, self.up_proj = linear(e, c["inner"]), linear(e, c["inner"])
        self.down_proj = linear(c["inner"], e)

    def forward(self, x, rope):
        b, t, e = x.shape
        y = self.input_layernorm(x)
        heads = lambda z, n: z.view(b, t, n, e // self.heads).transpose(1, 2)
        q, k = rotate(heads(self.q_proj(y), self.heads), rope), rotate(heads(self.k_proj(y), self.groups), rope)
        v = heads(self.v_proj(y), self.groups)
        if q.dtype != v.dtype:  # autocast: the tables are f32
            q, k = q.to(v.dtype), k.to(v.dtype)
        x = x + self.o_proj(attention(q, k, v).transpose(1, 2).reshape(b, t, e))
        y = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(y)) * self.up_proj(y))

    def load(self, get):
        for name in ("input_layernorm", "post_attention_layernorm"):
            getattr(self, name).weight.copy_(get(f"{name}.weight"))
        for part, names in (("self_attn", "qkvo"), ("mlp", ("gate", "up", "down"))):
            for name in names:
                getattr(self, f"{name}_proj").weight.copy_(get(f"{part}.{name}_proj.weight"))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        e, self.gpt2 = c["width"], c["family"] == "gpt2"
        self.wte = nn.Embedding(c["vocab"], e)
        if self.gpt2:
            self.wpe = nn.Embedding(c["context"], e)
        block = Gpt2Block if self.gpt2 else LlamaBlock
        self.h = nn.ModuleList(block(c) for _ in range(c["layers"]))
        self.norm = nn.LayerNorm(e) if self.gpt2 else RmsNorm(e)
        d = e // c["heads"]
        angles = torch.arange(c["context"])[:, None] * 10000.0 ** (-torch.arange(0, d, 2) / d)
        self.rope = angles.cos(), angles.sin()

    def forward(self, ids):
        x = self.wte(ids)
        if self.gpt2:
            x = x + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x, self.rope)
        return F.linear(self.norm(x), self.wte.weight)

    @torch.no_grad()
    def load(self, weights):
        root = "transformer." if self.gpt2 else "model."
        get = lambda name: weights[root + name]
        self.wte.weight.copy_(get("wte.weight" if self.gpt2 else "embed_tokens.weight"))
        if self.gpt2:
            self.wpe.weight.copy_(get("wpe.weight"))
            self.norm.bias.copy_(get("ln_f.bias"))
        self.norm.weight.copy_(get("ln_f.weight" if self.gpt2 else "norm.weight"))
        for i, block in enumerate(self.h):
            at = f"h.{i}." if self.gpt2 else f"layers.{i}."
            block.load(lambda name: get(at + name))


def safetensors(path):
    """All tensors of a safetensors file of f32, which Debian has no package for."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        weights = {}
        for name, info in header.items():
            if name == "__metadata__":
                continue
            file.seek(start + info["data_offsets"][0])
            data = bytearray(file.read(info["data_offsets"][1] - info["data_offsets"][0]))
            weights[name] = torch.frombuffer(data, dtype=torch.float32).view(info["shape"])
        return weights


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Trainer:
    def __init__(self, request):
        c = request["case"]
        self.bf16 = request["dtype"] == "bf16"
        self.baseline = resident()
        self.model = Model(c)
        self.model.load(safetensors(request["weights"]))
        parameters = list(self.model.parameters())
        groups = [
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.01},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        try:
            self.optimizer = torch.optim.AdamW(groups, lr=LR, fused=True)
        except TypeError:  # before 2.4 there is none for the processor
            self.optimizer = torch.optim.AdamW(groups, lr=LR, foreach=True)
        ids = torch.tensor(request["ids"]).view(c["batch"], c["context"] + 1)
        self.x, self.y = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def step(self):
        began = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            loss = F.cross_entropy(self.model(self.x).view(len(self.y), -1), self.y)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        value = loss.item()
        return {"milliseconds": 1000 * (time.perf_counter() - began), "loss": value}


def main():
    trainer, idle, rested = None, 0.0, time.process_time()
    for line in sys.stdin:
        idle += time.process_time() - rested
        request = json.loads(line)
        if request["do"] == "version":
            reply = {"version": f"torch {torch.__version__}"}
        elif request["do"] == "load":
            torch.set_num_threads(request["threads"])
            trainer, idle, reply = Trainer(request), 0.0, {}
        elif request["do"] == "step":
            reply = trainer.step()
        elif request["do"] == "memory":
            reply = {"resident": resident() - trainer.baseline, "idle": 1000 * idle}
        print(json.dumps(reply), flush=True)
        rested = time.process_time()


main()
