import type { Op, Params, Precision, Tensor, View } from '@heddle/core';
import { expect, test } from 'vitest';
import {
  attention,
  autocast,
  cast,
  checkpoint,
  feedForward,
  keepPrecision,
  layerNorm,
  linear,
  matmul,
  normal,
  scoped,
  sum,
  toBf16,
  valueAndGrad,
} from '../src/index.js';
import { fusedBackend, primitiveBackend, SpyBackend } from './support/backends.js';

/** Writes down each product with the precision it was asked for in. */
class PrecisionSpy extends SpyBackend {
  readonly products: string[] = [];

  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    if (/matmul|linear|attention/i.test(op.kind))
      this.products.push(`${op.kind} ${(op as Precision).precision ?? 'f32'}`);
    super.run(op, inputs, outputs);
  }
}

/** The products of a function's two passes. */
function productsOf(fn: (p: Params, backend: PrecisionSpy) => Tensor): string[] {
  const backend = new PrecisionSpy('spy');
  scoped(() => {
    const params = {
      x: normal(backend, [1, 1], [2, 4]),
      w: normal(backend, [1, 2], [4, 4]),
    };
    valueAndGrad((p) => sum(fn(p, backend)))(params);
  });
  return backend.products;
}

test('products outside autocast are f32', () => {
  expect(productsOf(({ x, w }) => matmul(x, w))).toEqual(Array(3).fill('matmul f32'));
});

test('matmul, forward and backward', () => {
  const products = productsOf(({ x, w }) => autocast('bf16', () => matmul(x, w)));
  expect(products).toEqual(Array(3).fill('matmul bf16'));
});

test('linear and feed-forward layers, forward and backward', () => {
  const layers = productsOf(({ x, w }) =>
    autocast('bf16', () =>
      feedForward(linear(x, w), {
        activation: 'gelu',
        up: { weight: w },
        down: { weight: w },
        residual: x,
      }),
    ),
  );
  expect(layers.length).toBe(9);
  expect(layers.filter((product) => !product.endsWith('bf16'))).toEqual([]);
});

test('attention, forward and backward', () => {
  const products = productsOf(({ w }, backend) => {
    const q = normal(backend, [1, 3], [1, 4, 1, 4]);
    return autocast('bf16', () => matmul(attention(q, q, q, { causal: true }), w));
  });
  expect(products[0]).toBe('attention bf16');
});

test('it ends with the function, nests, and is undone by errors', () => {
  const products = productsOf(({ x, w }) => {
    autocast('bf16', () => {
      matmul(x, w);
      autocast('f32', () => matmul(x, w));
      matmul(x, w);
    });
    expect(() =>
      autocast('bf16', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    return matmul(x, w);
  });
  expect(products.slice(0, 4).map((product) => product.split(' ')[1])).toEqual([
    'bf16',
    'f32',
    'bf16',
    'f32',
  ]);
});

test('parameters that keep their precision, through views and gradients', () => {
  const products = productsOf(({ x, w }) => {
    keepPrecision(w);
    return autocast('bf16', () => linear(x, w, { transposeWeight: true }));
  });
  expect(products.filter((product) => !product.endsWith('f32'))).toEqual([]);
});

test('what is computed again is computed as the first time', () => {
  const products = productsOf(({ x, w }) =>
    autocast('bf16', () => checkpoint((a: Tensor, b: Tensor) => matmul(a, b))(x, w)),
  );
  expect(products).toEqual(Array(4).fill('matmul bf16'));
});

test('norms know nothing of it', () => {
  const backend = new PrecisionSpy('spy');
  scoped(() => {
    const x = normal(backend, [1, 1], [2, 4]);
    const gain = normal(backend, [1, 2], [4]);
    autocast('bf16', () => layerNorm(x, gain, gain));
  });
  expect(backend.products).toEqual([]);
});

test('a function that returns a promise is refused', () => {
  expect(() => autocast('bf16', async () => 1)).toThrow(
    /autocast: the function returned a promise/,
  );
});

test('a weight in bf16 beside f32: the products of its rounded numbers, on any backend', async () => {
  for (const backend of [fusedBackend(), primitiveBackend()]) {
    const [got, expected] = scoped(() => {
      const x = normal(backend, [1, 1], [3, 8]);
      const weight = normal(backend, [1, 2], [8, 5]);
      const rounded = cast(weight, 'bf16');
      return [linear(x, rounded), linear(x, cast(rounded, 'f32'))];
    });
    expect(await got.read()).toEqual(await expected.read());
  }
});

test('a weight in bf16 beside f32 has no gradient, what goes through it has', () => {
  const backend = fusedBackend();
  scoped(() => {
    const x = normal(backend, [1, 1], [3, 8]);
    const w = cast(normal(backend, [1, 2], [8, 5]), 'bf16');
    const { grads } = valueAndGrad((p) => sum(linear(p.x, w)))({ x });
    expect(grads.x.shape).toEqual([3, 8]);
    expect(() => valueAndGrad((p) => sum(linear(x, p.w)))({ w })).toThrow(
      /a bf16 weight has no derivative/,
    );
  });
});

test('toBf16 rounds matrices, shares the rest, and leaves the originals alone', async () => {
  const backend = fusedBackend();
  const params = { w: normal(backend, [1, 1], [2, 3]), b: normal(backend, [1, 2], [3]) };
  const before = await params.w.read();
  const small = toBf16(params);
  expect(small.w.dtype).toBe('bf16');
  expect(small.b.dtype).toBe('f32');
  expect(toBf16(params, (name) => name === 'b').w.dtype).toBe('f32');
  for (const x of Object.values(small)) x.dispose();
  expect(await params.w.read()).toEqual(before);
  expect(await params.b.read()).toHaveLength(3);
});
