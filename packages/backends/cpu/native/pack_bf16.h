/* Packing to pairs of bf16 with AVX-512's conversions: lane p of a line is its elements 2p and 2p + 1. */
#include <immintrin.h>

/* The bf16 of two vectors, x's in the lower half: 16 lanes of pairs if y follows x in memory. */
INLINE __m512i pairs_along(__m512 x, __m512 y) { return (__m512i)_mm512_cvtne2ps_pbh(y, x); }

/* Lanes of element i of x and element i of y. */
INLINE __m512i pairs_across(__m512 x, __m512 y) {
  static const uint16_t order[32] __attribute__((aligned(64))) = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return _mm512_permutexvar_epi16(_mm512_load_si512(order), pairs_along(x, y));
}

INLINE __mmask16 first_lanes(int64_t n) {
  return n >= 16 ? (__mmask16)0xffff : n <= 0 ? 0 : (__mmask16)((1 << n) - 1);
}

/* One group of `count` <= width lines. */
INLINE void pack_group_bf16(const float *from, int64_t line_stride, int64_t k_stride,
                            int64_t count, int64_t k, const int64_t width, float *out) {
  const int64_t lanes = ceil_div(k, 2);
  if (count < width) memset(out, 0, (size_t)(width * lanes) * sizeof(float));
  if (line_stride == 1) {
    for (int64_t line = 0; line < count; line += 16) {
      const __mmask16 mask = first_lanes(count - line);
      const float *x = from + line;
      float *to = out + line;
      int64_t p = 0;
      for (; p + 2 <= k; p += 2, x += 2 * k_stride, to += width)
        _mm512_mask_storeu_epi32(to, mask,
                                 pairs_across(_mm512_maskz_loadu_ps(mask, x),
                                              _mm512_maskz_loadu_ps(mask, x + k_stride)));
      if (p < k)
        _mm512_mask_storeu_epi32(
            to, mask, pairs_across(_mm512_maskz_loadu_ps(mask, x), _mm512_setzero_ps()));
    }
    return;
  }
  if (k_stride != 1) { /* neither way contiguous: no product of this library comes here often */
    for (int64_t line = 0; line < count; line++)
      for (int64_t p = 0; p < lanes; p++) {
        const float *x = from + line * line_stride + 2 * p * k_stride;
        const __m512 first = _mm512_set1_ps(x[0]);
        const __m512 second = 2 * p + 1 < k ? _mm512_set1_ps(x[k_stride]) : _mm512_setzero_ps();
        _mm512_mask_storeu_epi32(out + p * width + line, 1, pairs_across(first, second));
      }
    return;
  }
  for (int64_t p = 0; p < k; p += 32) {
    const __mmask16 low = first_lanes(k - p), high = first_lanes(k - p - 16);
    for (int64_t line = 0; line < count; line += 4) {
      __m512 pairs[4];
      for (int i = 0; i < 4; i++) {
        const float *x = from + min64(line + i, count - 1) * line_stride + p;
        pairs[i] = (__m512)pairs_along(_mm512_maskz_loadu_ps(low, x),
                                       _mm512_maskz_loadu_ps(high, x + 16));
        if (line + i >= count) pairs[i] = _mm512_setzero_ps();
      }
      const __m512 low_ab = _mm512_unpacklo_ps(pairs[0], pairs[1]);
      const __m512 high_ab = _mm512_unpackhi_ps(pairs[0], pairs[1]);
      const __m512 low_cd = _mm512_unpacklo_ps(pairs[2], pairs[3]);
      const __m512 high_cd = _mm512_unpackhi_ps(pairs[2], pairs[3]);
      /* Quarter q of columns[i] is lane 4 q + i of the four lines. */
      const __m512 columns[4] = {
          (__m512)_mm512_unpacklo_pd((__m512d)low_ab, (__m512d)low_cd),
          (__m512)_mm512_unpackhi_pd((__m512d)low_ab, (__m512d)low_cd),
          (__m512)_mm512_unpacklo_pd((__m512d)high_ab, (__m512d)high_cd),
          (__m512)_mm512_unpackhi_pd((__m512d)high_ab, (__m512d)high_cd)};
      float *to = out + p / 2 * width + line;
      const int64_t left = lanes - p / 2;
      const int64_t lines = width - line;
      const __mmask8 mask = (__mmask8)first_lanes(lines);
#define STORE_QUARTER(q)                                                       \
  for (int i = 0; i < 4; i++)                                                  \
    if (4 * q + i < left)                                                      \
      _mm_mask_storeu_ps(to + (4 * q + i) * width, mask & 15, _mm512_extractf32x4_ps(columns[i], q));
      STORE_QUARTER(0)
      STORE_QUARTER(1)
      STORE_QUARTER(2)
      STORE_QUARTER(3)
#undef STORE_QUARTER
    }
  }
}
