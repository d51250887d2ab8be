/*
 * Kernels of @heddle/cpu. Every exported kernel takes a pool first and returns a status; pointers
 * are to 4-byte elements (float or int32), sizes are in elements. Arrays of sizes are doubles (exact,
 * and cheap to fill from JavaScript). The TypeScript side has checked all of them. Work is cut into tasks that own their outputs, so results do not depend on which
 * thread runs what.
 */
#ifndef HEDDLE_H
#define HEDDLE_H

#include <stddef.h>
#include <stdint.h>

/* Counts up when the signature or meaning of an exported function changes. */
#define HD_ABI 5

#if defined(_WIN32)
#define HD_EXPORT __declspec(dllexport)
#else
#define HD_EXPORT __attribute__((visibility("default")))
#endif

enum { HD_OK = 0, HD_OUT_OF_MEMORY = 1, HD_BAD_INDEX = 2 };

typedef struct hd_pool hd_pool;

/* A piece of work: `task` of those given to pool_run, run by thread `worker`. */
typedef void (*hd_task)(void *context, int64_t task, int worker);

/* Runs tasks 0 ... tasks-1 on the pool's threads, the caller among them, and waits for all. */
void pool_run(hd_pool *pool, int64_t tasks, hd_task run, void *context);
int pool_threads(const hd_pool *pool);

/* One operation at a time: JavaScript threads may share a pool. Taken by HD_CALL around each kernel. */
void pool_lock(hd_pool *pool);
void pool_unlock(hd_pool *pool);

/*
 * At least `bytes` of memory, aligned to 64, that belongs to a thread (0 ... threads-1) or, as
 * SHARED, to the caller. It keeps its place until a larger piece is asked for. NULL: no memory.
 */
enum { SCRATCH_A, SCRATCH_B, SCRATCH_C, SCRATCH_SLOTS };
enum { SHARED = -1 };
void *pool_scratch(hd_pool *pool, int worker, int slot, size_t bytes);

/*
 * `bytes` of zeroed memory from the system, a multiple of the page size (4096), aligned to a page;
 * NULL: there is none. Given back as it was taken, whole.
 */
HD_EXPORT void *hd_memory_allocate(size_t bytes);
HD_EXPORT void hd_memory_release(void *memory, size_t bytes);

static inline int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

#endif
