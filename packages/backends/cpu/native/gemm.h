/*
 * Matrix products: b (and a transposed a) is packed together, block by block, then each task packs its rows of a and
 * multiplies; where a block of c is finished, the epilogue runs on it while it is in the cache.
 * A product's sums are cut by BLOCK_K alone, so they do not depend on the number of threads.
 */

enum { BLOCK_M = 192, BLOCK_K = 768, BLOCK_N = 2048 }; /* BLOCK_K in lanes */

/*
 * A factor whose rows run across k (b as it is, a transposed) is packed together, PACK_ROWS of k a task,
 * so that rows are read from end to end; of a at most SHARED_M rows at once.
 */
enum { PACK_ROWS = 64, SHARED_M = 3072 };

typedef struct {
  matrix a, b;
  float *c;
  int64_t m, n, k;
  int precision, mode;
  epilogue finish;
  float *column_sums; /* [n]: sums of b's columns, added to if `mode` is ADD_TO; or NULL */
  /* The current blocks, and how the work on them is cut. */
  int64_t k_start, k_size, n_start, n_size, m_start, m_size;
  int64_t row_tasks, column_size, column_tasks, pack_columns, pack_parts;
  float *packed_a; /* NULL: each task packs its own */
  float *packed_b;
  float *sums; /* [tasks of PACK_ROWS, n_size]: sums of columns */
  hd_pool *pool;
  int failed;
} gemm_job;

/* sums[n] = the sums of the columns of x[k, n]. */
static void sum_columns(const float *x, int64_t stride, int64_t k, int64_t n, float *sums) {
  for (int64_t j = 0; j < n; j += TILE_COLUMNS) {
    const int64_t some = min64(TILE_COLUMNS, n - j);
    vf total[TILE_VECTORS] = {{0}};
    for (int64_t p = 0; p < k; p++)
      for (int v = 0; v < TILE_VECTORS && v * W < some; v++)
        total[v] += load_some(x + p * stride + j + v * W, some - v * W);
    for (int v = 0; v < TILE_VECTORS && v * W < some; v++)
      store_some(sums + j + v * W, total[v], some - v * W);
  }
}

/* Adds the sums of all runs of rows to those that are wanted, in the order of the runs. */
static void add_column_sums(const gemm_job *job) {
  const int64_t runs = ceil_div(job->k_size, PACK_ROWS);
  float *total = job->column_sums + job->n_start;
  if (job->k_start == 0 && job->mode == STORE) memset(total, 0, (size_t)job->n_size * sizeof(float));
  for (int64_t run = 0; run < runs; run++)
    for (int64_t j = 0; j < job->n_size; j++) total[j] += job->sums[run * job->n_size + j];
}

/*
 * Where rows [p, p + k) of some columns of the current block of b lie as f32: there, or widened into
 * the worker's scratch.
 */
static matrix block_of_b(gemm_job *job, int64_t p, int64_t k, int64_t column, int64_t columns, int worker) {
  const matrix b = job->b;
  const int64_t at = (job->k_start + p) * b.rows + (job->n_start + column) * b.columns;
  if (b.bf16 == NULL) return (matrix){.data = b.data + at, .rows = b.rows, .columns = b.columns};
  const int by_rows = b.columns == 1;
  const int64_t lines = by_rows ? k : columns, length = by_rows ? columns : k;
  float *wide = pool_scratch(job->pool, worker, SCRATCH_C, (size_t)(lines * length) * sizeof(float));
  if (wide == NULL) job->failed = 1;
  else
    for (int64_t line = 0; line < lines; line++)
      widen_run(b.bf16 + at + line * (by_rows ? b.rows : b.columns), wide + line * length, length);
  return (matrix){.data = wide, .rows = by_rows ? length : 1, .columns = by_rows ? 1 : length};
}

/* Some columns of b, and if its rows run across k, some rows of those. */
static void pack_b_task(void *context, int64_t task, int worker) {
  gemm_job *job = context;
  const int64_t run = task / job->pack_parts, part = task % job->pack_parts;
  const int64_t p = run * PACK_ROWS;
  const int64_t k = job->b.columns == 1 ? min64(PACK_ROWS, job->k_size - p) : job->k_size;
  const int64_t first = part * job->pack_columns;
  const int64_t columns = min64(job->pack_columns, job->n_size - first);
  const matrix from = block_of_b(job, p, k, first, columns, worker);
  if (from.data == NULL) return;
  const int64_t sliver = TILE_COLUMNS * lanes_of(job->precision, job->k_size);
  pack_apart(job->precision, from.data, from.columns, from.rows, columns, k, TILE_COLUMNS, sliver,
             job->packed_b + first / TILE_COLUMNS * sliver + lanes_of(job->precision, p) * TILE_COLUMNS);
  if (job->column_sums != NULL)
    sum_columns(from.data, from.rows, k, columns, job->sums + run * job->n_size + first);
}

/* Some rows of the current block of a, which is transposed. */
static void pack_a_task(void *context, int64_t task, int worker) {
  (void)worker;
  gemm_job *job = context;
  const int64_t p = task * PACK_ROWS, k = min64(PACK_ROWS, job->k_size - p);
  pack_apart(job->precision, job->a.data + job->m_start + (job->k_start + p) * job->a.columns, 1,
             job->a.columns, job->m_size, k, TILE_ROWS, TILE_ROWS * lanes_of(job->precision, job->k_size),
             job->packed_a + lanes_of(job->precision, p) * TILE_ROWS);
}

/*
 * Asks for what a tile of c, and what the epilogue reads beside it, is in memory: it comes while the
 * tile is computed. Its rows lie far apart, which no processor foresees.
 */
INLINE void prefetch_tile(const gemm_job *job, int64_t offset, int64_t rows, int finish) {
  const float *c = job->c + offset;
  const float *first = finish && job->finish.first != NULL ? job->finish.first + offset : c;
  const float *second = finish && job->finish.second != NULL ? job->finish.second + offset : c;
  const float *extra = finish && job->finish.extra != NULL ? job->finish.extra + offset : c;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < TILE_COLUMNS; j += 16) {
      __builtin_prefetch(c + i * job->n + j, 1);
      if (first != c) __builtin_prefetch(first + i * job->n + j);
      if (second != c) __builtin_prefetch(second + i * job->n + j);
      if (extra != c) __builtin_prefetch(extra + i * job->n + j, 1);
    }
}

/* The packed rows of a from row `row` of its current block on. */
static const float *packed_rows(gemm_job *job, int64_t row, int64_t rows, int64_t lanes, int worker) {
  if (job->packed_a != NULL) return job->packed_a + row * lanes;
  const int64_t most = ceil_div(ceil_div(job->m_size, TILE_ROWS), job->row_tasks) * TILE_ROWS;
  float *packed = pool_scratch(job->pool, worker, SCRATCH_A, (size_t)(most * lanes) * sizeof(float));
  if (packed == NULL) job->failed = 1;
  else
    pack(job->precision, job->a.data + (job->m_start + row) * job->a.rows + job->k_start * job->a.columns,
         job->a.rows, job->a.columns, rows, job->k_size, TILE_ROWS, packed);
  return packed;
}

/* One block of rows of a, times some columns of the packed block of b. */
static void multiply_task(void *context, int64_t task, int worker) {
  gemm_job *job = context;
  const int64_t panels = ceil_div(job->m_size, TILE_ROWS), block = task / job->column_tasks;
  const int64_t row = block * panels / job->row_tasks * TILE_ROWS;
  const int64_t rows = min64((block + 1) * panels / job->row_tasks * TILE_ROWS, job->m_size) - row;
  const int64_t column = task % job->column_tasks * job->column_size;
  const int64_t end = min64(column + job->column_size, job->n_size);
  const int64_t lanes = lanes_of(job->precision, job->k_size);
  const float *packed_a = packed_rows(job, row, rows, lanes, worker);
  if (packed_a == NULL) return;
  const int last = job->k_start + job->k_size >= job->k;
  const int finish = last && (job->finish.kind != NO_ACTIVATION || job->finish.bias != NULL);
  const int mode = job->k_start > 0 ? ADD_TO : job->mode;
  for (int64_t j = column; j < end; j += TILE_COLUMNS) {
    const int64_t columns = min64(TILE_COLUMNS, end - j);
    for (int64_t i = 0; i < rows; i += TILE_ROWS) {
      const int64_t height = min64(TILE_ROWS, rows - i);
      const int64_t offset = (job->m_start + row + i) * job->n + job->n_start + j;
      prefetch_tile(job, offset, height, finish);
      micro_kernels[job->precision][height - 1](lanes, packed_a + i * lanes, job->packed_b + j * lanes,
                                                job->c + offset, job->n, columns, mode);
      if (finish)
        finish_block(&job->finish, height, columns, offset, job->n_start + j, job->n, job->c + offset);
    }
  }
}

/* Runs tasks on all threads, or with `worker` >= 0 on that one alone. */
static void run_on(gemm_job *job, int worker, int64_t tasks, hd_task run) {
  if (worker < 0) pool_run(job->pool, tasks, run, job);
  else
    for (int64_t task = 0; task < tasks; task++) run(job, task, worker);
}

/* The current block of b times all of a. */
static void multiply_blocks(gemm_job *job, int worker, int64_t threads) {
  const int64_t slivers = ceil_div(job->n_size, TILE_COLUMNS);
  const int64_t m_block = job->packed_a == NULL ? job->m : SHARED_M;
  for (job->m_start = 0; job->m_start < job->m; job->m_start += m_block) {
    job->m_size = min64(m_block, job->m - job->m_start);
    /* Blocks of rows: as large as allowed, all alike, as many for each thread. */
    job->row_tasks = min64(ceil_div(job->m_size, TILE_ROWS),
                           ceil_div(ceil_div(job->m_size, BLOCK_M), threads) * threads);
    const int64_t wanted = job->row_tasks >= threads || threads == 1
                               ? 1
                               : min64(slivers, ceil_div(2 * threads, job->row_tasks));
    job->column_size = ceil_div(slivers, wanted) * TILE_COLUMNS;
    job->column_tasks = ceil_div(job->n_size, job->column_size);
    if (job->packed_a != NULL) run_on(job, worker, ceil_div(job->k_size, PACK_ROWS), pack_a_task);
    run_on(job, worker, job->row_tasks * job->column_tasks, multiply_task);
  }
}

/* All blocks of one product, on all threads, or with `worker` >= 0 by that one alone. */
static int multiply(gemm_job *job, int worker) {
  const int64_t threads = worker >= 0 ? 1 : pool_threads(job->pool);
  const int place = worker >= 0 ? worker : SHARED;
  const int64_t lanes = max64(1, lanes_of(job->precision, job->k));
  const int64_t k_passes = ceil_div(lanes, BLOCK_K);
  const int64_t k_block = ceil_div(lanes, k_passes) * lane_size(job->precision);
  const int64_t n_block = min64(BLOCK_N, ceil_div(job->n, TILE_COLUMNS) * TILE_COLUMNS);
  const int64_t m_block = ceil_div(min64(job->m, SHARED_M), TILE_ROWS) * TILE_ROWS;
  job->packed_b = pool_scratch(job->pool, place, SCRATCH_B, (size_t)(n_block * k_block + 1) * sizeof(float));
  if (job->packed_b == NULL) return HD_OUT_OF_MEMORY;
  if (job->a.rows == 1 && job->a.columns != 1) {
    job->packed_a = pool_scratch(job->pool, place, SCRATCH_A, (size_t)(m_block * k_block) * sizeof(float));
    if (job->packed_a == NULL) return HD_OUT_OF_MEMORY;
  }
  const int64_t runs = job->b.columns == 1 ? ceil_div(k_block, PACK_ROWS) : 1;
  if (job->column_sums != NULL) {
    job->sums = pool_scratch(job->pool, place, SCRATCH_C, (size_t)(runs * n_block) * sizeof(float));
    if (job->sums == NULL) return HD_OUT_OF_MEMORY;
  }
  for (job->n_start = 0; job->n_start < job->n; job->n_start += n_block) {
    job->n_size = min64(n_block, job->n - job->n_start);
    const int64_t slivers = ceil_div(job->n_size, TILE_COLUMNS);
    job->pack_columns = ceil_div(slivers, min64(slivers, ceil_div(4 * threads, runs))) * TILE_COLUMNS;
    job->pack_parts = ceil_div(job->n_size, job->pack_columns);
    for (job->k_start = 0; job->k_start == 0 || job->k_start < job->k; job->k_start += k_block) {
      job->k_size = min64(k_block, job->k - job->k_start);
      const int64_t rows = job->b.columns == 1 ? max64(1, ceil_div(job->k_size, PACK_ROWS)) : 1;
      run_on(job, worker, rows * job->pack_parts, pack_b_task);
      if (job->column_sums != NULL) add_column_sums(job);
      multiply_blocks(job, worker, threads);
    }
  }
  return job->failed ? HD_OUT_OF_MEMORY : HD_OK;
}

/* Below this many multiplications a product is not worth waking a thread for. */
enum { SMALL_PRODUCT = 1 << 19 };

INLINE int is_small(int64_t m, int64_t n, int64_t k) {
  return (double)m * (double)n * (double)k <= SMALL_PRODUCT;
}

typedef struct {
  gemm_job first;
  int64_t a_step, b_step, c_step;
  int failed;
} batch_job;

static gemm_job batch_member(const batch_job *batch, int64_t i) {
  gemm_job job = batch->first;
  job.a.data += i * batch->a_step;
  job.b.data += i * batch->b_step;
  job.c += i * batch->c_step;
  return job;
}

static void batch_task(void *context, int64_t task, int worker) {
  batch_job *batch = context;
  gemm_job job = batch_member(batch, task);
  if (multiply(&job, worker) != HD_OK) batch->failed = 1;
}

/*
 * c[b, m, n] = a[b, m, k] b[b, k, n] for each b, where a_transposed says that a is stored as
 * [b, k, m], b_transposed that b is stored as [b, n, k].
 */
KERNEL(matmul)
(hd_pool *pool, int64_t batch, int64_t m, int64_t n, int64_t k, const float *a, int a_transposed,
 const float *b, int b_transposed, float *c, int precision) {
  if (batch == 0 || m == 0 || n == 0) return HD_OK;
  const matrix left = a_transposed ? (matrix){a, 1, m, NULL} : (matrix){a, k, 1, NULL};
  const matrix right = b_transposed ? (matrix){b, 1, k, NULL} : (matrix){b, n, 1, NULL};
  int status = HD_OK;
  pool_lock(pool);
  if (batch == 1 && m == 1) {
    status = multiply_vector(pool, n, k, a, right, c);
  } else if (batch == 1 && n == 1) {
    status = multiply_vector(pool, m, k, b, (matrix){a, left.columns, left.rows, NULL}, c);
  } else {
    batch_job job = {.first = {.a = left, .b = right, .c = c, .m = m, .n = n, .k = k, .pool = pool,
                               .precision = precision},
                     .a_step = m * k, .b_step = k * n, .c_step = m * n};
    const int alone = is_small(m, n, k);
    if (batch >= 2 * pool_threads(pool) || (batch > 1 && alone)) {
      pool_run(pool, batch, batch_task, &job);
      status = job.failed ? HD_OUT_OF_MEMORY : HD_OK;
    } else {
      for (int64_t i = 0; i < batch && status == HD_OK; i++) {
        gemm_job one = batch_member(&job, i);
        status = multiply(&one, alone ? 0 : -1);
      }
    }
  }
  pool_unlock(pool);
  return status;
}

/*
 * y[m, n] = x[m, k] w (+ bias), w [k, n] or, transposed, [n, k]; then what epilogue.h calls `kind`,
 * with its operands. w is f32, or bf16 if `half`.
 */
KERNEL(linear)
(hd_pool *pool, int64_t m, int64_t n, int64_t k, const float *x, const void *w, int half, int transposed,
 const float *bias, int kind, const float *first, const float *second, float *extra, float *y,
 int precision) {
  if (m == 0 || n == 0) return HD_OK;
  gemm_job job = {.a = {x, k, 1, NULL},
                  .b = {half ? NULL : w, transposed ? 1 : n, transposed ? k : 1, half ? w : NULL}, .c = y,
                  .m = m, .n = n, .k = k, .pool = pool, .precision = precision,
                  .finish = {kind, bias, first, second, extra}};
  int status = HD_OK;
  pool_lock(pool);
  if (m == 1) {
    status = multiply_vector(pool, n, k, x, job.b, y);
    if (kind != NO_ACTIVATION || bias != NULL) finish_block(&job.finish, 1, n, 0, 0, n, y);
  } else {
    status = multiply(&job, is_small(m, n, k) ? 0 : -1);
  }
  pool_unlock(pool);
  return status;
}

/*
 * The derivative of linear by its weight: dw = x' dy [k, n] or, transposed, dy' x [n, k], and by its
 * bias, the sum of the rows of dy [m, n] (dbias may be NULL). Both are added to if `accumulate`.
 */
KERNEL(linear_backward_weight)
(hd_pool *pool, int64_t m, int64_t n, int64_t k, const float *x, const float *dy, int transposed,
 float *dw, float *dbias, int accumulate, int precision) {
  if (n == 0) return HD_OK;
  const matrix left = {x, 1, k, NULL}, right = {dy, n, 1, NULL};
  gemm_job job = {.a = left, .b = right, .c = dw, .m = k, .n = n, .k = m, .pool = pool,
                  .precision = precision, .mode = accumulate ? ADD_TO : STORE, .column_sums = dbias};
  pool_lock(pool);
  if (transposed) {
    job.a = (matrix){dy, 1, n, NULL};
    job.b = (matrix){x, k, 1, NULL};
    job.m = n;
    job.n = k;
  }
  if (dbias != NULL && (transposed || k == 0)) {
    sum_rows(pool, m, n, dy, accumulate, dbias);
    job.column_sums = NULL;
  }
  const int status = k == 0 ? HD_OK : multiply(&job, is_small(m, n, k) ? 0 : -1);
  pool_unlock(pool);
  return status;
}
