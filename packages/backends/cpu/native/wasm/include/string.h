/* What the kernels use of string.h: loads and stores where the size is known, else memory.copy and memory.fill. */
#ifndef HEDDLE_WASM_STRING_H
#define HEDDLE_WASM_STRING_H

#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset

#endif
