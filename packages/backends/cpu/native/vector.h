/* A vector times a matrix (one row, as in generation): every weight is read once. */

/* Element (i, j) at data[i * rows + j * columns]; or, if `bf16` is not NULL, there. */
typedef struct {
  const float *data;
  int64_t rows, columns;
  const uint16_t *bf16;
} matrix;

/* Elements of a matrix from `at` on. */
INLINE vf load_element(const int half, matrix b, int64_t at, int64_t n) {
  return half ? load_bf16(b.bf16 + at, n) : load_some(b.data + at, n);
}

/* The dot product of x and n elements of b from `at` on. */
INLINE float dot_elements(const int half, const float *x, matrix b, int64_t at, int64_t n) {
  vf s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    s0 += load(x + i) * load_element(half, b, at + i, W);
    s1 += load(x + i + W) * load_element(half, b, at + i + W, W);
    s2 += load(x + i + 2 * W) * load_element(half, b, at + i + 2 * W, W);
    s3 += load(x + i + 3 * W) * load_element(half, b, at + i + 3 * W, W);
  }
  for (; i < n; i += W) s0 += load_some(x + i, n - i) * load_element(half, b, at + i, n - i);
  return sum_of((s0 + s1) + (s2 + s3));
}

static float dot_run(const float *x, const float *y, int64_t n) {
  return dot_elements(0, x, (matrix){.data = y}, 0, n);
}

/* A vector times a matrix: either its columns are contiguous, or its rows. */
typedef struct {
  split cut;
  int64_t n, k;
  const float *x;
  matrix b;
  float *y;
  float *partial; /* [VECTOR_PARTS, n] */
} vector_job;

/* y[j] of some columns, each a dot product. */
static void vector_columns_task(void *context, int64_t task, int worker) {
  (void)worker;
  const vector_job *job = context;
  const matrix b = job->b;
  const int64_t first = task * job->cut.size;
  const int64_t end = min64(first + job->cut.size, job->cut.n);
  if (b.bf16 != NULL)
    for (int64_t j = first; j < end; j++) job->y[j] = dot_elements(1, job->x, b, j * b.columns, job->k);
  else
    for (int64_t j = first; j < end; j++) job->y[j] = dot_elements(0, job->x, b, j * b.columns, job->k);
}

/* Of k and of the columns. As many parts for any number of threads, so that sums are the same. */
enum { VECTOR_PARTS = 8, VECTOR_STRIP = 4096 };

/* From here on four rows at a time are read as fast as one, and their sums take a quarter of the loads and stores. */
enum { LONG_ROW = 2048 };

/* sum[n] = x[p] b[p, strip ...] summed over rows [p, end) of b, from end to end: memory is read straight on. */
INLINE void sum_weighted_rows(const int half, const float *x, matrix b, int64_t p, int64_t end,
                              int64_t strip, int64_t n, float *sum) {
  memset(sum, 0, (size_t)n * sizeof(float));
  for (; n >= LONG_ROW && p + 4 <= end; p += 4) {
    const int64_t at = p * b.rows + strip;
    const vf x0 = splat(x[p]), x1 = splat(x[p + 1]), x2 = splat(x[p + 2]), x3 = splat(x[p + 3]);
    for (int64_t j = 0; j < n; j += W) {
      const int64_t left = n - j;
      store_some(sum + j,
                 load_some(sum + j, left) + (x0 * load_element(half, b, at + j, left) +
                                             x1 * load_element(half, b, at + b.rows + j, left)) +
                     (x2 * load_element(half, b, at + 2 * b.rows + j, left) +
                      x3 * load_element(half, b, at + 3 * b.rows + j, left)),
                 left);
    }
  }
  for (; p < end; p++) {
    const vf factor = splat(x[p]);
    const int64_t at = p * b.rows + strip;
    for (int64_t j = 0; j < n; j += W)
      store_some(sum + j, load_some(sum + j, n - j) + factor * load_element(half, b, at + j, n - j), n - j);
  }
}

static void vector_rows_task(void *context, int64_t task, int worker) {
  (void)worker;
  const vector_job *job = context;
  const int64_t part = task % VECTOR_PARTS, strip = task / VECTOR_PARTS * VECTOR_STRIP;
  const int64_t n = min64(VECTOR_STRIP, job->n - strip);
  const int64_t first = part * job->k / VECTOR_PARTS, end = (part + 1) * job->k / VECTOR_PARTS;
  float *sum = job->partial + part * job->n + strip;
  if (job->b.bf16 != NULL) sum_weighted_rows(1, job->x, job->b, first, end, strip, n, sum);
  else sum_weighted_rows(0, job->x, job->b, first, end, strip, n, sum);
}

/* y[n] = x[k] b[k, n]. */
static int multiply_vector(hd_pool *pool, int64_t n, int64_t k, const float *x, matrix b, float *y) {
  vector_job job = {.n = n, .k = k, .x = x, .b = b, .y = y};
  if (b.rows == 1) {
    job.cut = split_of(pool, n, max64(16, ceil_div(32768, max64(k, 1))));
    pool_run(pool, job.cut.tasks, vector_columns_task, &job);
    return HD_OK;
  }
  job.partial = pool_scratch(pool, SHARED, SCRATCH_C, (size_t)(VECTOR_PARTS * n) * sizeof(float));
  if (job.partial == NULL) return HD_OUT_OF_MEMORY;
  const int64_t tasks = VECTOR_PARTS * ceil_div(n, VECTOR_STRIP);
  if (n * k > 1 << 15) pool_run(pool, tasks, vector_rows_task, &job);
  else
    for (int64_t task = 0; task < tasks; task++) vector_rows_task(&job, task, 0);
  memset(y, 0, (size_t)n * sizeof(float));
  for (int64_t part = 0; part < VECTOR_PARTS; part++)
    for (int64_t j = 0; j < n; j++) y[j] += job.partial[part * n + j];
  return HD_OK;
}
