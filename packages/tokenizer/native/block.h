/* What the bytes of a block are, as masks: bit i is byte i. */
#pragma once
#include "pattern.h"

typedef struct {
  uint64_t letter, number, space, other; /* classes: each byte of a character has the character's */
  uint64_t blank, line_break, quote;     /* U+0020; U+000A and U+000D; U+0027 */
  uint64_t inside;                       /* bytes of a character after its first */
  int bytes;                             /* fewer than asked for where the last character would be cut */
} masks;

static inline int lowest(uint64_t x) { return __builtin_ctzll(x); }
static inline int highest(uint64_t x) { return BLOCK - 1 - __builtin_clzll(x); }
/* The lowest bit of each run of bits. */
static inline uint64_t firsts(uint64_t x) { return x & ~(x << 1); }
/* The lowest bits, 1 to 64 of them. */
static inline uint64_t low_bits(int count) { return ~0ull >> (BLOCK - count); }

/* Bits inside of characters, moved to the first byte. */
static inline uint64_t to_first_byte(uint64_t x, uint64_t inside) {
  while (x & inside) x = (x & ~inside) | (x & inside) >> 1;
  return x;
}
/* Bits at first bytes, moved to the first byte of the next character. */
static inline uint64_t to_next_character(uint64_t x, uint64_t inside) {
  x <<= 1;
  while (x & inside) x = (x & ~inside) | (x & inside) << 1;
  return x;
}

#define SPLAT(byte) wasm_i8x16_splat((int8_t)(byte))
#define EQUAL(v, byte) wasm_i8x16_eq(v, SPLAT(byte))
/* from <= byte < from + count: what is below wraps around to above. */
#define IN_RANGE(v, from, count) wasm_u8x16_lt(wasm_i8x16_sub(v, SPLAT(from)), SPLAT(count))
#define BITS(v) ((uint64_t)(uint32_t)wasm_i8x16_bitmask(v))

/* The classes of characters beyond ASCII, whose bytes are `high`. */
static inline void classify_high(masks *m, const uint8_t *p, uint64_t high) {
  uint64_t han = 0; /* first bytes of U+5000 to U+9FFF, which are letters: nearly all of Chinese */
  for (int i = 0; i < BLOCK; i += 16) han |= BITS(IN_RANGE(wasm_v128_load(p + i), 0xe5, 5)) << i;
  han &= low_bits(m->bytes);
  if (han >> (BLOCK - 2)) m->bytes = BLOCK - 2 + lowest(han >> (BLOCK - 2)); /* its third byte is outside */
  han &= low_bits(m->bytes);
  m->inside = han << 1 | han << 2;
  m->letter |= han | m->inside;
  high &= ~(han | m->inside);
  for (high &= low_bits(m->bytes); high;) {
    const int i = lowest(high), length = char_length(p[i]);
    if (i + length > BLOCK) {
      m->bytes = i;
      return;
    }
    const uint64_t bits = low_bits(length) << i;
    const int kind = class_at(p + i);
    if (kind == LETTER) m->letter |= bits;
    if (kind == NUMBER) m->number |= bits;
    if (kind == SPACE) m->space |= bits;
    m->inside |= bits & bits << 1;
    high &= ~bits;
  }
}

/* The first `bytes` bytes, 1 to 64, from where a character begins. */
static inline __attribute__((always_inline)) masks classify(const uint8_t *p, int bytes) {
  masks m = {.bytes = bytes};
  uint64_t high = 0;
  for (int i = 0; i < BLOCK; i += 16) {
    const v128_t v = wasm_v128_load(p + i), blank = EQUAL(v, ' ');
    m.letter |= BITS(IN_RANGE(wasm_v128_or(v, SPLAT(0x20)), 'a', 26)) << i;
    m.number |= BITS(IN_RANGE(v, '0', 10)) << i;
    m.space |= BITS(wasm_v128_or(blank, IN_RANGE(v, 9, 5))) << i;
    m.blank |= BITS(blank) << i;
    m.quote |= BITS(EQUAL(v, '\'')) << i;
    m.line_break |= BITS(wasm_v128_or(EQUAL(v, '\n'), EQUAL(v, '\r'))) << i;
    high |= BITS(v) << i;
  }
  if (high) classify_high(&m, p, high);
  const uint64_t valid = low_bits(m.bytes);
  m.letter &= valid;
  m.number &= valid;
  m.space &= valid;
  m.blank &= valid;
  m.quote &= valid;
  m.line_break &= valid;
  m.inside &= valid;
  m.other = valid & ~(m.letter | m.number | m.space);
  return m;
}
