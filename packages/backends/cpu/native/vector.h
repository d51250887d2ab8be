/* A vector times a matrix (one row, as in generation): every weight is read once. */

/* Element (i, j) at data[i * rows + j * columns]. */
typedef struct {
  const float *data;
  int64_t rows, columns;
} matrix;

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
  const int64_t first = task * job->cut.size;
  const int64_t end = min64(first + job->cut.size, job->cut.n);
  for (int64_t j = first; j < end; j++)
    job->y[j] = dot_run(job->x, job->b.data + j * job->b.columns, job->k);
}

/* Of k and of the columns. As many parts for any number of threads, so that sums are the same. */
enum { VECTOR_PARTS = 8, VECTOR_STRIP = 4096 };

/* Some rows of b, from end to end, times their elements of x: memory is read straight on. */
static void vector_rows_task(void *context, int64_t task, int worker) {
  (void)worker;
  const vector_job *job = context;
  const int64_t part = task % VECTOR_PARTS, strip = task / VECTOR_PARTS * VECTOR_STRIP;
  const int64_t n = min64(VECTOR_STRIP, job->n - strip), stride = job->b.rows;
  const int64_t end = (part + 1) * job->k / VECTOR_PARTS;
  const float *x = job->x, *rows = job->b.data + strip;
  float *sum = job->partial + part * job->n + strip;
  memset(sum, 0, (size_t)n * sizeof(float));
  int64_t p = part * job->k / VECTOR_PARTS;
  for (; p + 4 <= end; p += 4) {
    const float *r0 = rows + p * stride, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
    const vf x0 = splat(x[p]), x1 = splat(x[p + 1]), x2 = splat(x[p + 2]), x3 = splat(x[p + 3]);
    for (int64_t j = 0; j < n; j += W) {
      const int64_t left = n - j;
      store_some(sum + j,
                 load_some(sum + j, left) + (x0 * load_some(r0 + j, left) + x1 * load_some(r1 + j, left)) +
                     (x2 * load_some(r2 + j, left) + x3 * load_some(r3 + j, left)),
                 left);
    }
  }
  for (; p < end; p++)
    for (int64_t j = 0; j < n; j++) sum[j] += x[p] * rows[p * stride + j];
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
