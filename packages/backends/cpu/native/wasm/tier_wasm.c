/*
 * The tier of WebAssembly: 16-byte vectors. Engines spill more than eight accumulators. With
 * RELAXED, products are added without rounding between (relaxed SIMD).
 */
#define TIER wasm
#define VECTOR_BYTES 16
#define TILE_ROWS 4
#define TILE_VECTORS 2
#if RELAXED
#if __has_builtin(__builtin_wasm_relaxed_madd_f32x4)
#define FUSED_MULTIPLY_ADD __builtin_wasm_relaxed_madd_f32x4
#else
#define FUSED_MULTIPLY_ADD __builtin_wasm_fma_f32x4 /* clang 14, its opcode mended by build.mjs */
#endif
#endif
#include "../kernels.h"
