/* Which tiers this library has, and which of them this processor runs. */
#include "heddle.h"

#include <string.h>

HD_EXPORT int hd_abi(void) { return HD_ABI; }

/* Tier `index` of this library, the best first: the ending of the names of its kernels; NULL: no more. */
HD_EXPORT const char *hd_tier_name(int index) {
#if defined(__x86_64__)
  static const char *const names[] = {"avx512bf16", "avx512", "avx2", "generic"};
#elif defined(__aarch64__)
  static const char *const names[] = {"neon", "generic"};
#else
  static const char *const names[] = {"generic"};
#endif
  return index >= 0 && index < (int)(sizeof names / sizeof *names) ? names[index] : NULL;
}

/* Whether this processor (and its operating system) has what the kernels of that tier use. */
HD_EXPORT int hd_tier_runs(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (strcmp(name, "avx512bf16") == 0) return avx512 && __builtin_cpu_supports("avx512bf16");
  if (strcmp(name, "avx512") == 0) return avx512;
  if (strcmp(name, "avx2") == 0) return avx2;
#elif defined(__aarch64__)
  if (strcmp(name, "neon") == 0) return 1; /* every 64-bit ARM processor has it */
#endif
  return strcmp(name, "generic") == 0;
}
