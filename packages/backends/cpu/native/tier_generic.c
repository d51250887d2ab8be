/* The tier of any processor: 16-byte vectors, as SSE2 and NEON have. */
#define TIER generic
#define VECTOR_BYTES 16
#define TILE_ROWS 4
#define TILE_VECTORS 2
#include "kernels.h"
