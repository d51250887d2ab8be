import { HeddleError, type OpKind, type Params, type Tensor } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import {
  add,
  addTo,
  assign,
  cast,
  checkpoint,
  concat,
  crossEntropy,
  detach,
  exp,
  floor,
  gelu,
  keep,
  layerNorm,
  linear,
  matmul,
  mean,
  mul,
  ones,
  relu,
  reshape,
  rope,
  scoped,
  select,
  slice,
  split,
  square,
  sub,
  sum,
  tensor,
  transpose,
  updateSlice,
  type ValueAndGrad,
  valueAndGrad,
} from '../src/index.js';
import { fusedBackend, primitiveBackend } from './support/backends.js';
import { computed, numbersOf } from './support/golden.js';

const backend = primitiveBackend();

function gradOf(fn: (x: Tensor) => Tensor, data: readonly number[]): Promise<number[]> {
  return numbersOf(() => valueAndGrad(({ x }) => fn(x))({ x: tensor(backend, data) }).grads.x);
}

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (HeddleError.is(error, 'tensor/autodiff')) return error.details.reason;
    if (HeddleError.is(error)) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('valueAndGrad', () => {
  test('a tensor used twice collects both gradients', async () => {
    // f = sum(x² + 3x) -> 2x + 3
    expect(await gradOf((x) => sum(add(mul(x, x), mul(x, 3))), [1, -2])).toEqual([5, -1]);
  });

  test('gradients join where paths join, in any order of use', async () => {
    // a = 2x, b = a + x = 3x, f = sum(a b) = 6 x²
    const f = (x: Tensor): Tensor => {
      const a = mul(x, 2);
      const b = add(a, x);
      return sum(mul(b, a));
    };
    expect(await gradOf(f, [1, 2, 3])).toEqual([12, 24, 36]);
  });

  test('x + x gives 2: the two gradients share memory and are not added into each other', async () => {
    expect(await gradOf((x) => sum(mul(add(x, x), add(x, x))), [3])).toEqual([24]); // (2x)² -> 8x
  });

  test('a gradient that two tensors share is not changed by a further one of either', async () => {
    const grads = await computed(() => {
      const params = { x: tensor(backend, [1]), y: tensor(backend, [1]) };
      const run = valueAndGrad((p) => {
        const a = mul(p.x, 2);
        const b = mul(p.y, 3);
        const later = mul(a, 5); // reaches a after the sum has given a and b the same gradient
        return sum(add(later, mul(add(a, b), 7)));
      });
      return Object.values(run(params).grads);
    });
    expect(grads.map((g) => g[0])).toEqual([2 * (5 + 7), 3 * 7]);
  });

  test('what a parameter does not reach is zero, and its shape is kept', async () => {
    const [x, y] = await computed(() => {
      const params = { x: tensor(backend, [1, 2]), y: ones(backend, [2, 3]) };
      const { grads } = valueAndGrad((p) => sum(mul(p.x, 2)))(params);
      expect(grads.y.shape).toEqual([2, 3]);
      return [grads.x, grads.y];
    });
    expect(Array.from(x)).toEqual([2, 2]);
    expect(Array.from(y)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('a derivative of 0 is still a gradient', async () => {
    expect(await gradOf((x) => sum(floor(x)), [1.5])).toEqual([0]);
  });

  test('nothing flows through detach, or through integers', async () => {
    expect(await gradOf((x) => sum(mul(detach(x), x)), [3])).toEqual([3]);
    expect(await gradOf((x) => sum(mul(cast(cast(x, 'i32'), 'f32'), x)), [2.5])).toEqual([2]);
  });

  test('a parameter that is itself the result', async () => {
    const [value, grad] = await computed(() => {
      const x = tensor(backend, 7);
      const result = valueAndGrad((p) => p.x)({ x });
      addTo(x, x); // the value has memory of its own
      return [result.value, result.grads.x];
    });
    expect([value[0], grad[0]]).toEqual([7, 1]);
  });

  test('a split of which one part is used', async () => {
    expect(await gradOf((x) => sum(mul(split(x, 2)[1], 5)), [1, 2, 3, 4])).toEqual([0, 0, 5, 5]);
  });

  test('frozen operands cost no work', () => {
    const spy = fusedBackend();
    scoped(() => {
      const w = ones(spy, [4, 4]);
      const x = ones(spy, [2, 4]);
      const matmuls = (params: Params, fn: (p: Params) => Tensor): number => {
        spy.ran.length = 0;
        valueAndGrad((p) => sum(fn(p)))(params);
        const products: readonly OpKind[] = ['matmul', 'linear', 'linearBackwardWeight'];
        return spy.ran.filter((kind) => products.includes(kind)).length;
      };
      expect(matmuls({ x, w }, (p) => matmul(p.x, p.w))).toBe(3);
      expect(matmuls({ x }, (p) => matmul(p.x, w))).toBe(2);
      expect(matmuls({ w }, (p) => matmul(x, p.w))).toBe(2);
      expect(matmuls({ w }, (p) => linear(x, p.w, { transposeWeight: true }))).toBe(2);
    });
  });

  test('a batch of rows times one matrix is one product of rank 2, forward and backward', () => {
    const spy = fusedBackend();
    const shapes: number[] = [];
    const run = spy.run.bind(spy);
    spy.run = (op, inputs, outputs) => {
      if (op.kind === 'matmul') shapes.push(outputs[0].shape.length);
      run(op, inputs, outputs);
    };
    scoped(() => {
      const params = { x: ones(spy, [2, 3, 4]), w: ones(spy, [4, 5]) };
      valueAndGrad((p) => sum(matmul(p.x, p.w)))(params);
    });
    expect(shapes).toEqual([2, 2, 2]);
  });

  test('what fn keeps is a constant afterwards', async () => {
    const own = primitiveBackend();
    const x = tensor(own, [1, 2]);
    let kept: Tensor | undefined;
    const result = valueAndGrad((p) => {
      kept = keep(mul(p.x, 2));
      return sum(kept);
    })({ x });
    expect(await numbersOf(() => add(kept!, 1))).toEqual([3, 5]);
    expect(() => addTo(kept!, x)).not.toThrow();
    for (const t of [x, kept!, result.value, result.grads.x]) t.dispose();
    expect(own.memory().live).toBe(0);
  });
});

describe('refusals', () => {
  const x = tensor(backend, [1, 2]);
  const f = valueAndGrad((p) => sum(exp(p.x)));

  test('gradients of gradients', () => {
    const outer = (fn: (x: Tensor) => Tensor): string =>
      codeOf(() => valueAndGrad((p) => fn(p.x))({ x }));
    expect(outer((t) => sum(f({ x: t }).grads.x))).toBe('second-order');
    const mixed = (t: Tensor): ValueAndGrad => valueAndGrad((p) => sum(mul(p.x, t)))({ x });
    expect(outer((t) => mixed(t).value)).toBe('second-order');
    // Another gradient inside, of other tensors, is fine: its results are constants.
    expect(outer((t) => sum(mul(t, f({ x }).grads.x)))).toBe('nothing thrown');
  });

  test('results that are no scalar, or depend on no parameter', () => {
    expect(codeOf(() => valueAndGrad((p) => p.x)({ x }))).toBe('shape-mismatch');
    expect(codeOf(() => valueAndGrad(() => sum(x))({ x }))).toBe('constant');
    expect(codeOf(() => valueAndGrad((p) => sum(detach(p.x)))({ x }))).toBe('constant');
  });

  test('integer parameters', () => {
    const ids = tensor(backend, new Int32Array([1]));
    expect(codeOf(() => f({ x: ids }))).toBe('dtype-mismatch');
  });

  test('arguments without a derivative', () => {
    const angles = ones(backend, [1, 1, 1]);
    const head = ones(backend, [1, 1, 1, 2]);
    const bad = valueAndGrad((p) => sum(rope(head, p.c, angles)));
    expect(codeOf(() => bad({ c: angles }))).toBe('not-differentiable');
  });

  test('changing what a backward pass needs', () => {
    const target = ones(backend, [2]);
    const changes: readonly ((t: Tensor) => void)[] = [
      (t) => assign(t, x),
      (t) => addTo(t, x),
      (t) => updateSlice(t, x, [0]),
    ];
    for (const change of changes) {
      const within = (of: (p: Params) => Tensor): string =>
        codeOf(() =>
          valueAndGrad((p) => {
            const y = mul(p.x, target); // keeps target for the gradient of x
            change(of(p));
            return sum(y);
          })({ x }),
        );
      expect(within(() => target)).toBe('in-place');
      expect(within((p) => p.x)).toBe('in-place');
      expect(within(() => ones(backend, [2]))).toBe('nothing thrown');
    }
    expect(() => assign(target, x)).not.toThrow(); // released by now
  });

  test('leave nothing behind, and the scopes in order', () => {
    const before = backend.memory().live;
    scoped(() => {
      codeOf(() => valueAndGrad((p) => exp(exp(p.x)))({ x }));
      codeOf(() => valueAndGrad((p) => sum(matmul(exp(p.x), p.x)))({ x }));
    });
    expect(backend.memory().live).toBe(before);
  });
});

test('an error within fn, or within the backward pass, leaks nothing', () => {
  const spy = primitiveBackend();
  const x = tensor(spy, [1, 2, 3]);
  const before = spy.memory().live;
  const differentiate = (afterForward: () => void): ValueAndGrad =>
    valueAndGrad((p) => {
      const y = exp(mul(p.x, p.x));
      const z = scoped(() => sum(mul(y, checkpoint((t: Tensor) => exp(t))(y))));
      afterForward();
      return z;
    })({ x });
  const failing = (): void => {
    throw new Error('inside');
  };
  expect(() => differentiate(failing)).toThrow('inside');
  expect(spy.memory().live).toBe(before);
  const run = spy.run.bind(spy);
  let left = Number.POSITIVE_INFINITY;
  spy.run = (op, inputs, outputs) => {
    if (left-- <= 0) throw new Error('device lost');
    run(op, inputs, outputs);
  };
  for (let working = 0; working < 9; working++) {
    left = Number.POSITIVE_INFINITY;
    const lose = (): void => {
      left = working; // so many operations of the backward pass still run
    };
    expect(() => differentiate(lose), `after ${working}`).toThrow('device lost');
    expect(spy.memory().live).toBe(before);
  }
});

describe('memory', () => {
  test('live bytes after step N are those after step 1', () => {
    for (const spy of [fusedBackend(), primitiveBackend()]) {
      const params = { w: ones(spy, [8, 8]), b: ones(spy, [8]) };
      const live: number[] = [];
      for (let i = 0; i < 5; i++) {
        scoped(() => {
          const x = ones(spy, [4, 8]);
          const { grads } = valueAndGrad((p) => {
            const y = layerNorm(gelu(linear(x, p.w, { bias: p.b })), p.b, p.b);
            const parts = split(concat([y, transpose(transpose(y))], -1), 2);
            const kept = select(tensor(spy, 1, [], 'i32'), parts[0], relu(parts[1]));
            return mean(square(sub(slice(kept, [0, 0], [2, 8]), 3)));
          })(params);
          for (const name of ['w', 'b'] as const) addTo(params[name], mul(grads[name], -0.1));
        });
        live.push(spy.memory().live);
      }
      expect(live).toEqual(new Array(5).fill((64 + 8) * 4));
    }
  });

  test('the backward pass frees activations as it goes', () => {
    const size = 1 << 12;
    const depth = 16;
    const spy = fusedBackend();
    const x = ones(spy, [size]);
    const base = spy.memory().live;
    let afterForward = 0;
    const { value, grads } = valueAndGrad((p) => {
      const y = scoped(() => {
        let t = p.x;
        for (let i = 0; i < depth; i++) t = scoped(() => exp(mul(t, 0.1)));
        return sum(t);
      });
      afterForward = spy.memory().live - base;
      return y;
    })({ x });
    expect(afterForward).toBeLessThan((depth + 1) * size * 4); // one saved tensor a layer
    expect(afterForward).toBeGreaterThanOrEqual(depth * size * 4);
    // Going back only a few temporaries come on top, however deep it is.
    expect(spy.memory().peak - base).toBeLessThan((depth + 5) * size * 4);
    for (const t of [value, grads.x, x]) t.dispose();
    expect(spy.memory().live).toBe(0);
  });

  test('the gradient of the logits takes the place of the logits', () => {
    const spy = fusedBackend();
    const rows = 64;
    const classes = 512;
    const hidden = ones(spy, [rows, 4]);
    const w = ones(spy, [4, classes]);
    const targets = tensor(spy, new Int32Array(rows));
    const base = spy.memory().live;
    scoped(() => {
      valueAndGrad((p) => sum(crossEntropy(linear(hidden, p.w), targets)))({ w });
    });
    expect(spy.memory().peak - base).toBeLessThan(1.2 * rows * classes * 4);
    expect(spy.memory().live).toBe(base);
  });

  test('logits that are needed again are not overwritten', async () => {
    for (const spy of [fusedBackend(), primitiveBackend()]) {
      const [grad] = await computed(() => {
        const targets = tensor(spy, new Int32Array([0]));
        const f = valueAndGrad(({ x }) => {
          const logits = mul(x, 1);
          return add(sum(square(logits)), sum(crossEntropy(logits, targets)));
        });
        return [f({ x: tensor(spy, [[1, 2]]) }).grads.x];
      });
      const p = 1 / (1 + Math.exp(1));
      expect(grad[0]).toBeCloseTo(2 + p - 1, 5);
      expect(grad[1]).toBeCloseTo(4 + (1 - p), 5);
    }
  });
});

describe('checkpoint', () => {
  // Each weight is used once: the sums of gradients then have the same order with and without.
  const block =
    (weights: readonly string[]) =>
    (p: Params, x: Tensor): Tensor =>
      weights.reduce((y, w) => add(gelu(linear(y, p[w], { bias: p[`${w}.bias`] })), y), x);

  function run(make: typeof fusedBackend, wrapped: boolean) {
    const spy = make();
    const params: Record<string, Tensor> = { unused: ones(spy, [3]) };
    for (const w of [...'abcdefgh']) {
      const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i + w.charCodeAt(0)) / 4);
      params[w] = tensor(spy, values, [8, 8]);
      params[`${w}.bias`] = tensor(spy, values.slice(0, 8));
    }
    const x = ones(spy, [64, 8]);
    const blocks = ['abcd', 'efgh'].map((weights) => block([...weights]));
    const [first, second] = wrapped ? blocks.map((one) => checkpoint(one)) : blocks;
    let saved = 0;
    const { value, grads } = valueAndGrad((p) => {
      const y = scoped(() => second(p, first(p, x)));
      const result = mean(square(y));
      y.dispose();
      saved = spy.memory().live;
      return result;
    })(params);
    return { saved, results: [value, ...Object.values(grads)], spy };
  }

  for (const make of [fusedBackend, primitiveBackend]) {
    test(`same value and gradients bit for bit, fewer live bytes: ${make().name}`, async () => {
      const plain = run(make, false);
      const wrapped = run(make, true);
      const read = (ts: readonly Tensor[]) => Promise.all(ts.map((t) => t.read()));
      expect(await read(wrapped.results)).toEqual(await read(plain.results));
      expect(wrapped.saved).toBeLessThan(plain.saved / 3);
      expect(wrapped.spy.memory().live).toBe(plain.spy.memory().live);
    });
  }

  test('without gradients it is the function itself', async () => {
    expect(
      await numbersOf(() => checkpoint((x: Tensor) => mul(x, 2))(tensor(backend, [3]))),
    ).toEqual([6]);
  });

  test('a result that is the argument', async () => {
    const f = checkpoint((x: Tensor) => x);
    expect(await gradOf((x) => sum(mul(f(x), x)), [1, 5])).toEqual([2, 10]);
  });

  test('nested, and within itself differentiable operations of several outputs', async () => {
    const inner = checkpoint((x: Tensor) => {
      const [a, b] = split(x, 2);
      return mul(a, b);
    });
    const outer = checkpoint((x: Tensor) => square(inner(x)));
    expect(await gradOf((x) => sum(outer(x)), [2, 3])).toEqual([2 * 6 * 3, 2 * 6 * 2]);
  });

  test('a tracked tensor from outside is refused', () => {
    const x = tensor(backend, [1, 2]);
    const captured = valueAndGrad(({ a, b }) => sum(checkpoint((t: Tensor) => mul(t, b))(a)));
    expect(codeOf(() => captured({ a: x, b: x }))).toBe('captured');
  });

  test('a record of tensors and a constant from outside', async () => {
    const c = tensor(backend, [10, 20]);
    const f = checkpoint((p: Params, x: Tensor) => mul(mul(p.a, x), c));
    const [a, b] = await computed(() => {
      const params = { a: tensor(backend, [1, 2]), b: tensor(backend, [3, 4]) };
      const { grads } = valueAndGrad((p) => sum(f(p, reshape(p.b, [2]))))(params);
      return [grads.a, grads.b];
    });
    expect([Array.from(a), Array.from(b)]).toEqual([
      [30, 80],
      [10, 40],
    ]);
    c.dispose();
  });
});
