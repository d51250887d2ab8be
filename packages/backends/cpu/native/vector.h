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

/* y[n] = x[k] b[k, n], some columns a task. */
typedef struct {
  split cut;
  int64_t k;
  const float *x;
  matrix b;
  float *y;
} vector_job;

static void vector_task(void *context, int64_t task, int worker) {
  (void)worker;
  const vector_job *job = context;
  const int64_t first = task * job->cut.size;
  const int64_t end = min64(first + job->cut.size, job->cut.n);
  const matrix b = job->b;
  if (b.rows == 1) { /* columns of b are contiguous */
    for (int64_t j = first; j < end; j++) job->y[j] = dot_run(job->x, b.data + j * b.columns, job->k);
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
    memcpy(job->y + j, sum, (size_t)n * sizeof(float));
  }
}

static void multiply_vector(hd_pool *pool, int64_t n, int64_t k, const float *x, matrix b, float *y) {
  const int64_t grain = max64(16, ceil_div(32768, max64(k, 1)));
  vector_job job = {split_of(pool, n, grain), k, x, b, y};
  pool_run(pool, job.cut.tasks, vector_task, &job);
}
