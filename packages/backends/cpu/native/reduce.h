/* Sums and maxima over one axis of [outer, n, inner], and the sum of squares of many arrays. */

/* A sum in double of runs of float sums, so that the error does not grow with n. */
static double sum_run(const float *x, int64_t n) {
  double total = 0;
  for (int64_t at = 0; at < n; at += 4096) {
    const float *p = x + at;
    const int64_t length = min64(4096, n - at);
    vf s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    int64_t i = 0;
    for (; i + 4 * W <= length; i += 4 * W) {
      s0 += load(p + i);
      s1 += load(p + i + W);
      s2 += load(p + i + 2 * W);
      s3 += load(p + i + 3 * W);
    }
    for (; i < length; i += W) s0 += load_part(p + i, min64(W, length - i), 0.0f);
    total += (double)sum_of((s0 + s1) + (s2 + s3));
  }
  return total;
}

static double squares_run(const float *x, int64_t n) {
  double total = 0;
  for (int64_t at = 0; at < n; at += 4096) {
    const float *p = x + at;
    const int64_t length = min64(4096, n - at);
    vf s0 = {0}, s1 = {0};
    int64_t i = 0;
    for (; i + 2 * W <= length; i += 2 * W) {
      const vf a = load(p + i), b = load(p + i + W);
      s0 += a * a;
      s1 += b * b;
    }
    for (; i < length; i += W) {
      const vf a = load_part(p + i, min64(W, length - i), 0.0f);
      s0 += a * a;
    }
    total += (double)sum_of(s0 + s1);
  }
  return total;
}

static float max_run(const float *x, int64_t n) {
  vf m0 = splat(-INFINITY), m1 = m0;
  int64_t i = 0;
  for (; i + 2 * W <= n; i += 2 * W) {
    m0 = larger(load(x + i), m0);
    m1 = larger(load(x + i + W), m1);
  }
  for (; i < n; i += W) m0 = larger(load_part(x + i, min64(W, n - i), -INFINITY), m0);
  return max_of(larger(m0, m1));
}

typedef struct {
  int max, add; /* add: to what y has */
  split cut;
  int64_t n, inner, strips, strip;
  const float *x;
  float *y;
  double *partial;
} reduce_job;

enum { STRIP = 256, RUN = 1 << 16 };

/* inner = 1: a task reduces some rows. */
static void reduce_rows_task(void *context, int64_t task, int worker) {
  (void)worker;
  const reduce_job *job = context;
  const int64_t end = min64((task + 1) * job->cut.size, job->cut.n);
  for (int64_t row = task * job->cut.size; row < end; row++) {
    const float *x = job->x + row * job->n;
    job->y[row] = job->max ? max_run(x, job->n) : (float)sum_run(x, job->n);
  }
}

/* One long row: a task reduces one run of it. */
static void reduce_run_task(void *context, int64_t task, int worker) {
  (void)worker;
  const reduce_job *job = context;
  const int64_t n = min64(RUN, job->n - task * RUN);
  const float *x = job->x + task * RUN;
  job->partial[task] = job->max ? (double)max_run(x, n) : sum_run(x, n);
}

/* inner > 1: a task reduces a strip of columns of one outer index, adding up runs of 64 rows. */
static void reduce_columns_task(void *context, int64_t task, int worker) {
  (void)worker;
  const reduce_job *job = context;
  const int64_t first = (task % job->strips) * job->strip;
  const int64_t columns = min64(job->strip, job->inner - first);
  const float *x = job->x + (task / job->strips) * job->n * job->inner + first;
  float *y = job->y + (task / job->strips) * job->inner + first;
  float run[STRIP];
  if (!job->add)
    for (int64_t j = 0; j < columns; j++) y[j] = job->max ? -INFINITY : 0.0f;
  for (int64_t r = 0; r < job->n; r += 64) {
    const int64_t end = min64(r + 64, job->n);
    for (int64_t j = 0; j < columns; j++) run[j] = x[r * job->inner + j];
    for (int64_t i = r + 1; i < end; i++) {
      const float *row = x + i * job->inner;
      if (job->max) for (int64_t j = 0; j < columns; j++) run[j] = row[j] > run[j] || row[j] != row[j] ? row[j] : run[j];
      else for (int64_t j = 0; j < columns; j++) run[j] += row[j];
    }
    if (job->max) for (int64_t j = 0; j < columns; j++) y[j] = run[j] > y[j] || run[j] != run[j] ? run[j] : y[j];
    else for (int64_t j = 0; j < columns; j++) y[j] += run[j];
  }
}

/* Columns of each outer index, a strip a task. */
static void reduce_columns(hd_pool *pool, reduce_job *job, int64_t outer) {
  const int64_t wanted = ceil_div(job->inner * outer, 4 * (int64_t)pool_threads(pool));
  job->strip =
      job->n * job->inner < 16384 ? STRIP : min64(STRIP, max64(32, ceil_div(wanted, 32) * 32));
  job->strips = ceil_div(job->inner, job->strip);
  pool_run(pool, outer * job->strips, reduce_columns_task, job);
}

/* y[n] (+)= the sum of the rows of x[rows, n]. */
static void sum_rows(hd_pool *pool, int64_t rows, int64_t n, const float *x, int add, float *y) {
  reduce_job job = {.add = add, .n = rows, .inner = n, .x = x, .y = y};
  reduce_columns(pool, &job, 1);
}

KERNEL(reduce)
(hd_pool *pool, int max, int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
  int status = HD_OK;
  pool_lock(pool);
  reduce_job job = {.max = max, .n = n, .inner = inner, .x = x, .y = y};
  if (inner == 1 && outer < 8 && n > RUN) {
    const int64_t runs = ceil_div(n, RUN);
    job.partial = pool_scratch(pool, SHARED, SCRATCH_C, (size_t)runs * sizeof(double));
    if (job.partial == NULL) status = HD_OUT_OF_MEMORY;
    for (int64_t o = 0; o < outer && status == HD_OK; o++) {
      job.x = x + o * n;
      pool_run(pool, runs, reduce_run_task, &job);
      double total = job.partial[0];
      for (int64_t i = 1; i < runs; i++) {
        const double p = job.partial[i];
        total = !max ? total + p : p > total || p != p ? p : total;
      }
      y[o] = (float)total;
    }
  } else if (inner == 1) {
    job.cut = split_rows(pool, outer, n);
    pool_run(pool, job.cut.tasks, reduce_rows_task, &job);
  } else {
    reduce_columns(pool, &job, outer);
  }
  pool_unlock(pool);
  return status;
}

INLINE int64_t runs_of(double size) { return ceil_div((int64_t)size, RUN); }

typedef struct {
  int64_t arrays, runs;
  const float *const *x;
  const double *sizes;
  double *partial;
} squares_job;

/* Run `task` of all arrays, each cut into runs of RUN elements. */
static void squares_task(void *context, int64_t task, int worker) {
  (void)worker;
  const squares_job *job = context;
  int64_t run = task, array = 0;
  while (run >= runs_of(job->sizes[array])) run -= runs_of(job->sizes[array++]);
  const int64_t n = min64(RUN, (int64_t)job->sizes[array] - run * RUN);
  job->partial[task] = squares_run(job->x[array] + run * RUN, n);
}

KERNEL(sum_of_squares)
(hd_pool *pool, int64_t arrays, const float *const *x, const double *sizes, float *y) {
  squares_job job = {.arrays = arrays, .x = x, .sizes = sizes};
  for (int64_t a = 0; a < arrays; a++) job.runs += runs_of(sizes[a]);
  pool_lock(pool);
  job.partial = pool_scratch(pool, SHARED, SCRATCH_C, (size_t)(job.runs + 1) * sizeof(double));
  if (job.partial != NULL) {
    pool_run(pool, job.runs, squares_task, &job);
    double total = 0;
    for (int64_t i = 0; i < job.runs; i++) total += job.partial[i];
    y[0] = (float)total;
  }
  pool_unlock(pool);
  return job.partial == NULL ? HD_OUT_OF_MEMORY : HD_OK;
}
