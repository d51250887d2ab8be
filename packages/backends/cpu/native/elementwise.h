/* Element by element: unary functions, activations, and binary functions with broadcasting. */

typedef uint16_t vh __attribute__((vector_size(VECTOR_BYTES / 2)));
typedef uint16_t vh_unaligned __attribute__((vector_size(VECTOR_BYTES / 2), aligned(2), may_alias));

/* W elements of bf16, or the n < W that are left, as f32. */
INLINE vf load_bf16(const uint16_t *p, int64_t n) {
  vh x = {0};
  if (n >= W) x = *(const vh_unaligned *)p;
  else memcpy(&x, p, (size_t)n * sizeof *p);
  return (vf)(__builtin_convertvector(x, vu) << 16);
}

static void widen_run(const uint16_t *x, float *y, int64_t n) {
  for (int64_t i = 0; i < n; i += W) store_some(y + i, load_bf16(x + i, n - i), n - i);
}

enum { NEG, ABS, SIGN, EXP, LOG, SQRT, RSQRT, SIN, COS, TANH, ERF, FLOOR };

#define SCALAR_MAP(n, y, expression)                          \
  do {                                                        \
    INDEPENDENT                                               \
    for (int64_t i = 0; i < (n); i++) (y)[i] = (expression);  \
  } while (0)

static void unary(int kind, int64_t n, const float *x, float *y) {
  switch (kind) {
    case NEG: SCALAR_MAP(n, y, -x[i]); break;
    case ABS: SCALAR_MAP(n, y, fabsf(x[i])); break;
    case SIGN: SCALAR_MAP(n, y, x[i] > 0 ? 1.0f : x[i] < 0 ? -1.0f : x[i]); break;
    case EXP: MAP(n, y, const vf v = AT(x), vexp(v)); break;
    case LOG: SCALAR_MAP(n, y, logf(x[i])); break;
    case SQRT: SCALAR_MAP(n, y, sqrtf(x[i])); break;
    case RSQRT: SCALAR_MAP(n, y, 1.0f / sqrtf(x[i])); break;
    case SIN: SCALAR_MAP(n, y, sinf(x[i])); break;
    case COS: SCALAR_MAP(n, y, cosf(x[i])); break;
    case TANH: MAP(n, y, const vf v = AT(x), vtanh(v)); break;
    case ERF: MAP(n, y, const vf v = AT(x), verf(v)); break;
    case FLOOR: SCALAR_MAP(n, y, floorf(x[i])); break;
  }
}

#define SQRT_2_OVER_PI 0.797884560802865356f
#define GELU_CUBIC 0.044715f

/* x sigmoid(2u) is 0.5 x (1 + tanh(u)). */
INLINE vf gelu_tanh(vf x) {
  const vf u = x * (splat(2 * SQRT_2_OVER_PI) + splat(2 * SQRT_2_OVER_PI * GELU_CUBIC) * x * x);
  return x * vsigmoid(u);
}
INLINE vf gelu_tanh_slope(vf x) {
  x = clamp(x, -20.0f, 20.0f); /* beyond, the slope is 0 or 1; squares would overflow */
  const vf square = x * x;
  const vf u = x * (splat(2 * SQRT_2_OVER_PI) + splat(2 * SQRT_2_OVER_PI * GELU_CUBIC) * square);
  const vf du = splat(2 * SQRT_2_OVER_PI) + splat(6 * SQRT_2_OVER_PI * GELU_CUBIC) * square;
  const vf s = vsigmoid(u);
  return s + x * du * (s - s * s);
}
INLINE vf gelu_erf(vf x) {
  return splat(0.5f) * x * (splat(1.0f) + verf(x * splat(0.707106781186547524f)));
}
INLINE vf gelu_erf_slope(vf x) {
  x = clamp(x, -20.0f, 20.0f);
  const vf density = splat(0.398942280401432678f) * vexp(splat(-0.5f) * x * x);
  return splat(0.5f) * (splat(1.0f) + verf(x * splat(0.707106781186547524f))) + x * density;
}

typedef struct {
  int kind;
  split cut;
  const float *a, *b, *c;
  float *y, *z;
} map_job;

#define MAP_RANGE                                       \
  const map_job *job = context;                         \
  (void)worker;                                         \
  const int64_t begin = task * job->cut.size;           \
  const int64_t n = min64(job->cut.size, job->cut.n - begin)

static void unary_task(void *context, int64_t task, int worker) {
  MAP_RANGE;
  unary(job->kind, n, job->a + begin, job->y + begin);
}

static void gelu_task(void *context, int64_t task, int worker) {
  MAP_RANGE;
  const float *x = job->a + begin;
  float *y = job->y + begin;
  if (job->kind) MAP(n, y, const vf v = AT(x), gelu_tanh(v));
  else MAP(n, y, const vf v = AT(x), gelu_erf(v));
}

static void gelu_backward_task(void *context, int64_t task, int worker) {
  MAP_RANGE;
  const float *x = job->a + begin;
  const float *dy = job->b + begin;
  float *dx = job->y + begin;
  if (job->kind) MAP(n, dx, const vf v = AT(x), AT(dy) * gelu_tanh_slope(v));
  else MAP(n, dx, const vf v = AT(x), AT(dy) * gelu_erf_slope(v));
}

static void swiglu_task(void *context, int64_t task, int worker) {
  MAP_RANGE;
  const float *gate = job->a + begin;
  const float *up = job->b + begin;
  float *y = job->y + begin;
  MAP(n, y, const vf g = AT(gate), g * vsigmoid(g) * AT(up));
}

static void swiglu_backward_task(void *context, int64_t task, int worker) {
  MAP_RANGE;
  const float *gate = job->a + begin;
  const float *up = job->b + begin;
  const float *dy = job->c + begin;
  float *dgate = job->y + begin;
  float *dup = job->z + begin;
  for (int64_t i = 0; i < n; i += W) {
    const int64_t left = min64(W, n - i);
    const vf g = load_part(gate + i, left, 0.0f);
    const vf u = load_part(up + i, left, 0.0f);
    const vf d = load_part(dy + i, left, 0.0f);
    const vf s = vsigmoid(g);
    store_part(dgate + i, d * u * s * (splat(1.0f) + g * (splat(1.0f) - s)), left);
    store_part(dup + i, d * g * s, left);
  }
}

#define RUN_MAP(pool, elements, grain, run, ...)                \
  do {                                                          \
    pool_lock(pool);                                            \
    map_job job = {.cut = split_of(pool, elements, grain), __VA_ARGS__}; \
    pool_run(pool, job.cut.tasks, run, &job);                   \
    pool_unlock(pool);                                          \
    return HD_OK;                                               \
  } while (0)

KERNEL(unary)(hd_pool *pool, int kind, int64_t n, const float *x, float *y) {
  RUN_MAP(pool, n, 8192, unary_task, .kind = kind, .a = x, .y = y);
}
KERNEL(gelu)(hd_pool *pool, int tanh_form, int64_t n, const float *x, float *y) {
  RUN_MAP(pool, n, 4096, gelu_task, .kind = tanh_form, .a = x, .y = y);
}
KERNEL(gelu_backward)
(hd_pool *pool, int tanh_form, int64_t n, const float *x, const float *dy, float *dx) {
  RUN_MAP(pool, n, 4096, gelu_backward_task, .kind = tanh_form, .a = x, .b = dy, .y = dx);
}
KERNEL(swiglu)(hd_pool *pool, int64_t n, const float *gate, const float *up, float *y) {
  RUN_MAP(pool, n, 4096, swiglu_task, .a = gate, .b = up, .y = y);
}
KERNEL(swiglu_backward)
(hd_pool *pool, int64_t n, const float *gate, const float *up, const float *dy, float *dgate,
 float *dup) {
  RUN_MAP(pool, n, 4096, swiglu_backward_task, .a = gate, .b = up, .c = dy, .y = dgate, .z = dup);
}

/* --- broadcasting ---------------------------------------------------------------------------- */

enum { ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, POW, EQUAL, LESS, SELECT };
enum { MAX_RANK = 16 };

typedef struct {
  int kind, integer, rank;
  int64_t inner, total, size;
  int64_t dims[MAX_RANK];
  int64_t strides[3][MAX_RANK]; /* of up to three inputs; the last is 0 or 1 */
  const char *inputs[3];
  char *output;
} broadcast_job;

/* One run along the last axis, for each combination of stepping and standing still. */
#define RUN2(T, expression)                                                             \
  do {                                                                                  \
    const T *a = (const T *)pa, *b = (const T *)pb;                                     \
    if (sa && sb) { INDEPENDENT for (int64_t i = 0; i < n; i++) { const T x = a[i], y = b[i]; c[i] = (expression); } } \
    else if (sa) { const T y = *b; INDEPENDENT for (int64_t i = 0; i < n; i++) { const T x = a[i]; c[i] = (expression); } } \
    else if (sb) { const T x = *a; INDEPENDENT for (int64_t i = 0; i < n; i++) { const T y = b[i]; c[i] = (expression); } } \
    else { const T x = *a, y = *b; for (int64_t i = 0; i < n; i++) c[i] = (expression); } \
  } while (0)

static void binary_floats(int kind, int64_t n, const char *pa, int64_t sa, const char *pb,
                          int64_t sb, float *c) {
  switch (kind) {
    case ADD: RUN2(float, x + y); break;
    case SUB: RUN2(float, x - y); break;
    case MUL: RUN2(float, x * y); break;
    case DIV: RUN2(float, x / y); break;
    case MAXIMUM: RUN2(float, x > y || x != x ? x : y); break;
    case MINIMUM: RUN2(float, x < y || x != x ? x : y); break;
    case POW: RUN2(float, powf(x, y)); break;
  }
}

static void compare_floats(int kind, int64_t n, const char *pa, int64_t sa, const char *pb,
                           int64_t sb, int32_t *c) {
  if (kind == EQUAL) RUN2(float, x == y);
  else RUN2(float, x < y);
}

/* Wraps on overflow; x / 0 is 0. */
static void binary_integers(int kind, int64_t n, const char *pa, int64_t sa, const char *pb,
                            int64_t sb, int32_t *c) {
  switch (kind) {
    case ADD: RUN2(int32_t, (int32_t)((uint32_t)x + (uint32_t)y)); break;
    case SUB: RUN2(int32_t, (int32_t)((uint32_t)x - (uint32_t)y)); break;
    case MUL: RUN2(int32_t, (int32_t)((uint32_t)x * (uint32_t)y)); break;
    case DIV: RUN2(int32_t, y == 0 ? 0 : (int32_t)((int64_t)x / y)); break;
    case MAXIMUM: RUN2(int32_t, x > y ? x : y); break;
    case MINIMUM: RUN2(int32_t, x < y ? x : y); break;
    case EQUAL: RUN2(int32_t, x == y); break;
    case LESS: RUN2(int32_t, x < y); break;
  }
}

static void select_words(int64_t n, const char *pt, int64_t st, const char *pa, int64_t sa,
                         const char *pb, int64_t sb, int32_t *c) {
  const int32_t *t = (const int32_t *)pt, *a = (const int32_t *)pa, *b = (const int32_t *)pb;
  INDEPENDENT
  for (int64_t i = 0; i < n; i++) c[i] = t[i * st] != 0 ? a[i * sa] : b[i * sb];
}

static void broadcast_task(void *context, int64_t task, int worker) {
  (void)worker;
  const broadcast_job *job = context;
  const int last = job->rank - 1;
  int64_t at = task * job->size;
  const int64_t end = min64(at + job->size, job->total);
  while (at < end) {
    int64_t row = at / job->inner;
    const int64_t column = at % job->inner;
    const int64_t n = min64(job->inner - column, end - at);
    int64_t offset[3];
    for (int k = 0; k < 3; k++) offset[k] = column * job->strides[k][last];
    for (int axis = last - 1; axis >= 0; axis--) {
      const int64_t index = row % job->dims[axis];
      row /= job->dims[axis];
      for (int k = 0; k < 3; k++) offset[k] += index * job->strides[k][axis];
    }
    const char *p[3];
    for (int k = 0; k < 3; k++) p[k] = job->inputs[k] + 4 * offset[k];
    char *c = job->output + 4 * at;
    const int64_t s0 = job->strides[0][last], s1 = job->strides[1][last];
    if (job->kind == SELECT)
      select_words(n, p[0], s0, p[1], s1, p[2], job->strides[2][last], (int32_t *)c);
    else if (job->integer) binary_integers(job->kind, n, p[0], s0, p[1], s1, (int32_t *)c);
    else if (job->kind >= EQUAL) compare_floats(job->kind, n, p[0], s0, p[1], s1, (int32_t *)c);
    else binary_floats(job->kind, n, p[0], s0, p[1], s1, (float *)c);
    at += n;
  }
}

/*
 * `layout` holds the dims of the output, then the strides of each of the three inputs, `rank` >= 1
 * numbers each. Binary functions repeat their second input as the third.
 */
KERNEL(broadcast)
(hd_pool *pool, int kind, int integer, int rank, const double *layout, const void *a,
 const void *b, const void *c, void *y) {
  broadcast_job job = {.kind = kind, .integer = integer, .rank = rank,
                       .inputs = {a, b, c}, .output = y, .total = 1};
  for (int axis = 0; axis < rank; axis++) {
    job.dims[axis] = (int64_t)layout[axis];
    job.total *= job.dims[axis];
    for (int k = 0; k < 3; k++) job.strides[k][axis] = (int64_t)layout[(k + 1) * rank + axis];
  }
  job.inner = job.dims[rank - 1];
  pool_lock(pool);
  const split cut = split_of(pool, job.total, 16384);
  job.size = cut.size;
  pool_run(pool, cut.tasks, broadcast_task, &job);
  pool_unlock(pool);
  return HD_OK;
}

/* The dtypes of casts. */
enum { CAST_F32, CAST_I32, CAST_BF16 };

typedef struct {
  int from, to;
  split cut;
  const void *x;
  void *y;
} cast_job;

static void cast_task(void *context, int64_t task, int worker) {
  const cast_job *job = context;
  (void)worker;
  const int64_t begin = task * job->cut.size;
  const int64_t end = min64(begin + job->cut.size, job->cut.n);
  if (job->to == CAST_I32) {
    const float *x = job->x;
    int32_t *y = job->y;
    for (int64_t i = begin; i < end; i++)
      y[i] = x[i] != x[i] ? 0
             : x[i] >= 2147483648.0f ? INT32_MAX
             : x[i] < -2147483648.0f ? INT32_MIN : (int32_t)x[i];
  } else if (job->from == CAST_I32) {
    const int32_t *x = job->x;
    float *y = job->y;
    INDEPENDENT
    for (int64_t i = begin; i < end; i++) y[i] = (float)x[i];
  } else if (job->from == CAST_BF16) {
    widen_run((const uint16_t *)job->x + begin, (float *)job->y + begin, end - begin);
  } else {
    const uint32_t *x = job->x; /* the bits of floats */
    uint16_t *y = job->y;
    INDEPENDENT
    for (int64_t i = begin; i < end; i++) {
      const uint32_t bits = x[i];
      const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
      y[i] = (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16) | 0x40 : rounded);
    }
  }
}

/*
 * Between f32 and i32, rounding to nearest, or truncating and saturating; between f32 and bf16,
 * rounding to nearest even.
 */
KERNEL(cast)(hd_pool *pool, int from, int to, int64_t n, const void *x, void *y) {
  pool_lock(pool);
  cast_job job = {from, to, split_of(pool, n, 16384), x, y};
  pool_run(pool, job.cut.tasks, cast_task, &job);
  pool_unlock(pool);
  return HD_OK;
}
