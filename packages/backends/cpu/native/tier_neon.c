/* The tier of 64-bit ARM processors: 16-byte vectors, 32 registers. */
#if defined(__aarch64__)
#define TIER neon
#define VECTOR_BYTES 16
#define TILE_ROWS 8
#define TILE_VECTORS 3
#include "kernels.h"
#else
typedef int no_neon; /* C wants at least one declaration */
#endif
