/*
 * Runs the kernels of every tier that this processor has on small and odd sizes, against loops that
 * say what they should compute: under an emulator, a sanitizer or valgrind, where Node does not go.
 * Prints one line a tier; exits with 1 if a result is wrong.
 */
#include "../heddle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hd_pool *hd_pool_acquire(int threads);
void hd_pool_release(hd_pool *pool);
const char *hd_tier_name(int index);
int hd_tier_runs(const char *name);

/* The kernels that are driven, once for each tier. */
typedef struct {
  const char *name;
  int (*matmul)(hd_pool *, int64_t, int64_t, int64_t, int64_t, const float *, int, const float *, int,
                float *, int);
  int (*linear)(hd_pool *, int64_t, int64_t, int64_t, const float *, const void *, int, int,
                const float *, int, const float *, const float *, float *, float *, int);
  int (*linear_backward_weight)(hd_pool *, int64_t, int64_t, int64_t, const float *, const float *, int,
                                float *, float *, int, int);
  int (*attention)(hd_pool *, const double *, float, const float *, const float *, const float *,
                   const int32_t *, const int32_t *, float *, float *);
  int (*attention_backward)(hd_pool *, const double *, float, const float *, const float *,
                            const float *, const float *, const float *, const float *,
                            const int32_t *, const int32_t *, float *, float *, float *);
  int (*layer_norm)(hd_pool *, int64_t, int64_t, float, const float *, const float *, const float *,
                    float *, float *, float *);
  int (*norm_backward)(hd_pool *, int64_t, int64_t, const float *, const float *, const float *,
                       const float *, const float *, float *, float *, float *, int);
  int (*softmax)(hd_pool *, int64_t, int64_t, const float *, float *);
  int (*cross_entropy)(hd_pool *, int64_t, int64_t, int32_t, const float *, const int32_t *, float *,
                       float *);
  int (*reduce)(hd_pool *, int, int64_t, int64_t, int64_t, const float *, float *);
  int (*cast)(hd_pool *, int, int, int64_t, const void *, void *);
  int (*gelu)(hd_pool *, int, int64_t, const float *, float *);
} tier;

/* A kernel as the table above has it. */
#define KERNEL_OF(kernel, name) extern __typeof__(*((tier *)0)->kernel) hd_##kernel##_##name;
#define TIER_OF(name) \
  KERNEL_OF(matmul, name) \
  KERNEL_OF(linear, name) \
  KERNEL_OF(linear_backward_weight, name) \
  KERNEL_OF(attention, name) \
  KERNEL_OF(attention_backward, name) \
  KERNEL_OF(layer_norm, name) \
  KERNEL_OF(norm_backward, name) \
  KERNEL_OF(softmax, name) \
  KERNEL_OF(cross_entropy, name) \
  KERNEL_OF(reduce, name) \
  KERNEL_OF(cast, name) \
  KERNEL_OF(gelu, name)
#define ENTRY(name)                                                                            \
  {#name, hd_matmul_##name, hd_linear_##name, hd_linear_backward_weight_##name,                \
   hd_attention_##name, hd_attention_backward_##name, hd_layer_norm_##name,                    \
   hd_norm_backward_##name, hd_softmax_##name, hd_cross_entropy_##name, hd_reduce_##name,      \
   hd_cast_##name, hd_gelu_##name},
#if defined(__x86_64__)
TIER_OF(avx512bf16) TIER_OF(avx512) TIER_OF(avx2)
#elif defined(__aarch64__)
TIER_OF(neon)
#endif
TIER_OF(generic)
static const tier tiers[] = {
#if defined(__x86_64__)
    ENTRY(avx512bf16) ENTRY(avx512) ENTRY(avx2)
#elif defined(__aarch64__)
    ENTRY(neon)
#endif
    ENTRY(generic)};

static int failures;

/* Exactly `n` elements from the heap, so that a sanitizer sees what lies beyond. */
static float *numbers(int64_t n, float scale) {
  static uint32_t state = 1;
  float *x = malloc((size_t)(n > 0 ? n : 1) * sizeof(float));
  if (x == NULL) abort();
  for (int64_t i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    x[i] = ((float)(state >> 8) / 8388608.0f - 1.0f) * scale;
  }
  return x;
}

static void expect_close(const char *tier, const char *what, const float *got, const double *wanted,
                         int64_t n, double tolerance) {
  double largest = 1;
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(wanted[i]));
  for (int64_t i = 0; i < n; i++) {
    if (fabs((double)got[i] - wanted[i]) <= tolerance * largest) continue;
    printf("%s: %s [%lld] is %g, not %g\n", tier, what, (long long)i, (double)got[i], wanted[i]);
    failures++;
    return;
  }
}

static double bf16_tolerance(int precision) { return precision ? 0.02 : 1e-5; }

static void products(const tier *t, hd_pool *pool) {
  static const int64_t sizes[][3] = {{1, 1, 1}, {1, 33, 70}, {5, 7, 3}, {13, 33, 17},
                                     {64, 48, 129}, {200, 65, 31}, {3, 2100, 9}, {7, 5, 1700}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int layout = 0; layout < 4; layout++)
      for (int precision = 0; precision < 2; precision++) {
        const int64_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
        const int ta = layout & 1, tb = layout >> 1;
        float *a = numbers(m * k, 1), *b = numbers(k * n, 1), *c = numbers(m * n, 1);
        double *wanted = calloc((size_t)(m * n), sizeof *wanted);
        for (int64_t i = 0; i < m; i++)
          for (int64_t j = 0; j < n; j++)
            for (int64_t p = 0; p < k; p++)
              wanted[i * n + j] += (double)a[ta ? p * m + i : i * k + p] *
                                   (double)b[tb ? j * k + p : p * n + j];
        if (t->matmul(pool, 1, m, n, k, a, ta, b, tb, c, precision) != HD_OK) failures++;
        expect_close(t->name, "matmul", c, wanted, m * n, bf16_tolerance(precision));
        if (!ta) {
          float *bias = numbers(n, 1), *residual = numbers(m * n, 1);
          t->linear(pool, m, n, k, a, b, 0, tb, bias, 1, residual, NULL, NULL, c, precision);
          for (int64_t i = 0; i < m * n; i++) wanted[i] += (double)bias[i % n] + (double)residual[i];
          expect_close(t->name, "linear", c, wanted, m * n, bf16_tolerance(precision));
          float *z = numbers(m * n, 1), *gate = numbers(m * n, 1);
          for (int kind = 2; kind <= 7; kind++)
            t->linear(pool, m, n, k, a, b, 0, tb, bias, kind, gate, residual, z, c, precision);
          float *dw = numbers(k * n, 1), *dbias = numbers(n, 1);
          for (int accumulate = 0; accumulate < 2; accumulate++)
            t->linear_backward_weight(pool, m, n, k, a, c, tb, dw, dbias, accumulate, precision);
          free(bias);
          free(residual);
          free(z);
          free(gate);
          free(dw);
          free(dbias);
        }
        free(a);
        free(b);
        free(c);
        free(wanted);
      }
}

/* A weight in bf16 gives what the same numbers in f32 give. */
static void half_weights(const tier *t, hd_pool *pool) {
  for (int64_t m = 1; m < 20; m += 17)
    for (int transposed = 0; transposed < 2; transposed++) {
      const int64_t n = 37, k = 83;
      float *x = numbers(m * k, 1), *w = numbers(k * n, 1), *y = numbers(m * n, 1), *z = numbers(m * n, 1);
      uint16_t *half = malloc((size_t)(k * n) * sizeof *half);
      t->cast(pool, 0, 2, k * n, w, half);
      t->cast(pool, 2, 0, k * n, half, w);
      t->linear(pool, m, n, k, x, half, 1, transposed, NULL, 0, NULL, NULL, NULL, y, 0);
      t->linear(pool, m, n, k, x, w, 0, transposed, NULL, 0, NULL, NULL, NULL, z, 0);
      double *wanted = malloc((size_t)(m * n) * sizeof *wanted);
      for (int64_t i = 0; i < m * n; i++) wanted[i] = (double)z[i];
      expect_close(t->name, "linear with a bf16 weight", y, wanted, m * n, 1e-5);
      free(x);
      free(w);
      free(y);
      free(z);
      free(half);
      free(wanted);
    }
}

static void attentions(const tier *t, hd_pool *pool) {
  /* b, t, heads, d, s, groups, allocated, causal, window, packed, precision */
  static const double shapes[][11] = {
      {2, 7, 2, 5, 7, 2, 7, 1, 0, 0, 0},     {1, 70, 4, 16, 70, 2, 70, 1, 0, 1, 0},
      {1, 70, 4, 16, 70, 2, 70, 1, 0, 1, 1}, {1, 30, 2, 33, 90, 1, 90, 0, 0, 0, 0},
      {1, 120, 1, 8, 120, 1, 120, 1, 9, 0, 1}, {1, 3, 2, 8, 20, 2, 25, 1, 0, 0, 0}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const double *s = shapes[i];
    const int64_t b = (int64_t)s[0], tt = (int64_t)s[1], h = (int64_t)s[2], d = (int64_t)s[3];
    const int64_t keys = (int64_t)s[4], g = (int64_t)s[5], all = (int64_t)s[6];
    const int packed = s[9] != 0, causal = s[7] != 0;
    const int64_t width = packed ? h + 2 * g : h;
    float *q = numbers(b * tt * width * d, 1), *out = numbers(b * tt * h * d, 1);
    float *k = packed ? NULL : numbers(b * all * g * d, 1), *v = packed ? NULL : numbers(b * all * g * d, 1);
    float *lse = numbers(b * h * tt, 1);
    if (t->attention(pool, s, 0.3f, q, k, v, NULL, NULL, out, lse) != HD_OK) failures++;
    double *wanted = calloc((size_t)(b * tt * h * d), sizeof *wanted);
    const float *k0 = packed ? q + h * d : k, *v0 = packed ? q + (h + g) * d : v;
    const int64_t q_stride = width * d, k_stride = packed ? width * d : g * d;
    for (int64_t e = 0; e < b; e++)
      for (int64_t head = 0; head < h; head++)
        for (int64_t r = 0; r < tt; r++) {
          const int64_t group = head / (h / g), last = r + keys - tt;
          double total = 0;
          for (int64_t j = 0; j < keys; j++) {
            if (causal && (j > last || (s[8] > 0 && (double)j <= (double)last - s[8]))) continue;
            double dot = 0;
            for (int64_t x = 0; x < d; x++)
              dot += (double)q[(e * tt + r) * q_stride + head * d + x] *
                     (double)k0[(e * all + j) * k_stride + group * d + x];
            const double weight = exp(dot * (double)0.3f);
            total += weight;
            for (int64_t x = 0; x < d; x++)
              wanted[((e * tt + r) * h + head) * d + x] +=
                  weight * (double)v0[(e * all + j) * k_stride + group * d + x];
          }
          for (int64_t x = 0; x < d; x++) wanted[((e * tt + r) * h + head) * d + x] /= total;
        }
    expect_close(t->name, "attention", out, wanted, b * tt * h * d, bf16_tolerance((int)s[10]));
    if (keys == all) {
      float *dout = numbers(b * tt * h * d, 1), *dq = numbers(b * tt * width * d, 1);
      float *dk = packed ? NULL : numbers(b * all * g * d, 1), *dv = packed ? NULL : numbers(b * all * g * d, 1);
      t->attention_backward(pool, s, 0.3f, q, k, v, out, lse, dout, NULL, NULL, dq, dk, dv);
      free(dout);
      free(dq);
      free(dk);
      free(dv);
    }
    free(q);
    free(k);
    free(v);
    free(out);
    free(lse);
    free(wanted);
  }
}

static void rows(const tier *t, hd_pool *pool) {
  for (int64_t n = 1; n < 80; n += 13) {
    const int64_t count = 37;
    float *x = numbers(count * n, 2), *y = numbers(count * n, 1), *gain = numbers(n, 1), *bias = numbers(n, 1);
    float *mean = numbers(count, 1), *rstd = numbers(count, 1), *dgain = numbers(n, 1), *dbias = numbers(n, 1);
    double *wanted = malloc((size_t)(count * n) * sizeof *wanted);
    t->softmax(pool, count, n, x, y);
    for (int64_t r = 0; r < count; r++) {
      double total = 0;
      for (int64_t i = 0; i < n; i++) total += exp((double)x[r * n + i]);
      for (int64_t i = 0; i < n; i++) wanted[r * n + i] = exp((double)x[r * n + i]) / total;
    }
    expect_close(t->name, "softmax", y, wanted, count * n, 1e-5);
    t->layer_norm(pool, count, n, 1e-5f, x, gain, bias, y, mean, rstd);
    t->norm_backward(pool, count, n, x, gain, mean, rstd, y, x, dgain, dbias, 0);
    t->norm_backward(pool, count, n, y, gain, NULL, rstd, y, x, dgain, NULL, 1);
    int32_t targets[37];
    for (int i = 0; i < 37; i++) targets[i] = (int32_t)(i % n);
    t->cross_entropy(pool, count, n, -100, x, targets, mean, rstd);
    t->reduce(pool, 0, 1, count, n, x, dgain);
    t->reduce(pool, 1, count, n, 1, x, mean);
    t->gelu(pool, 1, count * n, x, y);
    free(x);
    free(y);
    free(gain);
    free(bias);
    free(mean);
    free(rstd);
    free(dgain);
    free(dbias);
    free(wanted);
  }
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 3;
  hd_pool *pool = hd_pool_acquire(threads);
  if (pool == NULL) return 2;
  for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++) {
    if (!hd_tier_runs(tiers[i].name)) {
      printf("%s: not on this processor\n", tiers[i].name);
      continue;
    }
    const int before = failures;
    products(&tiers[i], pool);
    half_weights(&tiers[i], pool);
    attentions(&tiers[i], pool);
    rows(&tiers[i], pool);
    printf("%s: %s\n", tiers[i].name, failures == before ? "as it should be" : "wrong");
  }
  hd_pool_release(pool);
  return failures > 0;
}
