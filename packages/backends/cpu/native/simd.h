/*
 * The vector type of one tier and what is done with it. A tier is a source file that defines
 * TIER, VECTOR_BYTES, TILE_ROWS and TILE_VECTORS (and NATIVE_BF16 where the processor multiplies
 * bf16), sets the compiler's target, and includes all kernels: the same code, once for each
 * instruction set.
 */
#include "heddle.h"

#include <math.h>
#include <string.h>

#ifndef NATIVE_BF16
#define NATIVE_BF16 0
#endif

#define CONCAT_(a, b, c, d) a##b##c##d
#define CONCAT(a, b, c, d) CONCAT_(a, b, c, d)
/* The exported name of a kernel in this tier, e.g. hd_gelu_avx2. */
#define KERNEL(name) HD_EXPORT int CONCAT(hd_, name, _, TIER)

#define INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep") /* in place on the same index is fine */
#endif

/* Before a loop whose bounds are constants: no loop remains. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum { W = VECTOR_BYTES / 4 };

typedef float vf __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(VECTOR_BYTES)));
typedef uint32_t vu __attribute__((vector_size(VECTOR_BYTES))); /* where sums may wrap around */
typedef float vf_unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

typedef float quad __attribute__((vector_size(16)));
typedef int32_t quad_mask __attribute__((vector_size(16)));
typedef float quad_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
INLINE quad load_quad(const float *p) { return *(const quad_unaligned *)p; }
INLINE void store_quad(float *p, quad x) { *(quad_unaligned *)p = x; }

INLINE vf load(const float *p) { return *(const vf_unaligned *)p; }
INLINE void store(float *p, vf x) { *(vf_unaligned *)p = x; }
INLINE vf splat(float x) { return x - (vf){0}; }

/* The first n < W elements; the others are `rest`. */
INLINE vf load_part(const float *p, int64_t n, float rest) {
#ifdef LOAD_FIRST /* a tier's masked instructions */
  return LOAD_FIRST(p, n, splat(rest));
#else
  vf x = splat(rest);
  memcpy(&x, p, (size_t)n * sizeof(float));
  return x;
#endif
}
INLINE void store_part(float *p, vf x, int64_t n) {
#ifdef STORE_FIRST
  STORE_FIRST(p, x, n);
#else
  memcpy(p, &x, (size_t)n * sizeof(float));
#endif
}

/* The next W elements, or the n that are left (the others are 0). */
INLINE vf load_some(const float *p, int64_t n) { return n >= W ? load(p) : load_part(p, n, 0.0f); }
INLINE void store_some(float *p, vf x, int64_t n) {
  if (n >= W) store(p, x);
  else store_part(p, x, n);
}

/* a b + c; a tier names its instruction where the compiler does not find it by itself. */
INLINE vf multiply_add(vf a, vf b, vf c) {
#ifdef FUSED_MULTIPLY_ADD
  return FUSED_MULTIPLY_ADD(a, b, c);
#else
  return a * b + c;
#endif
}

/* mask is all ones or all zeros in each lane. */
INLINE vf choose(vi mask, vf yes, vf no) { return (vf)((mask & (vi)yes) | (~mask & (vi)no)); }
/* The larger; NaN if one is NaN. */
INLINE vf larger(vf a, vf b) { return choose((a > b) | (a != a), a, b); }
/* The larger or the smaller of both; the second where one is NaN. */
INLINE vf greater(vf a, vf b) {
#ifdef GREATER /* a tier's instruction */
  return GREATER(a, b);
#else
  return choose(a > b, a, b);
#endif
}
INLINE vf lesser(vf a, vf b) {
#ifdef LESSER
  return LESSER(a, b);
#else
  return choose(a < b, a, b);
#endif
}
/* x within [low, high]; NaN stays NaN. */
INLINE vf clamp(vf x, float low, float high) { return greater(splat(low), lesser(splat(high), x)); }

INLINE float sum_of(vf x) {
  quad parts[W / 4];
  memcpy(parts, &x, sizeof parts);
  for (int n = W / 8; n > 0; n /= 2)
    for (int i = 0; i < n; i++) parts[i] += parts[i + n];
  return (parts[0][0] + parts[0][2]) + (parts[0][1] + parts[0][3]);
}
INLINE float max_of(vf x) {
  quad parts[W / 4];
  memcpy(parts, &x, sizeof parts);
  for (int n = W / 8; n > 0; n /= 2)
    for (int i = 0; i < n; i++) {
      const quad a = parts[i], b = parts[i + n];
      const quad_mask first = (a > b) | (a != a);
      parts[i] = (quad)((first & (quad_mask)a) | (~first & (quad_mask)b));
    }
  float max = parts[0][0];
  for (int i = 1; i < 4; i++) max = max > parts[0][i] || max != max ? max : parts[0][i];
  return max;
}

/* Sums an expression in `i`-th vectors over n elements: for (i, VAL) with a tail through `part`. */
#define FOR_VECTORS(i, n) for (int64_t i = 0, last_##i = (n) - (n) % W; i < last_##i; i += W)

/* e^r for |r| <= ln(2)/2: Cephes' polynomial. */
INLINE vf exp_near_zero(vf r) {
  vf p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  return p * r * r + r + splat(1.0f);
}

/*
 * e^x within 2 ulp: 2^n e^r with |r| <= ln(2)/2. The power is applied in two
 * halves, so that results run into infinity, denormals and zero as they should; NaN stays NaN.
 */
INLINE vf vexp(vf x) {
  x = clamp(x, -104.0f, 89.0f);
  const vf shifted = x * splat(1.44269504088896341f) + splat(12582912.0f);
  const vi n = (vi)shifted - (vi)splat(12582912.0f);
  const vf whole = shifted - splat(12582912.0f);
  const vf r = x - whole * splat(0.693359375f) - whole * splat(-2.12194440e-4f);
  const vf p = exp_near_zero(r);
  const vi half = n >> 1;
  const vi bias = (vi){0} + 127;
  return p * (vf)((half + bias) << 23) * (vf)((n - half + bias) << 23);
}

/* e^x for x <= 0 within 2 ulp; 0 below -86.6, where denormals begin. -infinity gives 0, NaN stays NaN. */
INLINE vf vexp_falling(vf x) {
  const vf shifted = x * splat(1.44269504088896341f) + splat(12582912.0f);
  const vu n = (vu)shifted << 23; /* the low bits are the whole number; those of 1.5 2^23 fall off */
  const vf whole = shifted - splat(12582912.0f);
  const vf r = x - whole * splat(0.693359375f) - whole * splat(-2.12194440e-4f);
  const vf p = exp_near_zero(r);
  return choose(x < splat(-86.6f), splat(0.0f), (vf)((vu)p + n));
}

/* e^-x within 2 ulp for |x| <= 87; beyond, e^87 and e^-87. Of NaN something finite or NaN. */
INLINE vf vexp_minus(vf x) {
  x = clamp(x, -87.0f, 87.0f);
  const vf shifted = x * splat(-1.44269504088896341f) + splat(12582912.0f);
  const vu n = (vu)shifted << 23;
  const vf whole = shifted - splat(12582912.0f);
  const vf r = -x - whole * splat(0.693359375f) - whole * splat(-2.12194440e-4f);
  const vf p = exp_near_zero(r);
  return (vf)((vu)p + n);
}

/* 1 / (1 + e^-x); 0 below -86.6, whatever it is multiplied by then. */
INLINE vf vsigmoid(vf x) {
  return choose(x < splat(-86.6f), splat(0.0f), splat(1.0f) / (splat(1.0f) + vexp_minus(x)));
}

/* Odd rational approximations in x^2 with the coefficients of Eigen's generic kernels. */
INLINE vf vtanh(vf x) {
  const vf c = clamp(x, -7.90531110763549805f, 7.90531110763549805f);
  const vf s = c * c;
  vf p = splat(-2.76076847742355e-16f);
  p = p * s + splat(2.00018790482477e-13f);
  p = p * s + splat(-8.60467152213735e-11f);
  p = p * s + splat(5.12229709037114e-08f);
  p = p * s + splat(1.48572235717979e-05f);
  p = p * s + splat(6.37261928875436e-04f);
  p = p * s + splat(4.89352455891786e-03f);
  vf q = splat(1.19825839466702e-06f);
  q = q * s + splat(1.18534705686654e-04f);
  q = q * s + splat(2.26843463243900e-03f);
  q = q * s + splat(4.89352518554385e-03f);
  const vf small = choose(x < splat(0.0f), -x, x);
  return choose(small < splat(0.0004f), x, c * p / q);
}

INLINE vf verf(vf x) {
  const vf c = clamp(x, -4.0f, 4.0f);
  const vf s = c * c;
  vf p = splat(-2.72614225801306e-10f);
  p = p * s + splat(2.77068142495902e-08f);
  p = p * s + splat(-2.10102402082508e-06f);
  p = p * s + splat(-5.69250639462346e-05f);
  p = p * s + splat(-7.34990630326855e-04f);
  p = p * s + splat(-2.95459980854025e-03f);
  p = p * s + splat(-1.60960333262415e-02f);
  vf q = splat(-1.45660718464996e-05f);
  q = q * s + splat(-2.13374055278905e-04f);
  q = q * s + splat(-1.68282697438203e-03f);
  q = q * s + splat(-7.37332916720468e-03f);
  q = q * s + splat(-1.42647390514189e-02f);
  return c * p / q;
}

/*
 * y[i] = EXPRESSION of vectors that LOAD makes: LOADS declares them from at(pointer), which reads W
 * elements at i or, at the end, the rest padded with zeros.
 */
#define MAP(n, y, DECLARE, EXPRESSION)                                  \
  do {                                                                  \
    int64_t i_ = 0;                                                     \
    for (; i_ + W <= (n); i_ += W) {                                    \
      const int64_t left_ = W;                                          \
      (void)left_;                                                      \
      DECLARE;                                                          \
      store((y) + i_, EXPRESSION);                                      \
    }                                                                   \
    if (i_ < (n)) {                                                     \
      const int64_t left_ = (n) - i_;                                   \
      DECLARE;                                                          \
      store_part((y) + i_, EXPRESSION, left_);                          \
    }                                                                   \
  } while (0)
/* The current vector of a pointer, inside MAP. */
#define AT(p) (left_ == W ? load((p) + i_) : load_part((p) + i_, left_, 0.0f))

/* A cut of [0, n) into tasks of at least `grain` elements, in whole cache lines. */
typedef struct {
  int64_t n, size, tasks;
} split;
INLINE split split_of(const hd_pool *pool, int64_t n, int64_t grain) {
  const int64_t wanted = min64(ceil_div(n, grain), 4 * (int64_t)pool_threads(pool));
  const int64_t size = wanted <= 1 ? n : ceil_div(ceil_div(n, wanted), 16) * 16;
  return (split){n, size, n == 0 ? 0 : ceil_div(n, size)};
}
/* The same for rows of `width` elements: whole rows. */
INLINE split split_rows(const hd_pool *pool, int64_t rows, int64_t width) {
  const int64_t wanted =
      max64(1, min64(min64(rows, rows * width / 8192), 4 * (int64_t)pool_threads(pool)));
  const int64_t size = rows == 0 ? 1 : ceil_div(rows, wanted);
  return (split){rows, size, ceil_div(rows, size)};
}
