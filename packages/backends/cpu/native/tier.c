/* Which tier this processor runs. */
#include "heddle.h"

HD_EXPORT int hd_abi(void) { return HD_ABI; }

/* "avx512bf16", "avx512", "avx2" or "generic": the ending of the names of the kernels to use. */
HD_EXPORT const char *hd_tier(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    return __builtin_cpu_supports("avx512bf16") ? "avx512bf16" : "avx512";
  if (avx2) return "avx2";
#endif
  return "generic";
}
