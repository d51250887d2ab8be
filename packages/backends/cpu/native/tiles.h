/* Products of packed factors (pack.h), a tile of c at a time in registers (Goto & van de Geijn 2008). */

enum { TILE_COLUMNS = TILE_VECTORS * W };

/* What happens with c. */
enum { STORE, ADD_TO };

/* sum += left right: of an f32 lane, or of both elements of a pair. */
INLINE vf multiply_lane(const int pairs, vf sum, const float *left, vf right) {
#if NATIVE_BF16
  if (pairs)
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(*(const int32_t *)left),
                                (__m512bh)right);
#else
  (void)pairs;
#endif
  return multiply_add(splat(*left), right, sum);
}

/*
 * c[rows, n] (+)= a[rows, lanes] b[lanes, n] for one tile, n <= TILE_COLUMNS. `rows` and `pairs` are
 * constants where this is used, so the accumulators live in registers.
 */
INLINE void micro_kernel(const int rows, const int pairs, int64_t lanes, const float *a,
                         const float *b, float *c, int64_t ldc, int64_t n, int mode) {
  vf sum[TILE_ROWS][TILE_VECTORS];
UNROLL
  for (int i = 0; i < rows; i++)
UNROLL
    for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = (vf){0};
  for (int64_t p = 0; p < lanes; p++) {
    vf right[TILE_VECTORS];
UNROLL
    for (int j = 0; j < TILE_VECTORS; j++) right[j] = load(b + p * TILE_COLUMNS + j * W);
UNROLL
    for (int i = 0; i < rows; i++) {
      const float *left = a + p * TILE_ROWS + i;
UNROLL
      for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = multiply_lane(pairs, sum[i][j], left, right[j]);
    }
  }
UNROLL
  for (int i = 0; i < rows; i++) {
    float *row = c + i * ldc;
UNROLL
    for (int j = 0; j < TILE_VECTORS; j++) {
      const int64_t left = n - j * W;
      vf value = sum[i][j];
      if (left >= W) {
        if (mode == ADD_TO) value += load(row + j * W);
        store(row + j * W, value);
      } else if (left > 0) {
        if (mode == ADD_TO) value += load_part(row + j * W, left, 0.0f);
        store_part(row + j * W, value, left);
      }
    }
  }
}

typedef void (*micro)(int64_t lanes, const float *a, const float *b, float *c, int64_t ldc,
                      int64_t n, int mode);

#define MICRO_KERNEL(name, rows, pairs)                                                          \
  static void name##_##rows(int64_t lanes, const float *a, const float *b, float *c, int64_t ldc, \
                            int64_t n, int mode) {                                               \
    micro_kernel(rows, pairs, lanes, a, b, c, ldc, n, mode);                                     \
  }
#if NATIVE_BF16
#define MICRO(rows) MICRO_KERNEL(plain, rows, 0) MICRO_KERNEL(pairs, rows, 1)
#else
#define MICRO(rows) MICRO_KERNEL(plain, rows, 0)
#endif
MICRO(1)
MICRO(2)
#if TILE_ROWS > 2
MICRO(3)
MICRO(4)
#endif
#if TILE_ROWS > 4
MICRO(5)
MICRO(6)
#endif
#if TILE_ROWS > 6
MICRO(7)
MICRO(8)
#endif
#if TILE_ROWS > 8
MICRO(9)
MICRO(10)
MICRO(11)
MICRO(12)
#endif

#define UP_TO_2(of) of##_1, of##_2
#if TILE_ROWS == 2
#define ALL_ROWS(of) UP_TO_2(of)
#elif TILE_ROWS == 4
#define ALL_ROWS(of) UP_TO_2(of), of##_3, of##_4
#elif TILE_ROWS == 6
#define ALL_ROWS(of) UP_TO_2(of), of##_3, of##_4, of##_5, of##_6
#elif TILE_ROWS == 8
#define ALL_ROWS(of) UP_TO_2(of), of##_3, of##_4, of##_5, of##_6, of##_7, of##_8
#else
#define ALL_ROWS(of) \
  UP_TO_2(of), of##_3, of##_4, of##_5, of##_6, of##_7, of##_8, of##_9, of##_10, of##_11, of##_12
#endif
/* By precision, as pack() takes it: without pairs, bf16 is f32 that was rounded. */
static const micro micro_kernels[2][TILE_ROWS] = {
    {ALL_ROWS(plain)},
#if NATIVE_BF16
    {ALL_ROWS(pairs)},
#else
    {ALL_ROWS(plain)},
#endif
};

/* c[m, n] (+)= a[m, lanes] b[lanes, n], n <= TILE_COLUMNS: all panels of a, one sliver of b. */
INLINE void multiply_sliver(int precision, int64_t m, int64_t n, int64_t lanes, const float *a,
                            const float *sliver, float *c, int64_t ldc, int mode) {
  for (int64_t i = 0; i < m; i += TILE_ROWS)
    micro_kernels[precision][min64(TILE_ROWS, m - i) - 1](lanes, a + i * lanes, sliver, c + i * ldc,
                                                          ldc, n, mode);
}

/* The same for any n; sliver j of b begins at b + j * sliver_stride. */
INLINE void multiply_tiles(int precision, int64_t m, int64_t n, int64_t lanes, const float *a,
                           const float *b, int64_t sliver_stride, float *c, int64_t ldc, int mode) {
  for (int64_t j = 0; j < n; j += TILE_COLUMNS)
    multiply_sliver(precision, m, min64(TILE_COLUMNS, n - j), lanes, a,
                    b + j / TILE_COLUMNS * sliver_stride, c + j, ldc, mode);
}
