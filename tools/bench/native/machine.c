/*
 * What this processor can do at most: multiply-adds in registers, and bytes through the memory, on
 * as many threads as the argument says. Answers each line of stdin, `f32`, `bf16`, `read` or `copy`,
 * with one number: FLOP/s (0 where there are no such instructions) or bytes/s.
 */
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { MAX_THREADS = 256 };
static const size_t BYTES = (size_t)1 << 29; /* far past any cache */

static pthread_barrier_t start_line;
static char *from, *to;
static int threads;
static volatile float sink;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#if defined(__AVX512F__)
typedef __m512 vector;
#define SPLAT(x) _mm512_set1_ps(x)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#elif defined(__AVX2__)
typedef __m256 vector;
#define SPLAT(x) _mm256_set1_ps(x)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#else
#error "the peak is measured on x86-64 with AVX2 or AVX-512"
#endif
enum { CHAINS = 12, LANES = sizeof(vector) / sizeof(float), STEPS = 3000000 };

/* Each does `work` on thread i and returns FLOP or bytes. */
static double multiply_f32(int i) {
  vector sum[CHAINS], x = SPLAT(0.999f + 1e-9f * (float)i), y = SPLAT(1e-3f);
  for (int c = 0; c < CHAINS; c++) sum[c] = SPLAT((float)c);
  for (int s = 0; s < STEPS; s++) {
#pragma GCC unroll 12
    for (int c = 0; c < CHAINS; c++) sum[c] = MULTIPLY_ADD(sum[c], x, y);
  }
  for (int c = 0; c < CHAINS; c++) sink = ((float *)&sum[c])[0];
  return 2.0 * LANES * CHAINS * STEPS;
}

static double multiply_bf16(int i) {
#if defined(__AVX512BF16__)
  __m512 sum[CHAINS];
  __m512bh x = (__m512bh)_mm512_set1_epi32(0x3f803f80 + i), y = (__m512bh)_mm512_set1_epi32(0x3f803f80);
  for (int c = 0; c < CHAINS; c++) sum[c] = SPLAT((float)c);
  for (int s = 0; s < STEPS; s++) {
#pragma GCC unroll 12
    for (int c = 0; c < CHAINS; c++) sum[c] = _mm512_dpbf16_ps(sum[c], x, y);
  }
  for (int c = 0; c < CHAINS; c++) sink = ((float *)&sum[c])[0];
  return 4.0 * LANES * CHAINS * STEPS;
#else
  (void)i;
  return 0;
#endif
}

static double read_memory(int i) {
  const size_t part = BYTES / (size_t)threads / 4096 * 4096 / sizeof(float);
  const float *x = (const float *)from + part * (size_t)i;
  vector sum[8];
  for (int c = 0; c < 8; c++) sum[c] = SPLAT(0.0f);
  for (size_t j = 0; j + 8 * LANES <= part; j += 8 * LANES)
    for (size_t c = 0; c < 8; c++) sum[c] += *(const vector *)(x + j + c * LANES);
  for (int c = 0; c < 8; c++) sink = ((float *)&sum[c])[0];
  return (double)(part * sizeof(float));
}

static double copy_memory(int i) {
  const size_t part = BYTES / (size_t)threads / 4096 * 4096;
  memcpy(to + part * (size_t)i, from + part * (size_t)i, part);
  return 2.0 * (double)part;
}

static double (*work)(int);

/* The clock is read by those who work: more threads than cores are awake around the barrier. */
typedef struct {
  int index;
  double amount, began, ended;
} worker;

static void *run_worker(void *argument) {
  worker *own = argument;
  for (;;) {
    pthread_barrier_wait(&start_line);
    own->began = seconds();
    own->amount = work(own->index);
    own->ended = seconds();
    pthread_barrier_wait(&start_line);
  }
  return NULL;
}

static double rate_of(const worker *workers) {
  double amount = 0, began = workers[0].began, ended = workers[0].ended;
  for (int i = 0; i < threads; i++) {
    amount += workers[i].amount;
    if (workers[i].began < began) began = workers[i].began;
    if (workers[i].ended > ended) ended = workers[i].ended;
  }
  return amount / (ended - began);
}

int main(int count, char **words) {
  threads = count > 1 ? atoi(words[1]) : 1;
  if (threads < 1 || threads > MAX_THREADS) return 2;
  from = mmap(NULL, 2 * BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (from == MAP_FAILED) return 1;
  madvise(from, 2 * BYTES, MADV_HUGEPAGE);
  to = from + BYTES;
  memset(from, 0, 2 * BYTES);
  static worker workers[MAX_THREADS];
  pthread_barrier_init(&start_line, NULL, (unsigned)threads + 1);
  for (int i = 0; i < threads; i++) {
    pthread_t id;
    workers[i].index = i;
    if (pthread_create(&id, NULL, run_worker, &workers[i]) != 0) return 1;
  }
  char line[16];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "f32") == 0) work = multiply_f32;
    else if (strcmp(line, "bf16") == 0) work = multiply_bf16;
    else if (strcmp(line, "read") == 0) work = read_memory;
    else if (strcmp(line, "copy") == 0) work = copy_memory;
    else return 2;
    pthread_barrier_wait(&start_line);
    pthread_barrier_wait(&start_line);
    printf("%.0f\n", rate_of(workers));
    fflush(stdout);
  }
  return 0;
}
