/* AdamW (Loshchilov & Hutter 2019) over all parameters as one flat pass, in place. */

typedef struct {
  const double *sizes;
  float *const *pointers; /* p, g, m, v of each parameter */
  float scale, beta1, rest1, beta2, rest2, decay, rate, correction2, epsilon;
} adamw_job;

static void adamw_task(void *context, int64_t task, int worker) {
  (void)worker;
  const adamw_job *job = context;
  int64_t run = task, parameter = 0;
  while (run >= runs_of(job->sizes[parameter])) run -= runs_of(job->sizes[parameter++]);
  const int64_t at = run * RUN;
  const int64_t n = min64(RUN, (int64_t)job->sizes[parameter] - at);
  float *const *pointers = job->pointers + 4 * parameter;
  float *p = pointers[0] + at, *m = pointers[2] + at, *v = pointers[3] + at;
  const float *g = pointers[1] + at;
  const float scale = job->scale, beta1 = job->beta1, rest1 = job->rest1, beta2 = job->beta2,
              rest2 = job->rest2, decay = job->decay, rate = job->rate,
              correction2 = job->correction2, epsilon = job->epsilon;
  INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    const float gradient = g[i] * scale;
    const float mean = beta1 * m[i] + rest1 * gradient;
    const float square = beta2 * v[i] + rest2 * gradient * gradient;
    m[i] = mean;
    v[i] = square;
    p[i] = p[i] * decay - rate * (mean / (sqrtf(square) * correction2 + epsilon));
  }
}

KERNEL(adamw)
(hd_pool *pool, int64_t parameters, const double *sizes, float *const *pointers,
 const float *scale, double lr, double beta1, double beta2, double epsilon, double weight_decay,
 double step) {
  if (!isfinite(*scale)) return HD_OK;
  int64_t runs = 0;
  for (int64_t i = 0; i < parameters; i++) runs += runs_of(sizes[i]);
  pool_lock(pool);
  adamw_job job = {.sizes = sizes, .pointers = pointers, .scale = *scale,
                   .beta1 = (float)beta1, .rest1 = (float)(1 - beta1),
                   .beta2 = (float)beta2, .rest2 = (float)(1 - beta2),
                   .decay = (float)(1 - lr * weight_decay),
                   .rate = (float)(lr / (1 - pow(beta1, step))),
                   .correction2 = (float)(1 / sqrt(1 - pow(beta2, step))),
                   .epsilon = (float)epsilon};
  pool_run(pool, runs, adamw_task, &job);
  pool_unlock(pool);
  return HD_OK;
}
