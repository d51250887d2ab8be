/* Philox4x32-10 (Salmon et al. 2011), bit for bit as @heddle/core defines it, and dropout. */

enum { PHILOX_BLOCKS = 64 };

/* The four words of each of PHILOX_BLOCKS consecutive counters. */
static void philox(uint32_t k0, uint32_t k1, uint64_t counter, uint32_t out[PHILOX_BLOCKS][4]) {
  uint32_t c0[PHILOX_BLOCKS], c1[PHILOX_BLOCKS], c2[PHILOX_BLOCKS], c3[PHILOX_BLOCKS];
  for (int i = 0; i < PHILOX_BLOCKS; i++) {
    c0[i] = (uint32_t)(counter + (uint64_t)i);
    c1[i] = (uint32_t)((counter + (uint64_t)i) >> 32);
    c2[i] = 0;
    c3[i] = 0;
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < PHILOX_BLOCKS; i++) {
      const uint64_t p0 = (uint64_t)0xd2511f53u * c0[i];
      const uint64_t p1 = (uint64_t)0xcd9e8d57u * c2[i];
      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = (uint32_t)p1;
      c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = (uint32_t)p0;
    }
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  for (int i = 0; i < PHILOX_BLOCKS; i++) {
    out[i][0] = c0[i];
    out[i][1] = c1[i];
    out[i][2] = c2[i];
    out[i][3] = c3[i];
  }
}

typedef struct {
  split cut; /* in groups of 4 * PHILOX_BLOCKS elements */
  int64_t n;
  uint32_t k0, k1;
  float keep; /* 1 - rate */
  double rate;
  const float *x; /* NULL: the uniform numbers themselves */
  float *y;
} random_job;

static void random_task(void *context, int64_t task, int worker) {
  (void)worker;
  const random_job *job = context;
  const int64_t end = min64((task + 1) * job->cut.size, job->cut.n);
  for (int64_t group = task * job->cut.size; group < end; group++) {
    uint32_t words[PHILOX_BLOCKS][4];
    philox(job->k0, job->k1, (uint64_t)group * PHILOX_BLOCKS, words);
    const int64_t at = group * 4 * PHILOX_BLOCKS;
    const int64_t n = min64(4 * PHILOX_BLOCKS, job->n - at);
    const uint32_t *word = words[0];
    for (int64_t i = 0; i < n; i++) {
      const float uniform = (float)(int32_t)(word[i] >> 8) * 0x1p-24f;
      if (job->x == NULL) job->y[at + i] = uniform;
      else job->y[at + i] = (double)uniform >= job->rate ? job->x[at + i] / job->keep : 0.0f;
    }
  }
}

/* Dropout of x, or with x NULL uniform numbers in [0, 1). */
KERNEL(random)
(hd_pool *pool, uint32_t k0, uint32_t k1, double rate, int64_t n, const float *x, float *y) {
  pool_lock(pool);
  random_job job = {split_of(pool, ceil_div(n, 4 * PHILOX_BLOCKS), 16), n, k0, k1,
                    (float)(1.0 - rate), rate, x, y};
  pool_run(pool, job.cut.tasks, random_task, &job);
  pool_unlock(pool);
  return HD_OK;
}
