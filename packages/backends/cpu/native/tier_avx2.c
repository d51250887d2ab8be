/* The tier of x86 processors with AVX2 and FMA: 32-byte vectors, 16 registers. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define TIER avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define GREATER(a, b) (vf)_mm256_max_ps((__m256)(a), (__m256)(b))
#define LESSER(a, b) (vf)_mm256_min_ps((__m256)(a), (__m256)(b))
#include "kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
typedef int no_avx2; /* C wants at least one declaration */
#endif
