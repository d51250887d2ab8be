/*
 * Attention without a T x T buffer (Dao et al. 2022): blocks of queries go over blocks of keys with
 * a running maximum and sum; the backward pass makes the weights again from the log-sum-exp. Inside a
 * block, panels of TILE_ROWS queries go no further than the keys that they see.
 */

enum { QUERY_BLOCK = TILE_ROWS * (96 / TILE_ROWS), KEY_BLOCK = 512 };
/* Between rows of scores: an odd number of cache lines, so that rows do not fall into one cache set. */
enum { SCORE_STRIDE = KEY_BLOCK + 16 };

typedef struct {
  int64_t batch, t, heads, d, s, groups, allocated;
  int causal, precision;
  float scale;
  int64_t window; /* 0: none */
  int64_t q_stride, k_stride; /* from one position to the next */
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

INLINE int64_t query_offset(const attention_job *job, int64_t b, int64_t i, int64_t head) {
  return (b * job->t + i) * job->q_stride + head * job->d;
}
/* The same for what lies [B, T, H, D] in any case: out and its gradient. */
INLINE int64_t out_offset(const attention_job *job, int64_t b, int64_t i, int64_t head) {
  return ((b * job->t + i) * job->heads + head) * job->d;
}
INLINE int64_t key_offset(const attention_job *job, int64_t b, int64_t j, int64_t group) {
  return (b * job->allocated + j) * job->k_stride + group * job->d;
}

/* Scores of keys at ... at + n - 1 become -infinity where they are of another segment. */
static void mask_segments(const attention_job *job, int64_t b, int64_t i, int64_t at, int64_t n,
                          float *scores) {
  if (job->query_segments == NULL) return;
  const int32_t segment = job->query_segments[b * job->t + i];
  const int32_t *keys = job->key_segments + b * job->allocated + at;
  for (int64_t j = 0; j < n; j++)
    if (keys[j] != segment) scores[j] = -INFINITY;
}

INLINE void scale_run(float *x, float factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

/*
 * The factor of scores inside the loops. -infinity marks what is masked and must stay so: a factor
 * that is not positive is applied before.
 */
INLINE float scale_of(const attention_job *job) { return job->scale > 0 ? job->scale : 1.0f; }
INLINE void scale_unless_positive(const attention_job *job, float *x, int64_t n) {
  if (!(job->scale > 0)) scale_run(x, job->scale, n);
}

/*
 * Rows of scores are worked on in whole vectors: what lies between [from, to) and the ends of its
 * vectors is set to `value` before. Rows have room for that.
 */
INLINE void pad_row(float *x, int64_t from, int64_t to, float value) {
  for (int64_t i = from / W * W; i < from; i++) x[i] = value;
  for (int64_t i = to; i < ceil_div(to, W) * W; i++) x[i] = value;
}

/* The largest of the vectors' elements times a scale > 0: -infinity of nothing, NaN if one is NaN. */
INLINE float largest_scaled(const float *x, float scale, int64_t n) {
  vf max = splat(-INFINITY);
  vi ordered = ~(vi){0};
  for (int64_t i = 0; i < n; i += W) {
    const vf some = load(x + i);
    max = greater(some, max);
    ordered &= some == some;
  }
  return scale * max_of(choose(ordered, max, splat(NAN)));
}

/* y = e^(scale x - shift), all <= 1, and its sum. */
INLINE float exp_scaled_run(const float *x, float scale, float shift, float *y, int64_t n) {
  vf sum = {0};
  for (int64_t i = 0; i < n; i += W) {
    const vf e = vexp_falling(load(x + i) * splat(scale) - splat(shift));
    store(y + i, e);
    sum += e;
  }
  return sum_of(sum);
}

/* One or a few queries (generation): straight over the keys, nothing packed. */
static void attention_few_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->heads, head = task % job->heads, d = job->d;
  const int64_t group = head / (job->heads / job->groups), stride = job->k_stride;
  const float *k = job->k + key_offset(job, b, 0, group), *v = job->v + key_offset(job, b, 0, group);
  float *scores = pool_scratch(job->pool, worker, SCRATCH_B, (size_t)(job->s + 1) * sizeof(float));
  if (scores == NULL) {
    job->failed = 1;
    return;
  }
  for (int64_t i = 0; i < job->t; i++) {
    const float *q = job->q + query_offset(job, b, i, head);
    const int64_t first = first_key(job, i), n = max64(0, end_key(job, i) - first);
    for (int64_t j = 0; j < n; j++)
      scores[j] = job->scale * dot_run(q, k + (first + j) * stride, d);
    mask_segments(job, b, i, first, n, scores);
    const float max = max_run(scores, n);
    float *out = job->out + out_offset(job, b, i, head);
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
/* Elements of a packed factor of `lines` columns and k rows (of either precision; k may be odd). */
INLINE int64_t packed_size(int64_t lines, int64_t k) { return pad_to_sliver(lines) * (k + 1); }

/*
 * c[m, n] (+)= a[m, k] b[k, n], b packed in slivers. Element (i, p) of a at a[i * rows + p * columns]
 * where one of both is 1. `space` takes a as it is packed.
 */
static void multiply_block(const attention_job *job, int64_t m, int64_t n, int64_t k, const float *a,
                           int64_t rows, int64_t columns, const float *b, int64_t sliver_stride,
                           float *c, int64_t ldc, int mode, float *space) {
  const int64_t lanes = lanes_of(job->precision, k);
  pack(job->precision, a, rows, columns, m, k, TILE_ROWS, space);
  multiply_tiles(job->precision, m, n, lanes, space, b, sliver_stride, c, ldc, mode);
}

/* Queries [first, first + rows) of batch entry b against keys [at, at + n). */
typedef struct {
  int64_t b, first, rows, at, n;
} block;

/* The keys of the block that some query of panel `row` sees: as many, from `at` on. */
INLINE int64_t panel_keys(const attention_job *job, const block *block, int64_t row) {
  const int64_t last = block->first + min64(row + TILE_ROWS, block->rows) - 1;
  return max64(0, min64(block->n, end_key(job, last) - block->at));
}

/* Of those, [from, to) are seen by row `row` itself. */
INLINE int64_t row_from(const attention_job *job, const block *block, int64_t row) {
  return min64(block->n, max64(0, first_key(job, block->first + row) - block->at));
}
INLINE int64_t row_to(const attention_job *job, const block *block, int64_t row) {
  return max64(0, min64(block->n, end_key(job, block->first + row) - block->at));
}

/* The first row of the block (rounded down to a whole lane) that may see key j of it. */
INLINE int64_t first_row(const attention_job *job, const block *block, int64_t j) {
  if (!job->causal) return 0;
  const int64_t row = block->at + j - (job->s - job->t) - block->first;
  return max64(0, min64(row, block->rows)) / lane_size(job->precision) * lane_size(job->precision);
}

/* Rows of scores have room for whole vectors, which are stored faster than parts. */
INLINE int64_t whole_vectors(int64_t n) { return ceil_div(n, W) * W; }

INLINE void clear_run(float *x, int64_t n) {
  if (n > 0) memset(x, 0, (size_t)n * sizeof(float));
}

/* Part `part` of `parts` of the rows of batch entry b: [b, positions, length] at `x`, if there is such an entry. */
static void fetch_part(const attention_job *job, const float *x, int64_t b, int64_t positions, int64_t length,
                       int64_t part, int64_t parts) {
  if (b >= job->batch) return;
  const int64_t first = part * positions / parts, end = (part + 1) * positions / parts;
  fetch_rows(x + (b * positions + first) * length, length, end - first, length);
}

/*
 * A task's part of what the next batch entry needs: a head's rows are short and far apart, which memory
 * gives slowly, all heads' together are one long run.
 */
static void fetch_next(const attention_job *job, int64_t b, int64_t head) {
  fetch_part(job, job->q, b + 1, job->t, job->q_stride, head, job->heads);
  if (job->q_stride != job->heads * job->d) return; /* q, k and v are one */
  fetch_part(job, job->k, b + 1, job->allocated, job->k_stride, head, job->heads);
  fetch_part(job, job->v, b + 1, job->allocated, job->k_stride, head, job->heads);
}

/* One head of one batch entry. */
static void attention_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->heads, head = task % job->heads, d = job->d, s = job->s;
  const int64_t offset = key_offset(job, b, 0, head / (job->heads / job->groups));
  const int64_t keys = packed_size(s, d), values = packed_size(d, s);
  const int precision = job->precision;
  const float scale = scale_of(job);
  const int64_t lanes = lanes_of(precision, d), key_lanes = lanes_of(precision, s);
  float *packed_k =
      pool_scratch(job->pool, worker, SCRATCH_A, (size_t)(keys + values) * sizeof(float));
  float *scores = pool_scratch(
      job->pool, worker, SCRATCH_B,
      (size_t)(QUERY_BLOCK * (SCORE_STRIDE + d) + TILE_ROWS * (max64(d, KEY_BLOCK) + 32)) * sizeof(float));
  if (packed_k == NULL || scores == NULL) {
    job->failed = 1;
    return;
  }
  fetch_next(job, b, head);
  float *packed_v = packed_k + keys;
  float *sum = scores + QUERY_BLOCK * SCORE_STRIDE; /* weighted values of the block, [rows, d] */
  float *space = sum + QUERY_BLOCK * d;
  pack(precision, job->k + offset, job->k_stride, 1, s, d, TILE_COLUMNS, packed_k);
  pack(precision, job->v + offset, 1, job->k_stride, d, s, TILE_COLUMNS, packed_v);
  for (int64_t i0 = 0; i0 < job->t; i0 += QUERY_BLOCK) {
    block at = {b, i0, min64(QUERY_BLOCK, job->t - i0), 0, 0};
    const float *q = job->q + query_offset(job, b, i0, head);
    float max[QUERY_BLOCK], total[QUERY_BLOCK];
    for (int64_t r = 0; r < at.rows; r++) {
      max[r] = -INFINITY;
      total[r] = 0;
    }
    clear_run(sum, at.rows * d);
    const int64_t end = end_key(job, i0 + at.rows - 1);
    for (at.at = first_key(job, i0) / TILE_COLUMNS * TILE_COLUMNS; at.at < end; at.at += KEY_BLOCK) {
      at.n = min64(KEY_BLOCK, end - at.at);
      for (int64_t row = 0; row < at.rows; row += TILE_ROWS) {
        const int64_t rows = min64(TILE_ROWS, at.rows - row), n = panel_keys(job, &at, row);
        if (n == 0) continue;
        float *panel = scores + row * SCORE_STRIDE;
        multiply_block(job, rows, whole_vectors(n), d, q + row * job->q_stride, job->q_stride, 1,
                       packed_k + at.at * lanes, TILE_COLUMNS * lanes, panel, SCORE_STRIDE, STORE, space);
        for (int64_t r = row; r < row + rows; r++) {
          float *x = scores + r * SCORE_STRIDE;
          const int64_t from = row_from(job, &at, r), to = max64(from, row_to(job, &at, r));
          const int64_t start = from / W * W, end = ceil_div(to, W) * W;
          scale_unless_positive(job, x + from, to - from);
          mask_segments(job, b, i0 + r, at.at + from, to - from, x + from);
          pad_row(x, from, to, -INFINITY);
          const float here = largest_scaled(x + start, scale, end - start);
          const float now = here > max[r] || here != here ? here : max[r];
          clear_run(x, start);
          clear_run(x + end, n - end);
          if (now == -INFINITY) {
            clear_run(x + start, end - start);
            continue;
          }
          if (max[r] != now && max[r] != -INFINITY) {
            const float shrink = expf(max[r] - now);
            total[r] *= shrink;
            scale_run(sum + r * d, shrink, d);
          }
          total[r] += exp_scaled_run(x + start, scale, now, x + start, end - start);
          max[r] = now;
        }
        multiply_block(job, rows, d, n, panel, SCORE_STRIDE, 1,
                       packed_v + at.at / lane_size(precision) * TILE_COLUMNS, TILE_COLUMNS * key_lanes,
                       sum + row * d, d, ADD_TO, space);
      }
    }
    for (int64_t r = 0; r < at.rows; r++) {
      float *out = job->out + out_offset(job, b, i0 + r, head);
      const int seen = max[r] != -INFINITY;
      const float factor = seen ? 1.0f / total[r] : 0.0f;
      for (int64_t x = 0; x < d; x++) out[x] = sum[r * d + x] * factor;
      job->lse[(b * job->heads + head) * job->t + i0 + r] = seen ? max[r] + logf(total[r]) : max[r];
    }
  }
}

/* Weights p and the scores' gradients ds of one row, from its scores in p and dout v' in ds. */
INLINE void backward_run(float *p, float *ds, float scale, float slope, float lse, float delta,
                         int64_t n) {
  for (int64_t i = 0; i < n; i += W) {
    const vf weight = vexp_falling(load(p + i) * splat(scale) - splat(lse));
    store(ds + i, splat(slope) * weight * (load(ds + i) - splat(delta)));
    store(p + i, weight);
  }
}

/* All heads of one group of one batch entry: it owns their dq and the group's dk and dv. */
static void attention_backward_task(void *context, int64_t task, int worker) {
  attention_job *job = context;
  const int64_t b = task / job->groups, group = task % job->groups, d = job->d, s = job->s;
  const int64_t heads = job->heads / job->groups, stride = job->k_stride, out_stride = job->heads * d;
  const int64_t base = key_offset(job, b, 0, group);
  const float *k = job->k + base, *v = job->v + base;
  float *dk = job->dk + base, *dv = job->dv + base;
  const int precision = job->precision;
  const float scale = scale_of(job);
  const int64_t lanes = lanes_of(precision, d), key_lanes = lanes_of(precision, s);
  const int64_t keys = packed_size(s, d), queries = packed_size(d, QUERY_BLOCK);
  float *packed_k = pool_scratch(job->pool, worker, SCRATCH_A,
                                 (size_t)(2 * keys + packed_size(d, s)) * sizeof(float));
  float *weights = pool_scratch(
      job->pool, worker, SCRATCH_B,
      (size_t)(2 * QUERY_BLOCK * SCORE_STRIDE + 2 * queries +
               TILE_ROWS * (max64(d, KEY_BLOCK) + 32)) * sizeof(float));
  if (packed_k == NULL || weights == NULL) {
    job->failed = 1;
    return;
  }
  float *packed_v = packed_k + keys, *k_columns = packed_v + keys;
  float *dscores = weights + QUERY_BLOCK * SCORE_STRIDE;
  float *q_columns = dscores + QUERY_BLOCK * SCORE_STRIDE, *dout_columns = q_columns + queries;
  float *space = dout_columns + queries;
  pack(precision, k, stride, 1, s, d, TILE_COLUMNS, packed_k);
  pack(precision, v, stride, 1, s, d, TILE_COLUMNS, packed_v);
  pack(precision, k, 1, stride, d, s, TILE_COLUMNS, k_columns);
  for (int64_t j = 0; j < job->allocated; j++) {
    clear_run(dk + j * stride, d);
    clear_run(dv + j * stride, d);
  }
  for (int64_t head = group * heads; head < (group + 1) * heads; head++) {
    const float *lse = job->lse_in + (b * job->heads + head) * job->t;
    for (int64_t i0 = 0; i0 < job->t; i0 += QUERY_BLOCK) {
      block at = {b, i0, min64(QUERY_BLOCK, job->t - i0), 0, 0};
      const float *q = job->q + query_offset(job, b, i0, head);
      const float *dout = job->dout + out_offset(job, b, i0, head);
      const float *out = job->out_in + out_offset(job, b, i0, head);
      float *dq = job->dq + query_offset(job, b, i0, head), delta[QUERY_BLOCK];
      for (int64_t r = 0; r < at.rows; r++) {
        delta[r] = dot_run(dout + r * out_stride, out + r * out_stride, d);
        clear_run(dq + r * job->q_stride, d);
      }
      pack(precision, q, 1, job->q_stride, d, at.rows, TILE_COLUMNS, q_columns);
      pack(precision, dout, 1, out_stride, d, at.rows, TILE_COLUMNS, dout_columns);
      const int64_t row_lanes = lanes_of(precision, at.rows);
      const int64_t end = end_key(job, i0 + at.rows - 1);
      for (at.at = first_key(job, i0) / TILE_COLUMNS * TILE_COLUMNS; at.at < end; at.at += KEY_BLOCK) {
        at.n = min64(KEY_BLOCK, end - at.at);
        for (int64_t row = 0; row < at.rows; row += TILE_ROWS) {
          const int64_t rows = min64(TILE_ROWS, at.rows - row), n = panel_keys(job, &at, row);
          float *p = weights + row * SCORE_STRIDE, *ds = dscores + row * SCORE_STRIDE;
          if (n > 0) {
            multiply_block(job, rows, whole_vectors(n), d, q + row * job->q_stride, job->q_stride, 1,
                           packed_k + at.at * lanes, TILE_COLUMNS * lanes, p, SCORE_STRIDE, STORE, space);
            multiply_block(job, rows, whole_vectors(n), d, dout + row * out_stride, out_stride, 1,
                           packed_v + at.at * lanes, TILE_COLUMNS * lanes, ds, SCORE_STRIDE, STORE, space);
          }
          for (int64_t r = row; r < row + rows; r++) {
            float *p_row = weights + r * SCORE_STRIDE, *ds_row = dscores + r * SCORE_STRIDE;
            int64_t from = row_from(job, &at, r), to = max64(from, row_to(job, &at, r));
            if (lse[i0 + r] == -INFINITY) from = to = 0;
            const int64_t start = from / W * W, end = ceil_div(to, W) * W;
            scale_unless_positive(job, p_row + from, to - from);
            mask_segments(job, b, i0 + r, at.at + from, to - from, p_row + from);
            pad_row(p_row, from, to, -INFINITY);
            pad_row(ds_row, from, to, 0.0f);
            backward_run(p_row + start, ds_row + start, scale, job->scale, lse[i0 + r], delta[r], end - start);
            clear_run(p_row, start);
            clear_run(ds_row, start);
            clear_run(p_row + end, at.n - end);
            clear_run(ds_row + end, at.n - end);
          }
          if (n > 0)
            multiply_block(job, rows, d, n, ds, SCORE_STRIDE, 1,
                           k_columns + at.at / lane_size(precision) * TILE_COLUMNS,
                           TILE_COLUMNS * key_lanes, dq + row * job->q_stride, job->q_stride, ADD_TO, space);
        }
        for (int64_t j = 0; j < at.n; j += TILE_ROWS) {
          const int64_t panel = min64(TILE_ROWS, at.n - j), r = first_row(job, &at, j);
          const int64_t from = r * SCORE_STRIDE + j, lane = r / lane_size(precision) * TILE_COLUMNS;
          const int64_t to = (at.at + j) * stride;
          multiply_block(job, panel, d, at.rows - r, weights + from, 1, SCORE_STRIDE,
                         dout_columns + lane, TILE_COLUMNS * row_lanes, dv + to, stride, ADD_TO, space);
          multiply_block(job, panel, d, at.rows - r, dscores + from, 1, SCORE_STRIDE,
                         q_columns + lane, TILE_COLUMNS * row_lanes, dk + to, stride, ADD_TO, space);
        }
      }
    }
  }
}

/*
 * `sizes`: batch, t, heads, d, s, groups, allocated keys, causal, window (0: none), packed (q, k and v
 * are one tensor), precision.
 */
static attention_job attention_job_of(hd_pool *pool, const double *sizes, float scale) {
  attention_job job = {.batch = (int64_t)sizes[0], .t = (int64_t)sizes[1], .heads = (int64_t)sizes[2],
                       .d = (int64_t)sizes[3], .s = (int64_t)sizes[4], .groups = (int64_t)sizes[5],
                       .allocated = (int64_t)sizes[6], .causal = (int)sizes[7],
                       .window = (int64_t)sizes[8], .precision = (int)sizes[10], .scale = scale,
                       .pool = pool};
  const int64_t together = (job.heads + 2 * job.groups) * job.d;
  job.q_stride = sizes[9] != 0 ? together : job.heads * job.d;
  job.k_stride = sizes[9] != 0 ? together : job.groups * job.d;
  return job;
}

KERNEL(attention)
(hd_pool *pool, const double *sizes, float scale, const float *q, const float *k, const float *v,
 const int32_t *query_segments, const int32_t *key_segments, float *out, float *lse) {
  attention_job job = attention_job_of(pool, sizes, scale);
  const int packed = sizes[9] != 0;
  job.q = q;
  job.k = packed ? q + job.heads * job.d : k;
  job.v = packed ? q + (job.heads + job.groups) * job.d : v;
  job.query_segments = query_segments;
  job.key_segments = key_segments;
  job.out = out;
  job.lse = lse;
  pool_lock(pool);
  pool_run(pool, job.batch * job.heads, job.t < 8 ? attention_few_task : attention_task, &job);
  pool_unlock(pool);
  return job.failed ? HD_OUT_OF_MEMORY : HD_OK;
}

/* Packed: q and dq alone are given of the three. */
KERNEL(attention_backward)
(hd_pool *pool, const double *sizes, float scale, const float *q, const float *k, const float *v,
 const float *out, const float *lse, const float *dout, const int32_t *query_segments,
 const int32_t *key_segments, float *dq, float *dk, float *dv) {
  attention_job job = attention_job_of(pool, sizes, scale);
  const int packed = sizes[9] != 0;
  const int64_t to_k = job.heads * job.d, to_v = (job.heads + job.groups) * job.d;
  job.q = q;
  job.k = packed ? q + to_k : k;
  job.v = packed ? q + to_v : v;
  job.out_in = out;
  job.lse_in = lse;
  job.dout = dout;
  job.query_segments = query_segments;
  job.key_segments = key_segments;
  job.dq = dq;
  job.dk = packed ? dq + to_k : dk;
  job.dv = packed ? dq + to_v : dv;
  pool_lock(pool);
  pool_run(pool, job.batch * job.groups, attention_backward_task, &job);
  pool_unlock(pool);
  return job.failed ? HD_OUT_OF_MEMORY : HD_OK;
}
