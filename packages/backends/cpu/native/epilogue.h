/* What is done with a block of a product while it is in the cache: bias, residual, activations. */

/* Kinds of linear's activation, with and without the derivative. JavaScript uses the same numbers. */
enum {
  NO_ACTIVATION,
  RESIDUAL,         /* y += first */
  GELU,             /* extra = y; y = gelu(y) */
  GELU_TANH,
  SWIGLU,           /* extra = y; y = silu(first) y */
  GELU_SLOPE,       /* y *= gelu'(first) */
  GELU_TANH_SLOPE,
  SWIGLU_SLOPE      /* (y, extra) = y times the derivative of silu(first) second by first, second */
};

typedef struct {
  int kind;
  const float *bias;           /* [n] or NULL */
  const float *first, *second; /* [m, n] */
  float *extra;                /* [m, n]; may be NULL going forward */
} epilogue;

/* d silu(x) / dx, given the sigmoid s of x. */
INLINE vf silu_slope(vf x, vf s) { return s * (splat(1.0f) + x * (splat(1.0f) - s)); }

/* Each vector `v` of the block, at offset `at` from its first element, with `left` elements. */
#define EACH_VECTOR(...)                                              \
  for (int64_t row = 0; row < rows; row++)                            \
    for (int64_t j = 0; j < columns; j += W) {                        \
      const int64_t at = row * ldc + j, left = columns - j;           \
      vf v = load_some(c + at, left);                                 \
      if (bias != NULL) v += load_some(bias + j, left);               \
      __VA_ARGS__;                                                    \
      store_some(c + at, v, left);                                    \
    }                                                                 \
  break

/* Finishes c[rows, columns], whose first element is element `offset` of the product, in `column`. */
static void finish_block(const epilogue *e, int64_t rows, int64_t columns, int64_t offset,
                         int64_t column, int64_t ldc, float *c) {
  const float *bias = e->bias == NULL ? NULL : e->bias + column;
  const float *first = e->first == NULL ? NULL : e->first + offset;
  const float *second = e->second == NULL ? NULL : e->second + offset;
  float *extra = e->extra == NULL ? NULL : e->extra + offset;
  switch (e->kind) {
    case RESIDUAL: EACH_VECTOR(v += load_some(first + at, left));
    case GELU: EACH_VECTOR(if (extra != NULL) store_some(extra + at, v, left); v = gelu_erf(v));
    case GELU_TANH: EACH_VECTOR(if (extra != NULL) store_some(extra + at, v, left); v = gelu_tanh(v));
    case SWIGLU:
      EACH_VECTOR(const vf gate = load_some(first + at, left);
                  if (extra != NULL) store_some(extra + at, v, left); v *= gate * vsigmoid(gate));
    case GELU_SLOPE: EACH_VECTOR(v *= gelu_erf_slope(load_some(first + at, left)));
    case GELU_TANH_SLOPE: EACH_VECTOR(v *= gelu_tanh_slope(load_some(first + at, left)));
    case SWIGLU_SLOPE:
      EACH_VECTOR(const vf gate = load_some(first + at, left); const vf s = vsigmoid(gate);
                  store_some(extra + at, v * gate * s, left);
                  v *= load_some(second + at, left) * silu_slope(gate, s));
    default: EACH_VECTOR((void)0);
  }
}
