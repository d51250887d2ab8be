"""Reference numbers for @heddle/finetune, by PyTorch, transformers and PEFT.

Writes packages/finetune/test/golden/. Run with a Python that has the three:
    python tools/golden/eval/finetune.py
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from transformers import (
    GPT2Config,
    GPT2ForSequenceClassification,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
)

OUT = pathlib.Path(__file__).resolve().parents[3] / "packages/finetune/test/golden"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)
torch.manual_seed(11)


def flat(t):
    return [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]


def linear_case(layout):
    """y = x (W + alpha / r BA), its loss sum(y * c), and the gradients by torch."""
    inputs, outputs, rank, alpha = 5, 7, 2, 3.0
    x, c = torch.randn(4, inputs), torch.randn(4, outputs)
    w = torch.randn(inputs, outputs) if layout == "in-out" else torch.randn(outputs, inputs)
    a = torch.randn(rank, inputs, requires_grad=True)
    b = torch.randn(outputs, rank, requires_grad=True)
    base = x @ w if layout == "in-out" else x @ w.T
    y = base + (alpha / rank) * (x @ a.T) @ b.T
    (y * c).sum().backward()
    tensors = {"x": x, "c": c, "w": w, "a": a, "b": b, "y": y, "gradA": a.grad, "gradB": b.grad}
    return {"layout": layout, "rank": rank, "alpha": alpha, "shape": [inputs, outputs]} | {
        k: flat(v) for k, v in tensors.items()
    }


def randomise(model, std=0.25):
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * std)


def adapted(model, name, targets):
    """A PEFT adapter with random factors: saved, with logits and gradients of the mean next-token loss."""
    config = peft.LoraConfig(
        r=2, lora_alpha=6, target_modules=targets, fan_in_fan_out=name == "gpt2", task_type="CAUSAL_LM"
    )
    wrapped = peft.get_peft_model(model, config).eval()
    with torch.no_grad():
        for key, p in wrapped.named_parameters():
            if "lora_" in key:
                p.copy_(torch.randn_like(p) * 0.4)
    wrapped.save_pretrained(OUT / f"{name}-adapter", save_embedding_layers=False)
    (OUT / f"{name}-adapter/README.md").unlink(missing_ok=True)
    ids = torch.randint(0, 24, (2, 7))
    result = wrapped(ids, labels=ids)
    result.loss.backward()
    grads = {
        key.replace("base_model.model.", "").replace(".default", ""): flat(p.grad)
        for key, p in wrapped.named_parameters()
        if "lora_" in key
    }
    merged = wrapped.merge_and_unload()
    return {
        "ids": ids.tolist(),
        "logits": flat(result.logits),
        "mergedLogits": flat(merged(ids).logits),
        "loss": result.loss.item(),
        "grads": grads,
    }


def gpt2_classifier():
    config = GPT2Config(
        vocab_size=24, n_positions=12, n_embd=8, n_layer=1, n_head=2, pad_token_id=23,
        bos_token_id=22, eos_token_id=23, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        id2label={0: "changelog", 1: "licence", 2: "readme"}, label2id={"changelog": 0, "licence": 1, "readme": 2},
    )
    model = GPT2ForSequenceClassification(config).eval()
    randomise(model)
    model.save_pretrained(OUT / "gpt2-classifier")
    texts = [[3, 1, 4, 1, 5, 9, 2], [6, 5], [3, 5, 8, 9]]
    targets = torch.tensor([2, 0, 1])
    width = max(map(len, texts))
    ids = torch.tensor([t + [23] * (width - len(t)) for t in texts])
    mask = torch.tensor([[1] * len(t) + [0] * (width - len(t)) for t in texts])
    logits = model(ids, attention_mask=mask).logits
    weights = torch.tensor([1.0, 0.5, 2.0])
    loss = torch.nn.functional.cross_entropy(logits, targets, weight=weights)
    loss.backward()
    golden = {
        "texts": texts,
        "targets": targets.tolist(),
        "classWeights": weights.tolist(),
        "logits": flat(logits),
        "loss": loss.item(),
        "scoreGrad": flat(model.score.weight.grad),
        "attentionGrad": flat(model.transformer.h[0].attn.c_attn.weight.grad),
    }
    causal = GPT2LMHeadModel(config).eval()
    causal.transformer.load_state_dict(model.transformer.state_dict())
    causal.tie_weights()
    return golden, adapted(causal, "gpt2", ["c_attn", "c_proj", "c_fc"])


def llama():
    config = LlamaConfig(
        vocab_size=24, max_position_embeddings=12, hidden_size=8, intermediate_size=12, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=False, pad_token_id=None,
        bos_token_id=22, eos_token_id=23,
    )
    model = LlamaForCausalLM(config).eval()
    randomise(model)
    model.save_pretrained(OUT / "llama")
    (OUT / "llama/generation_config.json").unlink(missing_ok=True)
    return adapted(model, "llama", ["q_proj", "v_proj", "down_proj"])


classifier, gpt2 = gpt2_classifier()
golden = {
    "madeWith": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    "linear": [linear_case("in-out"), linear_case("out-in")],
    "classifier": classifier,
    "gpt2": gpt2,
    "llama": llama(),
}
(OUT / "finetune.json").write_text(json.dumps(golden) + "\n")
for path in sorted(OUT.rglob("*")):
    if path.is_file():
        print(path.relative_to(OUT), path.stat().st_size)
