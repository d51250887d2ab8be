import {
  type Backend,
  type Context,
  type DType,
  fold,
  HeddleError,
  type KeyValueCache,
  type LanguageModel,
  type Op,
  type Params,
  type RngKey,
  randomNormal,
  type Shape,
  sizeOf,
  type Tensor,
  type TokenInput,
  type TypedArray,
  type View,
} from '@heddle/core';

/** A tensor that is nothing but its buffer. */
export class PlainTensor implements Tensor {
  readonly buffer: ReturnType<Backend['alloc']>;
  #freed = false;

  constructor(
    readonly backend: Backend,
    readonly shape: Shape,
    readonly dtype: DType = 'f32',
  ) {
    this.buffer = backend.alloc(sizeOf(shape), dtype);
  }

  static of(backend: Backend, data: TypedArray, shape: Shape): PlainTensor {
    const tensor = new PlainTensor(backend, shape, data instanceof Int32Array ? 'i32' : 'f32');
    backend.write(tensor.buffer, data);
    return tensor;
  }

  read(): Promise<TypedArray> {
    return this.backend.read(this.buffer);
  }

  dispose(): void {
    if (!this.#freed) this.backend.free(this.buffer);
    this.#freed = true;
  }
}

/** The tensor's buffer, seen with a shape. */
function view(x: Tensor, shape: Shape = x.shape): View {
  return { buffer: (x as PlainTensor).buffer, shape };
}

/** A new tensor of `shape` made by `op`. */
function made(backend: Backend, op: Op, inputs: readonly View[], shape: Shape): PlainTensor {
  const out = new PlainTensor(backend, shape);
  backend.run(op, inputs, [view(out)]);
  return out;
}

export class TinyCache implements KeyValueCache {
  length = 0;
  constructor(
    readonly capacity: number,
    readonly keys: PlainTensor,
  ) {}
  dispose(): void {
    this.keys.dispose();
  }
}

const [VOCABULARY, CONTEXT, WIDTH] = [19, 16, 8];

/** One layer: embeddings, attention over them, an output matrix. The broken ones override a method each. */
export class TinyModel implements LanguageModel {
  readonly config: LanguageModel['config'] = { model_type: 'tiny' };
  readonly vocabSize: number = VOCABULARY;
  readonly contextLength: number = CONTEXT;
  readonly hiddenSize: number = WIDTH;
  readonly causal: boolean = true;
  /** What the attention really does. */
  protected readonly masked: boolean = true;

  init(key: RngKey, backend: Backend): Params {
    const matrix = (name: string, shape: Shape): Tensor =>
      PlainTensor.of(backend, randomNormal(fold(key, name), sizeOf(shape)), shape);
    return {
      tokens: matrix('tokens', [VOCABULARY, WIDTH]),
      positions: matrix('positions', [CONTEXT, WIDTH]),
      output: matrix('output', [WIDTH, VOCABULARY]),
    };
  }

  /** i32 [B, T]: where each token stands. */
  protected positionsOf(input: TokenInput): Tensor {
    const [batch, length] = input.ids.shape;
    const first = input.cache?.length ?? 0;
    if (first + length > this.contextLength) {
      throw new HeddleError('invalid-argument', 'longer than the context', {
        argument: 'ids',
        given: first + length,
      });
    }
    const data = Int32Array.from({ length: batch * length }, (_, i) => first + (i % length));
    return PlainTensor.of(input.ids.backend, data, [batch, length]);
  }

  /** [B, T, WIDTH]. */
  protected embed(params: Params, input: TokenInput): PlainTensor {
    const { backend, shape } = input.ids;
    const positions = input.positions ?? this.positionsOf(input);
    const rows = [...shape, WIDTH];
    const x = made(backend, { kind: 'gather' }, [view(params.tokens), view(input.ids)], rows);
    const p = made(backend, { kind: 'gather' }, [view(params.positions), view(positions)], rows);
    backend.run({ kind: 'add' }, [view(x), view(p)], [view(x)]);
    p.dispose();
    if (positions !== input.positions) positions.dispose();
    return x;
  }

  /** x + attention(x): [B, T, WIDTH]. */
  protected attend(x: PlainTensor, input: TokenInput): PlainTensor {
    const { backend, shape } = x;
    const [batch, length] = shape;
    const query = view(x, [batch, length, 1, WIDTH]);
    const cache = input.cache as TinyCache | undefined;
    const keys = cache === undefined ? query : this.store(cache, query);
    const segments = input.segments ? [view(input.segments), view(input.segments)] : [];
    const out = new PlainTensor(backend, query.shape);
    const lse = new PlainTensor(backend, [batch, 1, length]);
    const keyLength = cache && { keyLength: cache.length };
    backend.run(
      { kind: 'attention', causal: this.masked, scale: 0.3, ...keyLength },
      [query, keys, keys, ...segments],
      [view(out), view(lse)],
    );
    const sum = made(backend, { kind: 'add' }, [view(x), view(out, shape)], shape);
    for (const tensor of [out, lse]) tensor.dispose();
    return sum;
  }

  /** Appends to the cache; all it holds. */
  protected store(cache: TinyCache, keys: View): View {
    const length = keys.shape[1];
    if (cache.length + length > cache.capacity) {
      throw new HeddleError('invalid-argument', 'the cache is full', {
        argument: 'cache',
        given: cache.length,
      });
    }
    const target = view(cache.keys);
    const start = [0, cache.length, 0, 0];
    cache.keys.backend.run({ kind: 'updateSlice', start }, [target, keys], [target]);
    cache.length += length;
    return target;
  }

  hidden(params: Params, input: TokenInput, _context: Context): Tensor {
    const x = this.embed(params, input);
    try {
      return this.attend(x, input);
    } finally {
      x.dispose();
    }
  }

  logits(params: Params, hidden: Tensor): Tensor {
    const rows = sizeOf(hidden.shape.slice(0, -1));
    const out = new PlainTensor(hidden.backend, [...hidden.shape.slice(0, -1), VOCABULARY]);
    hidden.backend.run(
      { kind: 'matmul', transposeA: false, transposeB: false },
      [view(hidden, [rows, WIDTH]), view(params.output)],
      [view(out, [rows, VOCABULARY])],
    );
    return out;
  }

  apply(params: Params, input: TokenInput, context: Context): Tensor {
    const hidden = this.hidden(params, input, context);
    const logits = this.logits(params, hidden);
    hidden.dispose();
    return logits;
  }

  createCache(options: { batch: number; capacity: number; backend: Backend }): KeyValueCache {
    const shape = [options.batch, options.capacity, 1, WIDTH];
    return new TinyCache(options.capacity, new PlainTensor(options.backend, shape));
  }
}
