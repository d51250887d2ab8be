/* The tier of x86 processors with AVX-512 (F, BW, DQ, VL) and its bf16 products: 64-byte vectors, 32 registers. */
#if defined(__x86_64__)
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,prefer-vector-width=512")
#endif
#define TIER avx512bf16
#define NATIVE_BF16 1
#define VECTOR_BYTES 64
#define TILE_ROWS 12
#define TILE_VECTORS 2
#include "kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
typedef int no_avx512bf16; /* C wants at least one declaration */
#endif
