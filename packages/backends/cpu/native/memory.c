/*
 * Memory from the system, for tensors and working space: whole pages, zeroed, and huge ones where
 * the system grants them, because kernels walk through hundreds of megabytes and miss the TLB less.
 */
#define _GNU_SOURCE
#include "heddle.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

HD_EXPORT void *hd_memory_allocate(size_t bytes) {
  return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

HD_EXPORT void hd_memory_release(void *memory, size_t bytes) {
  (void)bytes;
  if (memory != NULL) VirtualFree(memory, 0, MEM_RELEASE);
}

#else
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void *map(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

/* Maps from a multiple of HUGE_PAGE on: maps one more and gives back what lies outside. */
static void *map_aligned(size_t bytes) {
  char *memory = map(bytes + HUGE_PAGE);
  if (memory == NULL) return map(bytes);
  const size_t before = (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE) % HUGE_PAGE;
  if (before > 0) munmap(memory, before);
  if (before < HUGE_PAGE) munmap(memory + before + bytes, HUGE_PAGE - before);
  return memory + before;
}

HD_EXPORT void *hd_memory_allocate(size_t bytes) {
  if (bytes < HUGE_PAGE) return map(bytes);
  void *memory = map_aligned(bytes);
#if defined(MADV_HUGEPAGE)
  if (memory != NULL) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

HD_EXPORT void hd_memory_release(void *memory, size_t bytes) {
  if (memory != NULL) munmap(memory, bytes);
}

#endif
