import { createInterface } from 'node:readline';
import { type Backend, type Json, type Params, Profiler, profiled, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import {
  adamw,
  autocast,
  clipScale,
  crossEntropy,
  globalNorm,
  mul,
  scope,
  sum,
  tensor,
  valueAndGrad,
} from '@heddle/tensor';
import { loadSafetensors, saveSafetensors } from '@heddle/tensor/safetensors';
import { gpt2, llama, type Transformer } from '@heddle/transformer';
import type { Case, Precision } from './cases.js';

/* Heddle's side: answers lines of JSON, see worker.ts. */

type Request =
  | { readonly do: 'version' }
  | { readonly do: 'initialise'; readonly case: Case; readonly weights: string }
  | {
      readonly do: 'load';
      readonly case: Case;
      readonly weights: string;
      readonly ids: readonly number[];
      readonly dtype: Precision;
      readonly checkpointing: boolean;
    }
  | { readonly do: 'step' }
  | { readonly do: 'memory' };

/** With `clip` and `lr` of torch_peer.py. */
const CLIP = 1;
const LR = 1e-4;

function modelOf(c: Case, checkpointing: boolean): Transformer {
  if (c.family === 'gpt2') {
    return gpt2(
      {
        ...{ vocab_size: c.vocab, n_positions: c.context, n_embd: c.width, n_layer: c.layers },
        ...{ n_head: c.heads, n_inner: c.inner, embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 },
      },
      { checkpointing },
    );
  }
  return llama(
    {
      ...{ vocab_size: c.vocab, max_position_embeddings: c.context, hidden_size: c.width },
      ...{ num_hidden_layers: c.layers, num_attention_heads: c.heads },
      ...{ num_key_value_heads: c.groups, intermediate_size: c.inner, tie_word_embeddings: true },
    },
    { checkpointing },
  );
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
const resident = (): number => process.resourceUsage().maxRSS * 1024;

const KERNELS = { native: 'native', wasm: 'wasm', reference: 'reference' } as const;
const [, , kernels = ''] = process.argv;
const plain = cpu(kernels in KERNELS ? { kernels: KERNELS[kernels as keyof typeof KERNELS] } : {});
/** Milliseconds in operations so far. */
let inOperations = 0;
const backend: Backend = {
  ...profiled(plain, new Profiler({ maxEvents: 0 })),
  run(op, inputs, outputs) {
    const began = performance.now();
    plain.run(op, inputs, outputs);
    inOperations += performance.now() - began;
  },
};
let step: (() => Promise<Json>) | undefined;
let baseline = 0;
let parameters = 0;
let idle = 0;
let rested = process.cpuUsage();

async function load({
  case: c,
  weights,
  ids,
  dtype,
  checkpointing,
}: Extract<Request, { do: 'load' }>) {
  baseline = resident();
  const model = modelOf(c, checkpointing);
  const params: Params = await loadSafetensors(weights, backend);
  const optimizer = adamw();
  const state = optimizer.init(params);
  const rows = Array.from({ length: c.batch }, (_, i) =>
    ids.slice(i * (c.context + 1), (i + 1) * (c.context + 1)),
  );
  const inputs = Int32Array.from(rows.flatMap((row) => row.slice(0, -1)));
  const targets = Int32Array.from(rows.flatMap((row) => row.slice(1)));
  const shape = [c.batch, c.context];
  let at = 0;
  step = async () => {
    const before = inOperations;
    const began = performance.now();
    using _ = scope();
    const x = tensor(backend, inputs, shape, 'i32');
    const y = tensor(backend, targets, shape, 'i32');
    const context = { backend, train: true, key: rngKey(2) };
    const { value, grads } = valueAndGrad((p: Params) =>
      autocast(dtype, () =>
        mul(sum(crossEntropy(model.apply(p, { ids: x }, context), y)), 1 / inputs.length),
      ),
    )(params);
    const scale = clipScale(globalNorm(grads), CLIP);
    optimizer.update(params, grads, state, { step: ++at, lr: LR, scale });
    const [loss] = await value.read();
    const took = performance.now() - began;
    return { milliseconds: took, loss, outside: 1 - (inOperations - before) / took };
  };
  parameters = [...model.parameters.values()].reduce(
    (total, spec) => total + spec.shape.reduce((a, n) => a * n, 1),
    0,
  );
  return { parameters };
}

async function answer(request: Request): Promise<Json> {
  switch (request.do) {
    case 'version':
      return { version: `Node ${process.versions.node}, ${plain.description}` };
    case 'initialise': {
      const params = modelOf(request.case, false).init(rngKey(1), backend);
      await saveSafetensors(request.weights, params);
      return {};
    }
    case 'load':
      return load(request);
    case 'step':
      if (step === undefined) throw new Error('step before load');
      return step();
    case 'memory':
      return {
        resident: resident() - baseline,
        buffers: backend.memory().peak,
        state: 16 * parameters,
        idle,
      };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  idle += milliseconds(process.cpuUsage(rested));
  const request = JSON.parse(line) as Request;
  if (request.do === 'load') idle = 0;
  console.log(JSON.stringify(await answer(request)));
  rested = process.cpuUsage();
}
await plain[Symbol.asyncDispose]();
