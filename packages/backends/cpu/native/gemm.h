/*
 * Matrix products. Both factors are packed: b in slivers of TILE_COLUMNS columns, a in panels of
 * TILE_ROWS rows, each with the k index outside, so that the micro-kernel reads straight on and
 * keeps a tile of c in registers (Goto & van de Geijn 2008). Padding is zero and never stored.
 */

enum { TILE_COLUMNS = TILE_VECTORS * W };
enum { BLOCK_M = 192, BLOCK_K = 768, BLOCK_N = 2048 };

/* How a tile's first factor lies: element (i, p) at a[i * rows + p * columns]. */
enum { PACKED, BY_ROWS, BY_COLUMNS };
/* What happens with c. */
enum { STORE, ADD_TO };

/*
 * c[rows, n] (+)= a[rows, k] b[k, n] (+ bias[n]) for one tile, n <= TILE_COLUMNS. `rows` and one of
 * the strides are constants where this is used, so the accumulators live in registers.
 */
INLINE void micro_kernel(const int rows, int64_t k, const float *a, int64_t row_stride,
                         int64_t column_stride, const float *b, float *c, int64_t ldc, int64_t n,
                         int mode, const float *bias) {
  vf sum[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = (vf){0};
  for (int64_t p = 0; p < k; p++) {
    vf right[TILE_VECTORS];
#pragma GCC unroll 4
    for (int j = 0; j < TILE_VECTORS; j++) right[j] = load(b + p * TILE_COLUMNS + j * W);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const vf left = splat(a[i * row_stride + p * column_stride]);
#pragma GCC unroll 4
      for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] += left * right[j];
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
        if (bias != NULL) value += load(bias + j * W);
        store(row + j * W, value);
      } else if (left > 0) {
        if (mode == ADD_TO) value += load_part(row + j * W, left, 0.0f);
        if (bias != NULL) value += load_part(bias + j * W, left, 0.0f);
        store_part(row + j * W, value, left);
      }
    }
  }
}

typedef void (*micro)(int64_t k, const float *a, int64_t stride, const float *b, float *c,
                      int64_t ldc, int64_t n, int mode, const float *bias);

#define MICRO_ARGUMENTS                                                                       \
  int64_t k, const float *a, int64_t stride, const float *b, float *c, int64_t ldc, int64_t n, \
      int mode, const float *bias
#define MICRO(rows)                                                     \
  static void packed_##rows(MICRO_ARGUMENTS) {                          \
    (void)stride;                                                       \
    micro_kernel(rows, k, a, 1, TILE_ROWS, b, c, ldc, n, mode, bias);   \
  }                                                                     \
  static void by_rows_##rows(MICRO_ARGUMENTS) {                         \
    micro_kernel(rows, k, a, stride, 1, b, c, ldc, n, mode, bias);      \
  }                                                                     \
  static void by_columns_##rows(MICRO_ARGUMENTS) {                      \
    micro_kernel(rows, k, a, 1, stride, b, c, ldc, n, mode, bias);      \
  }
MICRO(1)
MICRO(2)
MICRO(3)
MICRO(4)
#if TILE_ROWS > 4
MICRO(5)
MICRO(6)
#endif
#if TILE_ROWS > 6
MICRO(7)
MICRO(8)
MICRO(9)
MICRO(10)
MICRO(11)
MICRO(12)
#endif

static const micro micro_kernels[3][TILE_ROWS] = {
    {packed_1, packed_2, packed_3, packed_4,
#if TILE_ROWS > 4
     packed_5, packed_6,
#endif
#if TILE_ROWS > 6
     packed_7, packed_8, packed_9, packed_10, packed_11, packed_12,
#endif
    },
    {by_rows_1, by_rows_2, by_rows_3, by_rows_4,
#if TILE_ROWS > 4
     by_rows_5, by_rows_6,
#endif
#if TILE_ROWS > 6
     by_rows_7, by_rows_8, by_rows_9, by_rows_10, by_rows_11, by_rows_12,
#endif
    },
    {by_columns_1, by_columns_2, by_columns_3, by_columns_4,
#if TILE_ROWS > 4
     by_columns_5, by_columns_6,
#endif
#if TILE_ROWS > 6
     by_columns_7, by_columns_8, by_columns_9, by_columns_10, by_columns_11, by_columns_12,
#endif
    },
};

/*
 * c[m, n] (+)= a[m, k] b[k, n] (+ bias). Panel i of a begins at a + i * panel_stride; sliver j of b
 * at b + j * sliver_stride.
 */
static void multiply_tiles(int64_t m, int64_t n, int64_t k, int kind, const float *a,
                           int64_t stride, int64_t panel_stride, const float *b,
                           int64_t sliver_stride, float *c, int64_t ldc, int mode,
                           const float *bias) {
  for (int64_t j = 0; j < n; j += TILE_COLUMNS) {
    const float *sliver = b + j / TILE_COLUMNS * sliver_stride;
    for (int64_t i = 0; i < m; i += TILE_ROWS) {
      const int64_t rows = min64(TILE_ROWS, m - i);
      micro_kernels[kind][rows - 1](k, a + i / TILE_ROWS * panel_stride, stride, sliver,
                                    c + i * ldc + j, ldc, min64(TILE_COLUMNS, n - j), mode,
                                    bias == NULL ? NULL : bias + j);
    }
  }
}

/*
 * Packs `lines` vectors of length k, `width` of them interleaved: element p of line l goes to
 * out[l / width * width * k + p * width + l % width]. Missing lines are zero.
 */
static void pack(const float *from, int64_t line_stride, int64_t k_stride, int64_t lines,
                 int64_t k, const int64_t width, float *out) {
  for (int64_t first = 0; first < lines; first += width, out += width * k) {
    const int64_t count = min64(width, lines - first);
    const float *source = from + first * line_stride;
    if (count < width) memset(out, 0, (size_t)(width * k) * sizeof(float));
    if (line_stride == 1) {
      if (count == width)
        for (int64_t p = 0; p < k; p++)
          memcpy(out + p * width, source + p * k_stride, (size_t)width * sizeof(float));
      else
        for (int64_t p = 0; p < k; p++)
          memcpy(out + p * width, source + p * k_stride, (size_t)count * sizeof(float));
      continue;
    }
    for (int64_t at = 0; at < k; at += 16) {
      const int64_t end = min64(at + 16, k);
      for (int64_t line = 0; line < count; line++) {
        const float *x = source + line * line_stride;
        if (end - at == 16 && k_stride == 1)
          for (int64_t p = 0; p < 16; p++) out[(at + p) * width + line] = x[at + p];
        else
          for (int64_t p = at; p < end; p++) out[p * width + line] = x[p * k_stride];
      }
    }
  }
}

/* Element (i, j) at data[i * rows + j * columns]. */
typedef struct {
  const float *data;
  int64_t rows, columns;
} matrix;

typedef struct {
  matrix a, b;
  float *c;
  int64_t m, n, k;
  const float *bias;
  int mode;
  /* The current block of b, and how the work on it is cut. */
  int64_t k_start, k_size, n_start, n_size;
  int64_t m_size, column_size, column_tasks, slivers_per_task;
  float *packed_b;
  hd_pool *pool;
  int failed;
} gemm_job;

static void pack_b_task(void *context, int64_t task, int worker) {
  (void)worker;
  const gemm_job *job = context;
  const int64_t width = job->slivers_per_task * TILE_COLUMNS;
  const int64_t first = task * width;
  pack(job->b.data + job->k_start * job->b.rows + (job->n_start + first) * job->b.columns,
       job->b.columns, job->b.rows, min64(width, job->n_size - first), job->k_size, TILE_COLUMNS,
       job->packed_b + first * job->k_size);
}

/* One block of rows of a, times some columns of the packed block of b. */
static void multiply_task(void *context, int64_t task, int worker) {
  gemm_job *job = context;
  const int64_t row = task / job->column_tasks * job->m_size;
  const int64_t column = task % job->column_tasks * job->column_size;
  const int64_t rows = min64(job->m_size, job->m - row);
  const int64_t columns = min64(job->column_size, job->n_size - column);
  const int64_t panels = ceil_div(job->m_size, TILE_ROWS);
  float *packed_a = pool_scratch(job->pool, worker, SCRATCH_A,
                                 (size_t)(panels * TILE_ROWS * job->k_size) * sizeof(float));
  if (packed_a == NULL) {
    job->failed = 1;
    return;
  }
  pack(job->a.data + row * job->a.rows + job->k_start * job->a.columns, job->a.rows,
       job->a.columns, rows, job->k_size, TILE_ROWS, packed_a);
  multiply_tiles(rows, columns, job->k_size, PACKED, packed_a, 0, TILE_ROWS * job->k_size,
                 job->packed_b + column * job->k_size, TILE_COLUMNS * job->k_size,
                 job->c + row * job->n + job->n_start + column, job->n,
                 job->k_start > 0 ? ADD_TO : STORE,
                 job->bias == NULL || job->k_start > 0 ? NULL
                                                       : job->bias + job->n_start + column);
}

/* All blocks of one product, on all threads, or with `worker` >= 0 by that one alone. */
static int multiply(gemm_job *job, int worker) {
  const int alone = worker >= 0;
  const int64_t threads = alone ? 1 : pool_threads(job->pool);
  const int64_t k_passes = max64(1, ceil_div(job->k, BLOCK_K));
  const int64_t k_block = ceil_div(job->k, k_passes);
  const int64_t n_block = min64(BLOCK_N, ceil_div(job->n, TILE_COLUMNS) * TILE_COLUMNS);
  job->packed_b = pool_scratch(job->pool, alone ? worker : SHARED, SCRATCH_B,
                               (size_t)(n_block * k_block + 1) * sizeof(float));
  if (job->packed_b == NULL) return HD_OUT_OF_MEMORY;
  /* Blocks of rows: as large as allowed, but a few for each thread. */
  job->m_size = min64(BLOCK_M, ceil_div(ceil_div(job->m, threads), TILE_ROWS) * TILE_ROWS);
  const int64_t row_tasks = ceil_div(job->m, job->m_size);
  for (job->n_start = 0; job->n_start < job->n; job->n_start += n_block) {
    job->n_size = min64(n_block, job->n - job->n_start);
    const int64_t slivers = ceil_div(job->n_size, TILE_COLUMNS);
    const int64_t wanted = row_tasks >= 2 * threads || threads == 1
                               ? 1
                               : min64(slivers, ceil_div(2 * threads, row_tasks));
    job->column_size = ceil_div(slivers, wanted) * TILE_COLUMNS;
    job->column_tasks = ceil_div(job->n_size, job->column_size);
    job->slivers_per_task = ceil_div(slivers, 4 * threads);
    const int64_t pack_tasks = ceil_div(slivers, job->slivers_per_task);
    for (job->k_start = 0; job->k_start < job->k || job->k_start == 0; job->k_start += k_block) {
      job->k_size = min64(k_block, job->k - job->k_start);
      if (alone) {
        for (int64_t task = 0; task < pack_tasks; task++) pack_b_task(job, task, worker);
        for (int64_t task = 0; task < row_tasks * job->column_tasks; task++)
          multiply_task(job, task, worker);
      } else {
        pool_run(job->pool, pack_tasks, pack_b_task, job);
        pool_run(job->pool, row_tasks * job->column_tasks, multiply_task, job);
      }
      if (job->k == 0) break;
    }
  }
  return job->failed ? HD_OUT_OF_MEMORY : HD_OK;
}

static float dot_run(const float *x, const float *y, int64_t n) {
  vf s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    s0 += load(x + i) * load(y + i);
    s1 += load(x + i + W) * load(y + i + W);
    s2 += load(x + i + 2 * W) * load(y + i + 2 * W);
    s3 += load(x + i + 3 * W) * load(y + i + 3 * W);
  }
  for (; i < n; i += W) {
    const int64_t left = min64(W, n - i);
    s0 += load_part(x + i, left, 0.0f) * load_part(y + i, left, 0.0f);
  }
  return sum_of((s0 + s1) + (s2 + s3));
}

/* A vector times a matrix: y[n] = x[k] b[k, n] (+ bias), some columns a task. */
typedef struct {
  split cut;
  int64_t k;
  const float *x;
  matrix b;
  const float *bias;
  float *y;
} vector_job;

static void vector_task(void *context, int64_t task, int worker) {
  (void)worker;
  const vector_job *job = context;
  const int64_t first = task * job->cut.size;
  const int64_t end = min64(first + job->cut.size, job->cut.n);
  const matrix b = job->b;
  if (b.rows == 1) { /* columns of b are contiguous */
    for (int64_t j = first; j < end; j++)
      job->y[j] = dot_run(job->x, b.data + j * b.columns, job->k) + (job->bias ? job->bias[j] : 0);
    return;
  }
  for (int64_t j = first; j < end; j += 256) {
    const int64_t n = min64(256, end - j);
    float sum[256] = {0};
    int64_t p = 0;
    for (; p + 4 <= job->k; p += 4) {
      const float *r = b.data + p * b.rows + j;
      const float x0 = job->x[p], x1 = job->x[p + 1], x2 = job->x[p + 2], x3 = job->x[p + 3];
      for (int64_t i = 0; i < n; i++)
        sum[i] += (x0 * r[i] + x1 * r[b.rows + i]) + (x2 * r[2 * b.rows + i] + x3 * r[3 * b.rows + i]);
    }
    for (; p < job->k; p++)
      for (int64_t i = 0; i < n; i++) sum[i] += job->x[p] * b.data[p * b.rows + j + i];
    for (int64_t i = 0; i < n; i++) job->y[j + i] = sum[i] + (job->bias ? job->bias[j + i] : 0);
  }
}

static void multiply_vector(hd_pool *pool, int64_t n, int64_t k, const float *x, matrix b,
                            const float *bias, float *y) {
  const int64_t grain = max64(16, ceil_div(32768, max64(k, 1)));
  vector_job job = {split_of(pool, n, grain), k, x, b, bias, y};
  pool_run(pool, job.cut.tasks, vector_task, &job);
}

typedef struct {
  gemm_job first;
  int64_t a_step, b_step, c_step;
  int status;
} batch_job;

static void batch_task(void *context, int64_t task, int worker) {
  batch_job *batch = context;
  gemm_job job = batch->first;
  job.a.data += task * batch->a_step;
  job.b.data += task * batch->b_step;
  job.c += task * batch->c_step;
  const int status = multiply(&job, worker);
  if (status != HD_OK) batch->status = status;
}

/* Below this many multiplications a product is not worth waking a thread for. */
enum { SMALL_PRODUCT = 1 << 17 };

/*
 * c[b, m, n] = a[b, m, k] b[b, k, n] for each b, where a_transposed says that a is stored as
 * [b, k, m], b_transposed that b is stored as [b, n, k]. bias[n] or NULL.
 */
KERNEL(matmul)
(hd_pool *pool, int64_t batch, int64_t m, int64_t n, int64_t k, const float *a, int a_transposed,
 const float *b, int b_transposed, const float *bias, float *c) {
  if (batch == 0 || m == 0 || n == 0) return HD_OK;
  const matrix left = a_transposed ? (matrix){a, 1, m} : (matrix){a, k, 1};
  const matrix right = b_transposed ? (matrix){b, 1, k} : (matrix){b, n, 1};
  int status = HD_OK;
  pool_lock(pool);
  if (batch == 1 && m == 1) {
    multiply_vector(pool, n, k, a, right, bias, c);
  } else if (batch == 1 && n == 1 && bias == NULL) {
    multiply_vector(pool, m, k, b, (matrix){a, left.columns, left.rows}, NULL, c);
  } else {
    batch_job job = {.first = {.a = left, .b = right, .c = c, .m = m, .n = n, .k = k,
                               .bias = bias, .pool = pool},
                     .a_step = m * k, .b_step = k * n, .c_step = m * n};
    const int alone = (double)m * (double)n * (double)k <= SMALL_PRODUCT;
    if (batch >= 2 * pool_threads(pool) || (batch > 1 && alone)) {
      pool_run(pool, batch, batch_task, &job);
      status = job.status;
    } else {
      for (int64_t i = 0; i < batch && status == HD_OK; i++) {
        gemm_job one = job.first;
        one.a.data += i * job.a_step;
        one.b.data += i * job.b_step;
        one.c += i * job.c_step;
        status = multiply(&one, alone ? 0 : -1);
      }
    }
  }
  pool_unlock(pool);
  return status;
}
