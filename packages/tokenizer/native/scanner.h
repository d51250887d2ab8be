/*
 * Cuts a text into pieces by a split pattern, and remembers the tokens of pieces.
 *
 * JavaScript (src/scanner) writes a chunk of a text to `text`, in UTF-8, has it cut by `scan`, and calls `look_up`,
 * which appends the tokens of one piece after the other to `tokens` and stops at a piece that it does not know. The
 * model then encodes that piece, and `learn` remembers what it gave.
 *
 * CHUNK and LONGEST are numbers of bytes that build.mjs sets, which tells JavaScript too.
 */
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))

/* Bytes that are looked at together: a bit each in a uint64_t. */
enum { BLOCK = 64 };

/* A chunk, and room for what is read past its end, a block at most. */
extern uint8_t text[CHUNK + BLOCK];
/* Where each piece ends. No piece is empty, so there are no more of them than bytes. */
extern int32_t ends[CHUNK];
extern int32_t pieces;
/* Tokens of the chunk that JavaScript has not taken yet. */
extern int32_t token_count;

/* Forgets all pieces. */
void forget(void);
