/* Moving 4-byte elements: blocks between any two strided places, rows by index, sums of rows. */

typedef struct {
  int rank;
  int64_t rows, rows_per_task, inner, from_step, to_step;
  int64_t dims[MAX_RANK], from_strides[MAX_RANK], to_strides[MAX_RANK];
  const uint32_t *from;
  uint32_t *to;
} copy_job;

static void copy_task(void *context, int64_t task, int worker) {
  (void)worker;
  const copy_job *job = context;
  const int64_t n = job->inner;
  const int64_t end = min64((task + 1) * job->rows_per_task, job->rows);
  for (int64_t r = task * job->rows_per_task; r < end; r++) {
    int64_t row = r, from_at = 0, to_at = 0;
    for (int axis = job->rank - 2; axis >= 0; axis--) {
      const int64_t index = row % job->dims[axis];
      row /= job->dims[axis];
      from_at += index * job->from_strides[axis];
      to_at += index * job->to_strides[axis];
    }
    const uint32_t *from = job->from + from_at;
    uint32_t *to = job->to + to_at;
    const int64_t fs = job->from_step, ts = job->to_step;
    if (fs == 1 && ts == 1) memcpy(to, from, (size_t)n * 4);
    else if (ts == 1) for (int64_t i = 0; i < n; i++) to[i] = from[i * fs];
    else for (int64_t i = 0; i < n; i++) to[i * ts] = from[i * fs];
  }
}

enum { BLOCK = 16 };

/* The last two axes are turned round: read along the second last, written along the last, in square blocks. */
static void transpose_task(void *context, int64_t task, int worker) {
  (void)worker;
  const copy_job *job = context;
  const int64_t columns = job->inner, lines = job->dims[job->rank - 2];
  const int64_t fs = job->from_step, ts = job->to_strides[job->rank - 2];
  const int64_t strips = ceil_div(lines, BLOCK);
  const int64_t end = min64((task + 1) * job->rows_per_task, job->rows);
  for (int64_t r = task * job->rows_per_task; r < end; r++) {
    int64_t row = r / strips, from_at = 0, to_at = 0;
    const int64_t line = (r % strips) * BLOCK;
    for (int axis = job->rank - 3; axis >= 0; axis--) {
      const int64_t index = row % job->dims[axis];
      row /= job->dims[axis];
      from_at += index * job->from_strides[axis];
      to_at += index * job->to_strides[axis];
    }
    const uint32_t *from = job->from + from_at + line;
    uint32_t *to = job->to + to_at + line * ts;
    const int64_t high = min64(BLOCK, lines - line);
    for (int64_t column = 0; column < columns; column += BLOCK) {
      const int64_t wide = min64(BLOCK, columns - column);
      for (int64_t i = 0; i < high; i++)
        for (int64_t j = 0; j < wide; j++) to[i * ts + column + j] = from[(column + j) * fs + i];
    }
  }
}

/* `layout`: dims, strides read, strides written, `rank` >= 1 numbers each; starts are in elements. */
KERNEL(copy)
(hd_pool *pool, int rank, const double *layout, const void *from, int64_t from_start, void *to,
 int64_t to_start) {
  copy_job job = {.rank = rank, .from = (const uint32_t *)from + from_start,
                  .to = (uint32_t *)to + to_start, .rows = 1};
  for (int axis = 0; axis < rank; axis++) {
    job.dims[axis] = (int64_t)layout[axis];
    job.from_strides[axis] = (int64_t)layout[rank + axis];
    job.to_strides[axis] = (int64_t)layout[2 * rank + axis];
    if (axis < rank - 1) job.rows *= job.dims[axis];
  }
  job.inner = job.dims[rank - 1];
  job.from_step = job.from_strides[rank - 1];
  job.to_step = job.to_strides[rank - 1];
  const int turned = rank >= 2 && job.to_step == 1 && job.from_step > 1 &&
                     job.from_strides[rank - 2] == 1;
  if (turned) job.rows = job.rows / job.dims[rank - 2] * ceil_div(job.dims[rank - 2], BLOCK);
  pool_lock(pool);
  const split cut = split_rows(pool, job.rows, job.inner * (turned ? BLOCK : 1));
  job.rows_per_task = cut.size;
  pool_run(pool, cut.tasks, turned ? transpose_task : copy_task, &job);
  pool_unlock(pool);
  return HD_OK;
}

static int indices_fit(const int32_t *ids, int64_t n, int64_t limit) {
  int bad = 0;
  for (int64_t i = 0; i < n; i++) bad |= ids[i] < 0 || ids[i] >= limit;
  return !bad;
}

typedef struct {
  split cut;
  int64_t width, ids_count;
  const int32_t *ids;
  const uint32_t *table;
  uint32_t *y;
  const float *rows;
  float *base;
} gather_job;

static void gather_task(void *context, int64_t task, int worker) {
  (void)worker;
  const gather_job *job = context;
  const int64_t end = min64((task + 1) * job->cut.size, job->cut.n);
  for (int64_t i = task * job->cut.size; i < end; i++)
    memcpy(job->y + i * job->width, job->table + job->ids[i] * job->width, (size_t)job->width * 4);
}

KERNEL(gather)
(hd_pool *pool, int64_t vocabulary, int64_t width, int64_t count, const void *table,
 const int32_t *ids, void *y) {
  if (!indices_fit(ids, count, vocabulary)) return HD_BAD_INDEX;
  pool_lock(pool);
  gather_job job = {.cut = split_rows(pool, count, width), .width = width, .ids = ids,
                    .table = table, .y = y};
  pool_run(pool, job.cut.tasks, gather_task, &job);
  pool_unlock(pool);
  return HD_OK;
}

/* Each task owns some columns and adds all rows to them in order. */
static void scatter_add_task(void *context, int64_t task, int worker) {
  (void)worker;
  const gather_job *job = context;
  const int64_t begin = task * job->cut.size;
  const int64_t n = min64(job->cut.size, job->cut.n - begin);
  for (int64_t i = 0; i < job->ids_count; i++) {
    const float *row = job->rows + i * job->width + begin;
    float *base = job->base + job->ids[i] * job->width + begin;
    INDEPENDENT
    for (int64_t j = 0; j < n; j++) base[j] += row[j];
  }
}

/* In place on base. */
KERNEL(scatter_add)
(hd_pool *pool, int64_t vocabulary, int64_t width, int64_t count, float *base, const int32_t *ids,
 const float *rows) {
  if (!indices_fit(ids, count, vocabulary)) return HD_BAD_INDEX;
  pool_lock(pool);
  gather_job job = {.cut = split_of(pool, width, count < 32 ? width + 1 : 64), .width = width,
                    .ids_count = count, .ids = ids, .rows = rows, .base = base};
  pool_run(pool, job.cut.tasks, scatter_add_task, &job);
  pool_unlock(pool);
  return HD_OK;
}
