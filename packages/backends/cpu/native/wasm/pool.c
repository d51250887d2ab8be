/*
 * The thread pool of a WebAssembly module: the same protocol as ../pool.c, over the atomics of
 * WebAssembly. Workers are threads of JavaScript, each with an instance of the module on the same
 * memory; one that has not started yet takes no tasks, and nobody waits for it. A module has one
 * pool. Without shared memory the pool is the caller alone.
 */
#include "../heddle.h"

#include <stdatomic.h>

#define MAX_THREADS 256
/* How often an idle worker looks for a job before it sleeps: about a millisecond. */
#define SPINS 300000
#define PAGE 65536

typedef struct {
  void *memory;
  size_t bytes;
} scratch;

struct hd_pool {
  int threads;
  int may_wait; /* whether the caller may sleep: not the main thread of a page */

  _Atomic(hd_task) run;
  void *_Atomic context;
  _Atomic int64_t tasks;
  _Atomic uint64_t ticket; /* the job's number (upper half) and its next task (lower half) */
  _Atomic int32_t done;    /* tasks that are finished */

  _Atomic int32_t job; /* counts jobs; a change starts the workers */
  _Atomic int32_t sleepers;
  _Atomic int32_t waiting; /* whether the caller sleeps until all tasks are done */
  _Atomic int32_t closing;
  _Atomic int32_t joined; /* workers that have started */

  scratch scratch[MAX_THREADS + 1][SCRATCH_SLOTS];
  _Atomic uint64_t refused; /* bytes that were last asked for in vain */
};

static hd_pool pool_of_module;

#define WAKE_ALL 0x7fffffff
#define FOREVER (-1ll)
static inline void sleep_while(_Atomic int32_t *at, int32_t value) {
  __builtin_wasm_memory_atomic_wait32((int *)at, value, FOREVER);
}
static inline void wake(_Atomic int32_t *at) {
  __builtin_wasm_memory_atomic_notify((int *)at, WAKE_ALL);
}

/* Waits until the job counter is no longer `seen`. */
static void wait_for_job(hd_pool *pool, int32_t seen) {
  for (int i = 0; i < SPINS; i++)
    if (atomic_load(&pool->job) != seen) return;
  atomic_fetch_add(&pool->sleepers, 1);
  while (atomic_load(&pool->job) == seen) sleep_while(&pool->job, seen);
  atomic_fetch_sub(&pool->sleepers, 1);
}

/* No task: the job is being changed. */
#define CLOSED 0xffffffffu

/* Claims and runs tasks until there is none; see ../pool.c. */
static void run_tasks(hd_pool *pool, int worker) {
  for (;;) {
    uint64_t ticket = atomic_load(&pool->ticket);
    const hd_task run = atomic_load(&pool->run);
    void *context = atomic_load(&pool->context);
    const int64_t tasks = atomic_load(&pool->tasks);
    const uint32_t task = (uint32_t)ticket;
    if (task == CLOSED || (int64_t)task >= tasks) return;
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1)) continue;
    run(context, task, worker);
    if (atomic_fetch_add(&pool->done, 1) + 1 == tasks && atomic_load(&pool->waiting)) wake(&pool->done);
  }
}

/* What a worker does until the pool closes. */
HD_EXPORT void hd_pool_work(hd_pool *pool, int worker) {
  atomic_fetch_add(&pool->joined, 1);
  for (int32_t seen = 0;;) {
    wait_for_job(pool, seen);
    seen = atomic_load(&pool->job);
    if (atomic_load(&pool->closing)) return;
    run_tasks(pool, worker);
  }
}

static void announce(hd_pool *pool) {
  atomic_fetch_add(&pool->job, 1);
  if (atomic_load(&pool->sleepers) > 0) wake(&pool->job);
}

void pool_run(hd_pool *pool, int64_t tasks, hd_task run, void *context) {
  if (tasks <= 0) return;
  if (tasks == 1 || pool->threads == 1 || tasks > INT32_MAX) {
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
  for (int i = 0; !pool->may_wait || i < SPINS; i++)
    if (atomic_load(&pool->done) == tasks) return;
  atomic_store(&pool->waiting, 1);
  for (int32_t done; (done = atomic_load(&pool->done)) < tasks;) sleep_while(&pool->done, done);
  atomic_store(&pool->waiting, 0);
}

int pool_threads(const hd_pool *pool) { return pool->threads; }

/* What a slot outgrows is lost, so sizes are powers of two. */
void *pool_scratch(hd_pool *pool, int worker, int slot, size_t bytes) {
  scratch *place = &pool->scratch[worker == SHARED ? MAX_THREADS : worker][slot];
  if (place->bytes < bytes || place->memory == NULL) {
    size_t size = PAGE;
    while (size < bytes && size < (size_t)1 << 31) size *= 2;
    if (size < bytes) size = bytes;
    place->memory = hd_memory_allocate(size);
    place->bytes = place->memory == NULL ? 0 : size;
    if (place->memory == NULL) atomic_store(&pool->refused, bytes);
  }
  return place->memory;
}

/* The pool of this module; call it once, before any worker starts. */
HD_EXPORT hd_pool *hd_pool_open(int threads, int may_wait) {
  pool_of_module.threads = threads;
  pool_of_module.may_wait = may_wait;
  return &pool_of_module;
}

/* Lets the workers return. */
HD_EXPORT void hd_pool_close(hd_pool *pool) {
  atomic_store(&pool->closing, 1);
  announce(pool);
}

HD_EXPORT int hd_pool_joined(const hd_pool *pool) { return atomic_load(&pool->joined); }

HD_EXPORT double hd_pool_refused(hd_pool *pool) { return (double)atomic_load(&pool->refused); }

HD_EXPORT int hd_abi(void) { return HD_ABI; }

/* A module has one caller. */
void pool_lock(hd_pool *pool) { (void)pool; }
void pool_unlock(hd_pool *pool) { (void)pool; }

/* The memory between what the linker placed and the first growth, then growth. */
HD_EXPORT void *hd_memory_allocate(size_t bytes) {
  extern unsigned char __heap_base;
  static _Atomic size_t used;
  const size_t base = ((size_t)&__heap_base + 63) & ~(size_t)63;
  const size_t size = (bytes + 63) & ~(size_t)63;
  size_t at = atomic_load(&used);
  while (at + size >= at && base + at + size <= RESERVED_BYTES)
    if (atomic_compare_exchange_weak(&used, &at, at + size)) return (void *)(base + at);
  const size_t before = __builtin_wasm_memory_grow(0, bytes / PAGE + (bytes % PAGE > 0));
  return before == (size_t)-1 ? NULL : (void *)(before * PAGE);
}

/* Memory of a module only grows. */
HD_EXPORT void hd_memory_release(void *memory, size_t bytes) {
  (void)memory;
  (void)bytes;
}
