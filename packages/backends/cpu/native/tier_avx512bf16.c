/* The tier of x86 processors with AVX-512 (F, BW, DQ, VL) and its bf16 products: 64-byte vectors, 32 registers. */
#if defined(__x86_64__)
#include <immintrin.h>
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
#define GREATER(a, b) (vf)_mm512_max_ps((__m512)(a), (__m512)(b))
#define LESSER(a, b) (vf)_mm512_min_ps((__m512)(a), (__m512)(b))
#define FIRST_LANES(n) ((__mmask16)((1u << (n)) - 1))
#define LOAD_FIRST(p, n, rest) (vf)_mm512_mask_loadu_ps((__m512)(rest), FIRST_LANES(n), p)
#define STORE_FIRST(p, x, n) _mm512_mask_storeu_ps(p, FIRST_LANES(n), (__m512)(x))
#include "kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
typedef int no_avx512bf16; /* C wants at least one declaration */
#endif
