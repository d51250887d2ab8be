"""References for @heddle/transformer, made with PyTorch and transformers on the CPU.

    python tools/golden/transformer/make_golden.py

For a tiny GPT-2, Llama (grouped-query attention) and BERT with random weights it writes, under
packages/transformer/test/golden/<family>/, the folder that `save_pretrained` makes, plus
  gradients.safetensors  logits, and the gradient of the mean cross-entropy for every parameter
  reference.json         ids, targets, ten AdamW steps (batches, learning rates, losses), greedy ids
and beside them sampling.json (probabilities after transformers' own logits processors), rope.json
(inverse frequencies of the scaled rotary embeddings) and initial.json (moments of fresh weights). Arithmetic is in float64, so that
the references are the truth and not another rounding.
"""

import json
import math
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
)
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

GOLDEN = Path(__file__).resolve().parents[3] / "packages/transformer/test/golden"
VOCAB, CONTEXT, ROWS, LENGTH, STEPS = 61, 24, 2, 12, 10
NO_SPECIAL = {"bos_token_id": None, "eos_token_id": None}

FAMILIES = {
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(
            vocab_size=VOCAB, n_positions=CONTEXT, n_embd=32, n_layer=2, n_head=4,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **NO_SPECIAL,
        ),
    ),
    "llama": (
        LlamaForCausalLM,
        LlamaConfig(
            vocab_size=VOCAB, max_position_embeddings=CONTEXT, hidden_size=32, intermediate_size=48,
            num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, **NO_SPECIAL,
        ),
    ),
    "bert": (
        BertForMaskedLM,
        BertConfig(
            vocab_size=VOCAB, max_position_embeddings=CONTEXT, hidden_size=32, intermediate_size=64,
            num_hidden_layers=2, num_attention_heads=4,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        ),
    ),
}


def randomise(model):
    """Weights large enough that no gradient is lost in rounding and no two logits nearly tie."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            lowered = name.lower()
            is_norm = "norm" in lowered or ".ln_" in lowered
            if is_norm and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            else:
                parameter.copy_((0.1 if parameter.ndim == 1 else 0.25) * torch.randn_like(parameter))


def mean_loss(model, ids, targets):
    logits = model(input_ids=ids).logits
    return torch.nn.functional.cross_entropy(logits.view(-1, VOCAB), targets.view(-1), ignore_index=-100)


def make_batch(family):
    ids = torch.randint(1, VOCAB, (ROWS, LENGTH))  # 0 is BERT's padding
    if family == "bert":
        targets = torch.where(torch.rand(ROWS, LENGTH) < 0.3, torch.randint(1, VOCAB, (ROWS, LENGTH)), -100)
        targets[0, 0] = 5
    else:
        targets = torch.cat([ids[:, 1:], torch.full((ROWS, 1), -100)], dim=1)
    return ids, targets


def learning_rate(step, peak=3e-3, warmup=3, total=STEPS, final=0.1):
    """Step counts from 1: linear warm-up, then a cosine down to `final` of the peak."""
    if step <= warmup:
        return peak * step / warmup
    progress = (step - warmup) / (total - warmup)
    return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress)))


def ten_steps(model, family):
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1.0, betas=(0.9, 0.95), eps=1e-8,
    )
    steps = []
    for step in range(1, STEPS + 1):
        ids, targets = make_batch(family)
        lr = learning_rate(step)
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        loss = mean_loss(model, ids, targets)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        steps.append({
            "ids": ids.flatten().tolist(), "targets": targets.flatten().tolist(),
            "lr": lr, "loss": loss.item(), "norm": norm.item(),
        })
    return steps


def greedy(model, prompt, count):
    config = GenerationConfig(do_sample=False, max_new_tokens=count, use_cache=True, eos_token_id=None, pad_token_id=0)
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    return out[0, len(prompt):].tolist()


def make_family(family, model_class, config):
    torch.manual_seed({"gpt2": 1, "llama": 2, "bert": 3}[family])
    model = model_class(config)
    randomise(model)
    model.eval()
    folder = GOLDEN / family
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    model = model.double()

    ids, targets = make_batch(family)
    reference = {"rows": ROWS, "length": LENGTH, "ids": ids.flatten().tolist(), "targets": targets.flatten().tolist()}
    loss = mean_loss(model, ids, targets)
    loss.backward()
    reference["loss"] = loss.item()
    with torch.no_grad():
        tensors = {"logits": model(input_ids=ids).logits}
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().max() > 0, name
        tensors[name] = parameter.grad
    if family == "bert":
        mask = torch.ones(ROWS, LENGTH, dtype=torch.long)
        mask[0, 9:] = 0
        mask[1, 5:] = 0
        reference["mask"] = mask.flatten().tolist()
        with torch.no_grad():
            tensors["masked_logits"] = model(input_ids=ids, attention_mask=mask).logits
    else:
        prompt = [7, 3, 19, 42]
        reference["prompt"] = prompt
        reference["greedy"] = greedy(model, prompt, CONTEXT - len(prompt))
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, folder / "gradients.safetensors")
    reference["steps"] = ten_steps(model, family)
    (folder / "reference.json").write_text(json.dumps(reference) + "\n")


SAMPLING = [
    {"temperature": 0.7},
    {"temperature": 1.8},
    {"top_k": 1},
    {"top_k": 7},
    {"top_k": 1000},
    {"top_p": 0.1},
    {"top_p": 0.9},
    {"min_p": 0.05},
    {"min_p": 1.0},
    {"repetition_penalty": 1.3},
    {"repetition_penalty": 0.8, "temperature": 0.5},
    {"temperature": 0.8, "top_k": 20, "top_p": 0.8},
    {"temperature": 1.5, "top_k": 30, "top_p": 0.95, "min_p": 0.02, "repetition_penalty": 1.2},
    {"temperature": 0.3, "top_p": 0.5, "min_p": 0.3},
]


def make_sampling():
    """Probabilities after the processors that transformers itself chooses, in its own order."""
    torch.manual_seed(4)
    model = FAMILIES["gpt2"][0](FAMILIES["gpt2"][1])
    cases = []
    for options in SAMPLING:
        logits = 3 * torch.randn(1, VOCAB, dtype=torch.float32)
        history = torch.randint(0, VOCAB, (1, 9))
        config = GenerationConfig(do_sample=True, **{"temperature": 1.0, "top_k": 0, "top_p": 1.0, **options})
        processors = model._get_logits_processor(config, input_ids_seq_length=history.shape[1])
        probabilities = processors(history, logits.double()).softmax(-1)
        cases.append({
            "options": options, "processors": [type(p).__name__ for p in processors],
            "logits": logits[0].tolist(), "history": history[0].tolist(), "probabilities": probabilities[0].tolist(),
        })
    (GOLDEN / "sampling.json").write_text(json.dumps(cases) + "\n")


def make_rope():
    cases = []
    for parameters in (
        {"rope_type": "default", "rope_theta": 10000.0},
        {"rope_type": "default", "rope_theta": 500000.0},
        {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
        {
            "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
        },
    ):
        config = LlamaConfig(hidden_size=256, num_attention_heads=4, max_position_embeddings=131072, rope_parameters=parameters)
        rotary = LlamaRotaryEmbedding(config)
        cases.append({"parameters": parameters, "headDim": 64, "inverseFrequencies": rotary.inv_freq.tolist()})
    (GOLDEN / "rope.json").write_text(json.dumps(cases) + "\n")


def make_initial():
    """Means and standard deviations of every parameter as transformers initialises it."""
    torch.manual_seed(5)
    sizes = {"vocab_size": 300, "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    models = {
        "gpt2": GPT2LMHeadModel(GPT2Config(n_positions=200, **NO_SPECIAL, **sizes)),
        "llama": LlamaForCausalLM(LlamaConfig(
            intermediate_size=160, num_key_value_heads=2, attention_bias=True, **NO_SPECIAL, **sizes,
        )),
        "bert": BertForMaskedLM(BertConfig(intermediate_size=160, max_position_embeddings=200, **sizes)),
    }
    initial = {}
    for family, model in models.items():
        config = {k: v for k, v in model.config.to_dict().items() if k != "id2label" and k != "label2id"}
        moments = {n: [p.mean().item(), p.std().item()] for n, p in model.named_parameters()}
        initial[family] = {"config": config, "moments": moments}
    (GOLDEN / "initial.json").write_text(json.dumps(initial) + "\n")


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    for family, (model_class, config) in FAMILIES.items():
        make_family(family, model_class, config)
    make_sampling()
    make_rope()
    make_initial()
