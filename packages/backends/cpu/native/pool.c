/*
 * The thread pool: one caller and threads-1 workers. Workers spin for about a millisecond after
 * their last task, because the next operation of a training step follows in microseconds and
 * waking a sleeper costs far more; then they sleep. Pools are shared by thread count.
 */
#define _GNU_SOURCE
#include "heddle.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define MAX_THREADS 256
#define SPIN_NANOSECONDS 1000000
#define YIELD_NANOSECONDS 20000

typedef struct {
  void *memory;
  size_t bytes;
} scratch;

struct hd_pool {
  int threads;
  int users;
  hd_pool *next;
  pthread_mutex_t caller; /* one operation at a time: JavaScript threads may share a pool */
  uint64_t callers_mode;  /* the caller's treatment of denormals, while an operation runs */

  /* The job: stable while one of its tasks is claimed and not done. */
  _Atomic(hd_task) run;
  void *_Atomic context;
  _Atomic int64_t tasks;
  _Atomic uint64_t ticket; /* the job's number (upper half) and its next task (lower half) */
  _Atomic int64_t done;    /* tasks that are finished */

  _Atomic uint64_t job; /* counts jobs; a change starts the workers */
  _Atomic int sleepers;
  _Atomic int closing;
  pthread_mutex_t sleep;
  pthread_cond_t wake;

  pthread_t workers[MAX_THREADS];
  scratch scratch[MAX_THREADS + 1][SCRATCH_SLOTS];
  _Atomic uint64_t refused; /* bytes that were last asked for in vain */
};

typedef struct {
  hd_pool *pool;
  int worker;
} worker_start;

static inline void pause_cpu(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/*
 * How this thread treats denormals. Kernels read and make zeros instead: arithmetic with them takes a
 * hundred times longer on many processors, and gradients are full of them.
 */
#if defined(__x86_64__)
enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x40 };
static inline uint64_t float_mode(void) { return __builtin_ia32_stmxcsr(); }
static inline void set_float_mode(uint64_t mode) { __builtin_ia32_ldmxcsr((unsigned)mode); }
static inline uint64_t flushing(uint64_t mode) { return mode | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO; }
#elif defined(__aarch64__)
enum { FLUSH_TO_ZERO = 1 << 24 };
static inline uint64_t float_mode(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
static inline void set_float_mode(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
static inline uint64_t flushing(uint64_t mode) { return mode | FLUSH_TO_ZERO; }
#else
static inline uint64_t float_mode(void) { return 0; }
static inline void set_float_mode(uint64_t mode) { (void)mode; }
static inline uint64_t flushing(uint64_t mode) { return mode; }
#endif

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits until the job counter is no longer `seen`. */
static void wait_for_job(hd_pool *pool, uint64_t seen) {
  const int64_t start = now();
  for (int64_t waited = 0; waited < SPIN_NANOSECONDS; waited = now() - start) {
    for (int i = 0; i < 100; i++) {
      if (atomic_load_explicit(&pool->job, memory_order_acquire) != seen) return;
      pause_cpu();
    }
    if (waited > YIELD_NANOSECONDS) sched_yield(); /* perhaps to the caller, on the same core */
  }
  pthread_mutex_lock(&pool->sleep);
  atomic_fetch_add(&pool->sleepers, 1);
  while (atomic_load(&pool->job) == seen) pthread_cond_wait(&pool->wake, &pool->sleep);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->sleep);
}

/* No task: the job is being changed. */
#define CLOSED 0xffffffffu

/*
 * Claims and runs tasks until there is none. What is read before the claim is right if the claim
 * succeeds: a ticket names its job, and a job with an unclaimed task does not change. So nobody
 * waits for a worker that the system has put aside before it claimed anything.
 */
static void run_tasks(hd_pool *pool, int worker) {
  for (;;) {
    uint64_t ticket = atomic_load(&pool->ticket);
    const hd_task run = atomic_load(&pool->run);
    void *context = atomic_load(&pool->context);
    const uint32_t task = (uint32_t)ticket;
    if (task == CLOSED || (int64_t)task >= atomic_load(&pool->tasks)) return;
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1)) continue;
    run(context, task, worker);
    atomic_fetch_add_explicit(&pool->done, 1, memory_order_release);
  }
}

static void *work(void *argument) {
  const worker_start start = *(worker_start *)argument;
  free(argument);
  hd_pool *pool = start.pool;
  set_float_mode(flushing(float_mode()));
  for (uint64_t seen = 0;;) {
    wait_for_job(pool, seen);
    seen = atomic_load(&pool->job);
    if (atomic_load(&pool->closing)) return NULL;
    run_tasks(pool, start.worker);
  }
}

/* Tells the workers that there is a new job (or that the pool closes). */
static void announce(hd_pool *pool) {
  atomic_fetch_add(&pool->job, 1);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->sleep);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->sleep);
  }
}

void pool_run(hd_pool *pool, int64_t tasks, hd_task run, void *context) {
  if (tasks <= 0) return;
  if (tasks == 1 || pool->threads == 1 || tasks >= CLOSED) {
    for (int64_t task = 0; task < tasks; task++) run(context, task, 0);
    return;
  }
  const uint64_t number = (atomic_load(&pool->ticket) >> 32) + 1;
  atomic_store(&pool->ticket, number << 32 | CLOSED);
  atomic_store(&pool->run, run);
  atomic_store(&pool->context, context);
  atomic_store(&pool->tasks, tasks);
  atomic_store(&pool->done, 0);
  atomic_store(&pool->ticket, number << 32);
  announce(pool);
  run_tasks(pool, 0);
  for (int spins = 0; atomic_load_explicit(&pool->done, memory_order_acquire) < tasks; spins++) {
    if (spins < 1000) pause_cpu();
    else sched_yield();
  }
}

int pool_threads(const hd_pool *pool) { return pool->threads; }

void *pool_scratch(hd_pool *pool, int worker, int slot, size_t bytes) {
  scratch *place = &pool->scratch[worker == SHARED ? MAX_THREADS : worker][slot];
  if (place->bytes < bytes || place->memory == NULL) {
    hd_memory_release(place->memory, place->bytes);
    place->bytes = (bytes / 4096 + 1) * 4096;
    place->memory = hd_memory_allocate(place->bytes);
    if (place->memory == NULL) {
      place->bytes = 0;
      atomic_store(&pool->refused, bytes);
    }
  }
  return place->memory;
}

static pthread_mutex_t pools_lock = PTHREAD_MUTEX_INITIALIZER;
static hd_pool *pools;

/* Keeps this library mapped: worker threads may outlive the JavaScript thread that loaded it. */
static void stay_loaded(void) {
#if defined(_WIN32)
  HMODULE self;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     (LPCSTR)(uintptr_t)&stay_loaded, &self);
#else
  Dl_info info;
  if (dladdr((void *)(uintptr_t)&stay_loaded, &info) != 0 && info.dli_fname != NULL)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
#endif
}

static void destroy(hd_pool *pool) {
  atomic_store(&pool->closing, 1);
  announce(pool);
  for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i], NULL);
  for (int i = 0; i <= MAX_THREADS; i++)
    for (int slot = 0; slot < SCRATCH_SLOTS; slot++)
      hd_memory_release(pool->scratch[i][slot].memory, pool->scratch[i][slot].bytes);
  pthread_mutex_destroy(&pool->caller);
  pthread_mutex_destroy(&pool->sleep);
  pthread_cond_destroy(&pool->wake);
  free(pool);
}

static hd_pool *create(int threads) {
  hd_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL) return NULL;
  pthread_mutex_init(&pool->caller, NULL);
  pthread_mutex_init(&pool->sleep, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->threads = 1;
  for (; pool->threads < threads; pool->threads++) {
    worker_start *start = malloc(sizeof *start);
    if (start != NULL) {
      *start = (worker_start){pool, pool->threads};
      if (pthread_create(&pool->workers[pool->threads], NULL, work, start) == 0) continue;
    }
    free(start);
    destroy(pool);
    return NULL;
  }
  return pool;
}

/* The pool of that many threads; NULL if they cannot be had. Give it back with hd_pool_release. */
HD_EXPORT hd_pool *hd_pool_acquire(int threads) {
  if (threads < 1 || threads > MAX_THREADS) return NULL;
  pthread_mutex_lock(&pools_lock);
  hd_pool *pool = pools;
  while (pool != NULL && pool->threads != threads) pool = pool->next;
  if (pool == NULL) {
    stay_loaded();
    pool = create(threads);
    if (pool != NULL) {
      pool->next = pools;
      pools = pool;
    }
  }
  if (pool != NULL) pool->users++;
  pthread_mutex_unlock(&pools_lock);
  return pool;
}

HD_EXPORT void hd_pool_release(hd_pool *pool) {
  pthread_mutex_lock(&pools_lock);
  if (--pool->users == 0) {
    hd_pool **at = &pools;
    while (*at != pool) at = &(*at)->next;
    *at = pool->next;
  } else {
    pool = NULL;
  }
  pthread_mutex_unlock(&pools_lock);
  if (pool != NULL) destroy(pool);
}

/* After HD_OUT_OF_MEMORY: how many bytes were asked for. */
HD_EXPORT double hd_pool_refused(hd_pool *pool) { return (double)atomic_load(&pool->refused); }

void pool_lock(hd_pool *pool) {
  pthread_mutex_lock(&pool->caller);
  pool->callers_mode = float_mode();
  set_float_mode(flushing(pool->callers_mode));
}

/* Gives the caller its own treatment of denormals back: JavaScript has them. */
void pool_unlock(hd_pool *pool) {
  set_float_mode(pool->callers_mode);
  pthread_mutex_unlock(&pool->caller);
}
