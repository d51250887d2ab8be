/* Row by row over the last axis: softmax, layer and RMS normalisation, cross-entropy; and rope. */

/* y = e^(x - shift) and its sum; no x is above shift. */
static float exp_run(const float *x, float shift, float *y, int64_t n) {
  vf sum = {0};
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    const vf e = vexp_falling(load(x + i) - splat(shift));
    store(y + i, e);
    sum += e;
  }
  if (i < n) {
    const vf e = vexp_falling(load_part(x + i, n - i, -INFINITY) - splat(shift));
    store_part(y + i, e, n - i);
    sum += load_part((const float *)&e, n - i, 0.0f);
  }
  return sum_of(sum);
}

/* The sum alone. */
static double exp_sum_run(const float *x, float shift, int64_t n) {
  double total = 0;
  for (int64_t at = 0; at < n; at += 4096) {
    const int64_t end = min64(at + 4096, n);
    vf sum = {0};
    int64_t i = at;
    for (; i + W <= end; i += W) sum += vexp_falling(load(x + i) - splat(shift));
    total += (double)sum_of(sum);
    if (i < end) {
      const vf e = vexp_falling(load_part(x + i, end - i, -INFINITY) - splat(shift));
      total += (double)sum_of(load_part((const float *)&e, end - i, 0.0f));
    }
  }
  return total;
}

typedef struct {
  split cut;
  int64_t n;
  float epsilon;
  int32_t ignore;
  const float *x, *gain, *bias, *mean_in, *rstd_in, *dy;
  const int32_t *targets;
  float *y, *mean, *rstd, *partial;
  int accumulate; /* add to what y has */
} row_job;

#define EACH_ROW                                                        \
  const row_job *job = context;                                         \
  (void)worker;                                                         \
  const int64_t n = job->n;                                             \
  const int64_t end = min64((task + 1) * job->cut.size, job->cut.n);    \
  for (int64_t row = task * job->cut.size; row < end; row++)

static void softmax_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *x = job->x + row * n;
    float *y = job->y + row * n;
    const float max = max_run(x, n);
    if (max == -INFINITY) {
      memset(y, 0, (size_t)n * sizeof(float));
      continue;
    }
    const float sum = exp_run(x, max, y, n);
    for (int64_t i = 0; i < n; i++) y[i] /= sum;
  }
}

static void softmax_backward_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *y = job->x + row * n, *dy = job->dy + row * n;
    float *dx = job->y + row * n;
    vf dots = {0};
    for (int64_t i = 0; i < n; i += W) {
      const int64_t left = min64(W, n - i);
      dots += load_part(y + i, left, 0.0f) * load_part(dy + i, left, 0.0f);
    }
    const float dot = sum_of(dots);
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
  }
}

static void layer_norm_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *x = job->x + row * n;
    float *y = job->y + row * n;
    const float mean = (float)(sum_run(x, n) / (double)n);
    vf squares = {0};
    int64_t i = 0;
    for (; i + W <= n; i += W) {
      const vf d = load(x + i) - splat(mean);
      squares += d * d;
    }
    if (i < n) {
      const vf d = load_part(x + i, n - i, mean) - splat(mean);
      squares += d * d;
    }
    const float rstd = 1.0f / sqrtf(sum_of(squares) / (float)n + job->epsilon);
    const float *gain = job->gain, *bias = job->bias;
    INDEPENDENT
    for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean) * rstd * gain[j] + bias[j];
    job->mean[row] = mean;
    job->rstd[row] = rstd;
  }
}

static void rms_norm_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *x = job->x + row * n, *gain = job->gain;
    float *y = job->y + row * n;
    const float rstd = (float)(1.0 / sqrt(squares_run(x, n) / (double)n + (double)job->epsilon));
    INDEPENDENT
    for (int64_t j = 0; j < n; j++) y[j] = x[j] * rstd * gain[j];
    job->rstd[row] = rstd;
  }
}

/*
 * dx of the normalised rows; each task also sums its rows' part of dgain (and dbias) into its own
 * piece of `partial`. With mean_in NULL it is the RMS form: no mean, no bias.
 */
static void norm_backward_task(void *context, int64_t task, int worker) {
  float *dgain = ((const row_job *)context)->partial + task * 2 * ((const row_job *)context)->n;
  float *dbias = dgain + ((const row_job *)context)->n;
  memset(dgain, 0, (size_t)((const row_job *)context)->n * 2 * sizeof(float));
  EACH_ROW {
    const float *x = job->x + row * n, *dy = job->dy + row * n, *gain = job->gain;
    float *dx = job->y + row * n;
    const float mean = job->mean_in == NULL ? 0.0f : job->mean_in[row];
    const float rstd = job->rstd_in[row];
    vf sums = {0}, dots = {0};
    for (int64_t i = 0; i < n; i += W) {
      const int64_t left = min64(W, n - i);
      const int whole = left == W;
      const vf v = whole ? load(x + i) : load_part(x + i, left, mean);
      const vf d = whole ? load(dy + i) : load_part(dy + i, left, 0.0f);
      const vf k = whole ? load(gain + i) : load_part(gain + i, left, 0.0f);
      const vf normalised = (v - splat(mean)) * splat(rstd);
      sums += d * k;
      dots += d * k * normalised;
      if (whole) {
        store(dgain + i, load(dgain + i) + d * normalised);
        store(dbias + i, load(dbias + i) + d);
      } else {
        store_part(dgain + i, load_part(dgain + i, left, 0.0f) + d * normalised, left);
        store_part(dbias + i, load_part(dbias + i, left, 0.0f) + d, left);
      }
    }
    const float sum = job->mean_in == NULL ? 0.0f : sum_of(sums) / (float)n;
    const float dot = sum_of(dots) / (float)n;
    if (job->accumulate) {
      INDEPENDENT
      for (int64_t j = 0; j < n; j++)
        dx[j] += rstd * (dy[j] * gain[j] - sum - (x[j] - mean) * rstd * dot);
    } else {
      INDEPENDENT
      for (int64_t j = 0; j < n; j++)
        dx[j] = rstd * (dy[j] * gain[j] - sum - (x[j] - mean) * rstd * dot);
    }
  }
}

/* Loss and log-sum-exp of each row of logits; the loss is 0 where the target is `ignore`. */
static void cross_entropy_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *x = job->x + row * n;
    const float max = max_run(x, n);
    const double lse = (double)max + log(exp_sum_run(x, max, n));
    const int32_t target = job->targets[row];
    job->y[row] = target == job->ignore ? 0.0f : (float)(lse - (double)x[target]);
    job->mean[row] = (float)lse;
  }
}

static void cross_entropy_backward_task(void *context, int64_t task, int worker) {
  EACH_ROW {
    const float *x = job->x + row * n;
    float *dx = job->y + row * n;
    const int32_t target = job->targets[row];
    if (target == job->ignore) {
      memset(dx, 0, (size_t)n * sizeof(float));
      continue;
    }
    const float lse = job->mean_in[row], scale = job->dy[row];
    const float at_target = x[target];
    MAP(n, dx, const vf v = AT(x), splat(scale) * vexp(v - splat(lse)));
    const vf p = vexp(splat(at_target) - splat(lse));
    dx[target] = scale * (((const float *)&p)[0] - 1.0f);
  }
}

#define RUN_ROWS(pool, rows, width, run, ...)                                     \
  do {                                                                            \
    pool_lock(pool);                                                              \
    row_job job = {.cut = split_rows(pool, rows, width), .n = width, __VA_ARGS__}; \
    pool_run(pool, job.cut.tasks, run, &job);                                     \
    pool_unlock(pool);                                                            \
    return HD_OK;                                                                 \
  } while (0)

KERNEL(softmax)(hd_pool *pool, int64_t rows, int64_t n, const float *x, float *y) {
  RUN_ROWS(pool, rows, n, softmax_task, .x = x, .y = y);
}
KERNEL(softmax_backward)
(hd_pool *pool, int64_t rows, int64_t n, const float *y, const float *dy, float *dx) {
  RUN_ROWS(pool, rows, n, softmax_backward_task, .x = y, .dy = dy, .y = dx);
}
KERNEL(layer_norm)
(hd_pool *pool, int64_t rows, int64_t n, float epsilon, const float *x, const float *gain,
 const float *bias, float *y, float *mean, float *rstd) {
  RUN_ROWS(pool, rows, n, layer_norm_task, .epsilon = epsilon, .x = x, .gain = gain, .bias = bias,
           .y = y, .mean = mean, .rstd = rstd);
}
KERNEL(rms_norm)
(hd_pool *pool, int64_t rows, int64_t n, float epsilon, const float *x, const float *gain,
 float *y, float *rstd) {
  RUN_ROWS(pool, rows, n, rms_norm_task, .epsilon = epsilon, .x = x, .gain = gain, .y = y,
           .rstd = rstd);
}

enum { NORM_PARTS = 16 };

/* mean and dbias are NULL for the RMS form; dx is added to if `accumulate`. The parts do not depend on the number of threads. */
KERNEL(norm_backward)
(hd_pool *pool, int64_t rows, int64_t n, const float *x, const float *gain, const float *mean,
 const float *rstd, const float *dy, float *dx, float *dgain, float *dbias, int accumulate) {
  const int64_t size = max64(1, ceil_div(rows, NORM_PARTS));
  row_job job = {.cut = {rows, size, ceil_div(rows, size)}, .n = n, .x = x, .gain = gain,
                 .mean_in = mean, .rstd_in = rstd, .dy = dy, .y = dx, .accumulate = accumulate};
  pool_lock(pool);
  job.partial = pool_scratch(pool, SHARED, SCRATCH_C, (size_t)(NORM_PARTS * 2 * n + 1) * sizeof(float));
  if (job.partial != NULL) {
    pool_run(pool, job.cut.tasks, norm_backward_task, &job);
    memset(dgain, 0, (size_t)n * sizeof(float));
    if (dbias != NULL) memset(dbias, 0, (size_t)n * sizeof(float));
    for (int64_t part = 0; part < job.cut.tasks; part++) {
      const float *g = job.partial + part * 2 * n;
      for (int64_t i = 0; i < n; i++) dgain[i] += g[i];
      if (dbias != NULL) for (int64_t i = 0; i < n; i++) dbias[i] += g[n + i];
    }
  }
  pool_unlock(pool);
  return job.partial == NULL ? HD_OUT_OF_MEMORY : HD_OK;
}

static int targets_fit(const int32_t *targets, int64_t rows, int64_t n, int32_t ignore) {
  int bad = 0;
  for (int64_t i = 0; i < rows; i++)
    bad |= (targets[i] < 0 || targets[i] >= n) && targets[i] != ignore;
  return !bad;
}

KERNEL(cross_entropy)
(hd_pool *pool, int64_t rows, int64_t n, int32_t ignore, const float *logits,
 const int32_t *targets, float *loss, float *lse) {
  if (!targets_fit(targets, rows, n, ignore)) return HD_BAD_INDEX;
  RUN_ROWS(pool, rows, n, cross_entropy_task, .ignore = ignore, .x = logits, .targets = targets,
           .y = loss, .mean = lse);
}
KERNEL(cross_entropy_backward)
(hd_pool *pool, int64_t rows, int64_t n, int32_t ignore, const float *logits,
 const int32_t *targets, const float *lse, const float *dloss, float *dlogits) {
  if (!targets_fit(targets, rows, n, ignore)) return HD_BAD_INDEX;
  RUN_ROWS(pool, rows, n, cross_entropy_backward_task, .ignore = ignore, .x = logits,
           .targets = targets, .mean_in = lse, .dy = dloss, .y = dlogits);
}

typedef struct {
  split cut;
  int64_t t, heads, half;
  int shared;
  float sign;
  const float *x, *cos, *sin;
  float *y;
} rope_job;

static void rope_task(void *context, int64_t task, int worker) {
  (void)worker;
  const rope_job *job = context;
  const int64_t half = job->half;
  const int64_t end = min64((task + 1) * job->cut.size, job->cut.n);
  for (int64_t row = task * job->cut.size; row < end; row++) {
    const int64_t angle = (job->shared ? row % job->t : row) * half;
    const float *cos = job->cos + angle, *sin = job->sin + angle;
    for (int64_t head = 0; head < job->heads; head++) {
      const float *x = job->x + (row * job->heads + head) * 2 * half;
      float *y = job->y + (row * job->heads + head) * 2 * half;
      INDEPENDENT
      for (int64_t i = 0; i < half; i++) {
        const float c = cos[i], s = job->sign * sin[i];
        const float first = x[i], second = x[half + i];
        y[i] = first * c - second * s;
        y[half + i] = second * c + first * s;
      }
    }
  }
}

KERNEL(rope)
(hd_pool *pool, int inverse, int64_t batch, int64_t t, int64_t heads, int64_t half, int shared,
 const float *x, const float *cos, const float *sin, float *y) {
  pool_lock(pool);
  rope_job job = {split_rows(pool, batch * t, heads * half * 2), t, heads, half, shared,
                  inverse ? -1.0f : 1.0f, x, cos, sin, y};
  pool_run(pool, job.cut.tasks, rope_task, &job);
  pool_unlock(pool);
  return HD_OK;
}
