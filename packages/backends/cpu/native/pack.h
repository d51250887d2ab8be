/*
 * Packing: the factors of a product as the micro-kernels read them. `width` lines (rows of a, columns
 * of b) are interleaved with k outside, so a kernel reads straight on: lane p of line l lies at
 * out[l / width * width * lanes + p * width + l % width]. A lane is one f32, or in a bf16 product on
 * a processor that multiplies bf16, two neighbours in k. Missing lines and lanes are zero.
 */

/* What factors are rounded to as they are packed; sums are f32 in any case. */
enum { F32, BF16 };

/* How much of k is packed at a time, in whole lanes, where lines are neighbours in memory. */
enum { PACK_DEPTH = 32 };
/* The longest lines that follow each other in memory of which a group stays in the first cache. */
enum { SHORT_LINE = 512 };

/* Lanes of k elements. */
INLINE int64_t lanes_of(int precision, int64_t k) {
  return NATIVE_BF16 && precision == BF16 ? ceil_div(k, 2) : k;
}
/* Elements of k in a lane. */
INLINE int64_t lane_size(int precision) { return NATIVE_BF16 && precision == BF16 ? 2 : 1; }

/* out[p * width + line] = in[line * stride + p] for 4 x 4 elements. */
INLINE void transpose_quads(quad a, quad b, quad c, quad d, float *out, int64_t width) {
  const quad low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const quad high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const quad low_cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const quad high_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store_quad(out, __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5));
  store_quad(out + width, __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7));
  store_quad(out + 2 * width, __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5));
  store_quad(out + 3 * width, __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7));
}

/* One group of `count` <= width lines. */
INLINE void pack_group(const float *from, int64_t line_stride, int64_t k_stride, int64_t count,
                       int64_t k, const int64_t width, float *out) {
  if (count < width) memset(out, 0, (size_t)(width * k) * sizeof(float));
  if (line_stride == 1) {
    if (count == width)
      for (int64_t p = 0; p < k; p++)
        memcpy(out + p * width, from + p * k_stride, (size_t)width * sizeof(float));
    else
      for (int64_t p = 0; p < k; p++)
        memcpy(out + p * width, from + p * k_stride, (size_t)count * sizeof(float));
    return;
  }
  int64_t p = 0;
  if (k_stride == 1 && count == width && width % 4 == 0)
    for (; p + 16 <= k; p += 16) /* whole cache lines of each line in turn */
      for (int64_t line = 0; line < width; line += 4)
        for (int64_t q = p; q < p + 16; q += 4) {
          const float *x = from + line * line_stride + q;
          transpose_quads(load_quad(x), load_quad(x + line_stride), load_quad(x + 2 * line_stride),
                          load_quad(x + 3 * line_stride), out + q * width + line, width);
        }
  for (; p < k; p++)
    for (int64_t line = 0; line < count; line++)
      out[p * width + line] = from[line * line_stride + p * k_stride];
}

/* To bf16, to nearest even; NaN stays NaN. */
INLINE vf round_bf16(vf x) {
  const vu bits = (vu)x;
  const vu rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  return choose(x == x, (vf)rounded, (vf)((bits | 0x400000) & 0xffff0000u));
}

#if NATIVE_BF16
#include "pack_bf16.h"
#else
INLINE void pack_group_bf16(const float *from, int64_t line_stride, int64_t k_stride,
                            int64_t count, int64_t k, const int64_t width, float *out) {
  pack_group(from, line_stride, k_stride, count, k, width, out);
  MAP(width * k, out, const vf x = AT(out), round_bf16(x));
}
#endif

/*
 * Brings rows of memory into the cache, in the order in which they lie: from main memory long runs come
 * several times faster than short ones. By loads, since a processor drops prefetches that it has no room for.
 */
INLINE void fetch_rows(const float *from, int64_t stride, int64_t rows, int64_t length) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < length; i += 16) (void)*(const volatile float *)(from + row * stride + i);
}

/*
 * Any number of lines; `width` is a constant where this is used, and `group` is how far the lanes of
 * one group lie from those of the next. Lines that are neighbours in memory are packed some of k at a
 * time, so that each cache line is read once.
 */
INLINE void pack_apart(int precision, const float *from, int64_t line_stride, int64_t k_stride,
                       int64_t lines, int64_t k, const int64_t width, int64_t group, float *out) {
  const int64_t most = line_stride == 1 ? PACK_DEPTH : max64(k, 1);
  for (int64_t p = 0; p < k; p += most) {
    const int64_t depth = min64(most, k - p);
    float *to = out + width * lanes_of(precision, p);
    if (line_stride == 1) fetch_rows(from + p * k_stride, k_stride, depth, lines);
    for (int64_t first = 0; first < lines; first += width, to += group) {
      const float *x = from + first * line_stride + p * k_stride;
      const int64_t count = min64(width, lines - first);
      if (k_stride == 1 && line_stride == k && k <= SHORT_LINE) fetch_rows(x, k, count, k);
      if (precision == BF16) pack_group_bf16(x, line_stride, k_stride, count, depth, width, to);
      else pack_group(x, line_stride, k_stride, count, depth, width, to);
    }
  }
}

/* The same with all groups one behind the other. */
INLINE void pack(int precision, const float *from, int64_t line_stride, int64_t k_stride,
                 int64_t lines, int64_t k, const int64_t width, float *out) {
  pack_apart(precision, from, line_stride, k_stride, lines, k, width, width * lanes_of(precision, k), out);
}
