/* Products of packed factors (pack.h), a tile of c at a time in registers (Goto & van de Geijn 2008). */

enum { TILE_COLUMNS = TILE_VECTORS * W };

/* How a tile's first factor lies: PACKED and PAIRS as pack() writes F32 and BF16; others unpacked f32. */
#if NATIVE_BF16
enum { PACKED, BY_ROWS, BY_COLUMNS, PAIRS, KINDS };
#else
enum { PACKED, BY_ROWS, BY_COLUMNS, KINDS, PAIRS = PACKED };
#endif
/* What happens with c. */
enum { STORE, ADD_TO };

/* The kind that pack() makes. */
INLINE int packed_kind(int precision) { return precision == BF16 ? PAIRS : PACKED; }

/* sum += left right: of an f32 lane, or of both elements of a pair. */
INLINE vf multiply_lane(const int pairs, vf sum, const float *left, vf right) {
#if NATIVE_BF16
  if (pairs)
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(*(const int32_t *)left),
                                (__m512bh)right);
#else
  (void)pairs;
#endif
  return sum + splat(*left) * right;
}

/*
 * c[rows, n] (+)= a[rows, lanes] b[lanes, n] for one tile, n <= TILE_COLUMNS. `rows`, `pairs` and one
 * of the strides are constants where this is used, so the accumulators live in registers.
 */
INLINE void micro_kernel(const int rows, const int pairs, int64_t lanes, const float *a,
                         int64_t row_stride, int64_t column_stride, const float *b, float *c,
                         int64_t ldc, int64_t n, int mode) {
  vf sum[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = (vf){0};
  for (int64_t p = 0; p < lanes; p++) {
    vf right[TILE_VECTORS];
#pragma GCC unroll 4
    for (int j = 0; j < TILE_VECTORS; j++) right[j] = load(b + p * TILE_COLUMNS + j * W);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const float *left = a + i * row_stride + p * column_stride;
#pragma GCC unroll 4
      for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = multiply_lane(pairs, sum[i][j], left, right[j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    float *row = c + i * ldc;
#pragma GCC unroll 4
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

typedef void (*micro)(int64_t lanes, const float *a, int64_t stride, const float *b, float *c,
                      int64_t ldc, int64_t n, int mode);

#define MICRO_ARGUMENTS \
  int64_t lanes, const float *a, int64_t stride, const float *b, float *c, int64_t ldc, int64_t n, int mode
#define MICRO(rows)                                                        \
  static void packed_##rows(MICRO_ARGUMENTS) {                             \
    (void)stride;                                                          \
    micro_kernel(rows, 0, lanes, a, 1, TILE_ROWS, b, c, ldc, n, mode);     \
  }                                                                        \
  static void by_rows_##rows(MICRO_ARGUMENTS) {                            \
    micro_kernel(rows, 0, lanes, a, stride, 1, b, c, ldc, n, mode);        \
  }                                                                        \
  static void by_columns_##rows(MICRO_ARGUMENTS) {                         \
    micro_kernel(rows, 0, lanes, a, 1, stride, b, c, ldc, n, mode);        \
  }                                                                        \
  MICRO_PAIRS(rows)
#if NATIVE_BF16
#define MICRO_PAIRS(rows)                                                  \
  static void pairs_##rows(MICRO_ARGUMENTS) {                              \
    (void)stride;                                                          \
    micro_kernel(rows, 1, lanes, a, 1, TILE_ROWS, b, c, ldc, n, mode);     \
  }
#else
#define MICRO_PAIRS(rows)
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
static const micro micro_kernels[KINDS][TILE_ROWS] = {
    {ALL_ROWS(packed)}, {ALL_ROWS(by_rows)}, {ALL_ROWS(by_columns)},
#if NATIVE_BF16
    {ALL_ROWS(pairs)},
#endif
};

/*
 * c[m, n] (+)= a[m, lanes] b[lanes, n], n <= TILE_COLUMNS: one sliver of b. Panel i of a begins at
 * a + i * panel_stride.
 */
INLINE void multiply_sliver(int64_t m, int64_t n, int64_t lanes, int kind, const float *a,
                            int64_t stride, int64_t panel_stride, const float *sliver, float *c,
                            int64_t ldc, int mode) {
  for (int64_t i = 0; i < m; i += TILE_ROWS)
    micro_kernels[kind][min64(TILE_ROWS, m - i) - 1](lanes, a + i / TILE_ROWS * panel_stride, stride,
                                                     sliver, c + i * ldc, ldc, n, mode);
}

/* The same for any n; sliver j of b begins at b + j * sliver_stride. */
static void multiply_tiles(int64_t m, int64_t n, int64_t lanes, int kind, const float *a,
                           int64_t stride, int64_t panel_stride, const float *b,
                           int64_t sliver_stride, float *c, int64_t ldc, int mode) {
  for (int64_t j = 0; j < n; j += TILE_COLUMNS)
    multiply_sliver(m, min64(TILE_COLUMNS, n - j), lanes, kind, a, stride, panel_stride,
                    b + j / TILE_COLUMNS * sliver_stride, c + j, ldc, mode);
}
