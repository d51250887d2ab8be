/*
 * Attention without a T x T buffer (Dao et al. 2022): blocks of queries go over blocks of keys with
 * a running maximum and sum; the backward pass makes the weights again from the log-sum-exp.
 */

enum { QUERY_BLOCK = TILE_ROWS * (64 / TILE_ROWS), KEY_BLOCK = 128 };

typedef struct {
  int64_t batch, t, heads, d, s, groups, allocated;
  int causal;
  float scale;
  int64_t window; /* 0: none */
  const float *q, *k, *v, *out_in, *lse_in, *dout;
  const int32_t *query_segments, *key_segments; /* both or neither NULL */
  float *out, *lse, *dq, *dk, *dv;
  hd_pool *pool;
  int failed;
} attention_job;

/* The keys that query i may see by position: [first, end). */
INLINE int64_t first_key(const attention_job *job, int64_t i) {
  return job->causal && job->window > 0 ? max64(0, i + job->s - job->t + 1 - job->window) : 0;
}
INLINE int64_t end_key(const attention_job *job, int64_t i) {
  return job->causal ? max64(0, min64(job->s, i + job->s - job->t + 1)) : job->s;
}

/* Scores become -infinity outside [first, end) and in other segments; keys `at` ... `at` + n - 1. */
static void mask_row(const attention_job *job, int64_t b, int64_t i, int64_t at, int64_t n,
                     float *scores) {
  const int64_t first = max64(first_key(job, i), at), end = min64(end_key(job, i), at + n);
  for (int64_t j = at; j < min64(first, at + n); j++) scores[j - at] = -INFINITY;
  for (int64_t j = max64(end, at); j < at + n; j++) scores[j - at] = -INFINITY;
  if (job->query_segments == NULL) return;
  const int32_t segment = job->query_segments[b * job->t + i];
  const int32_t *keys = job->key_segments + b * job->allocated;
  for (int64_t j = first; j < end; j++)
    if (keys[j] != segment) scores[j - at] = -INFINITY;
}

static void scale_run(float *x, float factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

/* One or a few queries (generation): straight over the keys, nothing packed. */
static void attention_few_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->heads, head = task % job->heads, d = job->d;
  const int64_t group = head / (job->heads / job->groups), stride = job->groups * d;
  const float *k = job->k + (b * job->allocated * job->groups + group) * d;
  const float *v = job->v + (b * job->allocated * job->groups + group) * d;
  float *scores = pool_scratch(job->pool, worker, SCRATCH_B, (size_t)(job->s + 1) * sizeof(float));
  if (scores == NULL) {
    job->failed = 1;
    return;
  }
  for (int64_t i = 0; i < job->t; i++) {
    const int64_t at = ((b * job->t + i) * job->heads + head) * d;
    const int64_t first = first_key(job, i), n = max64(0, end_key(job, i) - first);
    for (int64_t j = 0; j < n; j++)
      scores[j] = job->scale * dot_run(job->q + at, k + (first + j) * stride, d);
    mask_row(job, b, i, first, n, scores);
    const float max = max_run(scores, n);
    float *out = job->out + at;
    memset(out, 0, (size_t)d * sizeof(float));
    float *lse = job->lse + (b * job->heads + head) * job->t + i;
    *lse = max;
    if (max == -INFINITY) continue;
    const float sum = exp_run(scores, max, scores, n);
    for (int64_t j = 0; j < n; j++) {
      const float weight = scores[j];
      const float *row = v + (first + j) * stride;
      INDEPENDENT
      for (int64_t x = 0; x < d; x++) out[x] += weight * row[x];
    }
    scale_run(out, 1.0f / sum, d);
    *lse = max + logf(sum);
  }
}

INLINE int64_t pad_to_sliver(int64_t n) { return ceil_div(n, TILE_COLUMNS) * TILE_COLUMNS; }

/* One head of one batch entry. */
static void attention_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->heads, head = task % job->heads, d = job->d, s = job->s;
  const int64_t group = head / (job->heads / job->groups), stride = job->groups * d;
  const int64_t q_stride = job->heads * d;
  const float *k = job->k + (b * job->allocated * job->groups + group) * d;
  const float *v = job->v + (b * job->allocated * job->groups + group) * d;
  float *packed_k = pool_scratch(job->pool, worker, SCRATCH_A,
                                 (size_t)(pad_to_sliver(s) * d + s * pad_to_sliver(d)) * sizeof(float));
  float *scores = pool_scratch(job->pool, worker, SCRATCH_B,
                               (size_t)(QUERY_BLOCK * (KEY_BLOCK + d)) * sizeof(float));
  if (packed_k == NULL || scores == NULL) {
    job->failed = 1;
    return;
  }
  float *packed_v = packed_k + pad_to_sliver(s) * d;
  float *sum = scores + QUERY_BLOCK * KEY_BLOCK; /* weighted values of the block, [rows, d] */
  pack(k, stride, 1, s, d, TILE_COLUMNS, packed_k);
  pack(v, 1, stride, d, s, TILE_COLUMNS, packed_v);
  for (int64_t i0 = 0; i0 < job->t; i0 += QUERY_BLOCK) {
    const int64_t rows = min64(QUERY_BLOCK, job->t - i0);
    const float *q = job->q + ((b * job->t + i0) * job->heads + head) * d;
    float max[QUERY_BLOCK], total[QUERY_BLOCK];
    for (int64_t r = 0; r < rows; r++) {
      max[r] = -INFINITY;
      total[r] = 0;
    }
    memset(sum, 0, (size_t)(rows * d) * sizeof(float));
    const int64_t begin = first_key(job, i0) / TILE_COLUMNS * TILE_COLUMNS;
    const int64_t end = end_key(job, i0 + rows - 1);
    for (int64_t at = begin; at < end; at += KEY_BLOCK) {
      const int64_t n = min64(KEY_BLOCK, end - at);
      multiply_tiles(rows, n, d, BY_ROWS, q, q_stride, TILE_ROWS * q_stride, packed_k + at * d,
                     TILE_COLUMNS * d, scores, KEY_BLOCK, STORE, NULL);
      for (int64_t r = 0; r < rows; r++) {
        float *row = scores + r * KEY_BLOCK;
        scale_run(row, job->scale, n);
        mask_row(job, b, i0 + r, at, n, row);
        const float before = max[r], here = max_run(row, n);
        const float now = here > before || here != here ? here : before;
        if (now == -INFINITY) {
          memset(row, 0, (size_t)n * sizeof(float));
          continue;
        }
        const float shrink = before == now ? 1.0f : expf(before - now);
        total[r] = total[r] * shrink + exp_run(row, now, row, n);
        if (shrink != 1.0f) scale_run(sum + r * d, shrink, d);
        max[r] = now;
      }
      multiply_tiles(rows, d, n, BY_ROWS, scores, KEY_BLOCK, TILE_ROWS * KEY_BLOCK,
                     packed_v + at * TILE_COLUMNS, TILE_COLUMNS * s, sum, d, ADD_TO, NULL);
    }
    for (int64_t r = 0; r < rows; r++) {
      float *out = job->out + ((b * job->t + i0 + r) * job->heads + head) * d;
      const int seen = max[r] != -INFINITY;
      const float factor = seen ? 1.0f / total[r] : 0.0f;
      for (int64_t x = 0; x < d; x++) out[x] = sum[r * d + x] * factor;
      job->lse[(b * job->heads + head) * job->t + i0 + r] = seen ? max[r] + logf(total[r]) : max[r];
    }
  }
}

/* All heads of one group of one batch entry: it owns their dq and the group's dk and dv. */
static void attention_backward_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->groups, group = task % job->groups, d = job->d, s = job->s;
  const int64_t heads = job->heads / job->groups, stride = job->groups * d;
  const int64_t q_stride = job->heads * d, base = (b * job->allocated * job->groups + group) * d;
  const float *k = job->k + base, *v = job->v + base;
  float *dk = job->dk + base, *dv = job->dv + base;
  const int64_t keys = pad_to_sliver(s) * d, wide = pad_to_sliver(d);
  float *packed_k = pool_scratch(job->pool, worker, SCRATCH_A,
                                 (size_t)(2 * keys + s * wide) * sizeof(float));
  float *weights = pool_scratch(job->pool, worker, SCRATCH_B,
                                (size_t)(2 * QUERY_BLOCK * (KEY_BLOCK + wide)) * sizeof(float));
  if (packed_k == NULL || weights == NULL) {
    job->failed = 1;
    return;
  }
  float *packed_v = packed_k + keys, *k_columns = packed_v + keys;
  float *dscores = weights + QUERY_BLOCK * KEY_BLOCK;
  float *q_columns = dscores + QUERY_BLOCK * KEY_BLOCK, *dout_columns = q_columns + QUERY_BLOCK * wide;
  pack(k, stride, 1, s, d, TILE_COLUMNS, packed_k);
  pack(v, stride, 1, s, d, TILE_COLUMNS, packed_v);
  pack(k, 1, stride, d, s, TILE_COLUMNS, k_columns);
  for (int64_t j = 0; j < job->allocated; j++) {
    memset(dk + j * stride, 0, (size_t)d * sizeof(float));
    memset(dv + j * stride, 0, (size_t)d * sizeof(float));
  }
  for (int64_t head = group * heads; head < (group + 1) * heads; head++) {
    const float *lse = job->lse_in + (b * job->heads + head) * job->t;
    for (int64_t i0 = 0; i0 < job->t; i0 += QUERY_BLOCK) {
      const int64_t rows = min64(QUERY_BLOCK, job->t - i0);
      const int64_t offset = ((b * job->t + i0) * job->heads + head) * d;
      const float *q = job->q + offset, *dout = job->dout + offset, *out = job->out_in + offset;
      float *dq = job->dq + offset, delta[QUERY_BLOCK];
      for (int64_t r = 0; r < rows; r++) {
        delta[r] = dot_run(dout + r * q_stride, out + r * q_stride, d);
        memset(dq + r * q_stride, 0, (size_t)d * sizeof(float));
      }
      pack(q, 1, q_stride, d, rows, TILE_COLUMNS, q_columns);
      pack(dout, 1, q_stride, d, rows, TILE_COLUMNS, dout_columns);
      const int64_t begin = first_key(job, i0) / TILE_COLUMNS * TILE_COLUMNS;
      const int64_t end = end_key(job, i0 + rows - 1);
      for (int64_t at = begin; at < end; at += KEY_BLOCK) {
        const int64_t n = min64(KEY_BLOCK, end - at);
        multiply_tiles(rows, n, d, BY_ROWS, q, q_stride, TILE_ROWS * q_stride, packed_k + at * d,
                       TILE_COLUMNS * d, weights, KEY_BLOCK, STORE, NULL);
        multiply_tiles(rows, n, d, BY_ROWS, dout, q_stride, TILE_ROWS * q_stride,
                       packed_v + at * d, TILE_COLUMNS * d, dscores, KEY_BLOCK, STORE, NULL);
        for (int64_t r = 0; r < rows; r++) {
          float *p = weights + r * KEY_BLOCK, *ds = dscores + r * KEY_BLOCK;
          if (lse[i0 + r] == -INFINITY) {
            memset(p, 0, (size_t)n * sizeof(float));
            memset(ds, 0, (size_t)n * sizeof(float));
            continue;
          }
          scale_run(p, job->scale, n);
          mask_row(job, b, i0 + r, at, n, p);
          exp_run(p, lse[i0 + r], p, n);
          for (int64_t j = 0; j < n; j++) ds[j] = job->scale * p[j] * (ds[j] - delta[r]);
        }
        multiply_tiles(rows, d, n, BY_ROWS, dscores, KEY_BLOCK, TILE_ROWS * KEY_BLOCK,
                       k_columns + at * TILE_COLUMNS, TILE_COLUMNS * s, dq, q_stride, ADD_TO, NULL);
        multiply_tiles(n, d, rows, BY_COLUMNS, weights, KEY_BLOCK, TILE_ROWS, dout_columns,
                       TILE_COLUMNS * rows, dv + at * stride, stride, ADD_TO, NULL);
        multiply_tiles(n, d, rows, BY_COLUMNS, dscores, KEY_BLOCK, TILE_ROWS, q_columns,
                       TILE_COLUMNS * rows, dk + at * stride, stride, ADD_TO, NULL);
      }
    }
  }
}

/* `sizes`: batch, t, heads, d, s, groups, allocated keys, causal, window (0: none). */
static attention_job attention_job_of(hd_pool *pool, const double *sizes, float scale) {
  return (attention_job){.batch = (int64_t)sizes[0], .t = (int64_t)sizes[1], .heads = (int64_t)sizes[2], .d = (int64_t)sizes[3],
                         .s = (int64_t)sizes[4], .groups = (int64_t)sizes[5], .allocated = (int64_t)sizes[6],
                         .causal = (int)sizes[7], .window = (int64_t)sizes[8], .scale = scale, .pool = pool};
}

KERNEL(attention)
(hd_pool *pool, const double *sizes, float scale, const float *q, const float *k, const float *v,
 const int32_t *query_segments, const int32_t *key_segments, float *out, float *lse) {
  attention_job job = attention_job_of(pool, sizes, scale);
  job.q = q;
  job.k = k;
  job.v = v;
  job.query_segments = query_segments;
  job.key_segments = key_segments;
  job.out = out;
  job.lse = lse;
  pool_lock(pool);
  pool_run(pool, job.batch * job.heads, job.t < 8 ? attention_few_task : attention_task, &job);
  pool_unlock(pool);
  return job.failed ? HD_OUT_OF_MEMORY : HD_OK;
}

KERNEL(attention_backward)
(hd_pool *pool, const double *sizes, float scale, const float *q, const float *k, const float *v,
 const float *out, const float *lse, const float *dout, const int32_t *query_segments,
 const int32_t *key_segments, float *dq, float *dk, float *dv) {
  attention_job job = attention_job_of(pool, sizes, scale);
  job.q = q;
  job.k = k;
  job.v = v;
  job.out_in = out;
  job.lse_in = lse;
  job.dout = dout;
  job.query_segments = query_segments;
  job.key_segments = key_segments;
  job.dq = dq;
  job.dk = dk;
  job.dv = dv;
  pool_lock(pool);
  pool_run(pool, job.batch * job.groups, attention_backward_task, &job);
  pool_unlock(pool);
  return job.failed ? HD_OUT_OF_MEMORY : HD_OK;
}
