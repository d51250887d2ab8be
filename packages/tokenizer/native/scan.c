/* The pieces of a chunk, a block at a time. Each block begins where a piece begins, so none needs to know the last. */
#include "block_starts.h"
#include "long_piece.h"

uint8_t text[CHUNK + BLOCK];
int32_t ends[CHUNK];
int32_t pieces;
uint8_t classes[FIRST_OTHER / 4];
int32_t pattern, max_digits;

/* To be called first: the pattern, and for cl100k's the digits that a piece has at most, 1 to 3. */
EXPORT(start) void start(int32_t split_pattern, int32_t digits) {
  pattern = split_pattern;
  max_digits = digits;
  forget();
}

/* How spaces at the end of a block are cut depends on what follows; the first of them begins a piece, or is taken along. */
static inline uint64_t up_to_last_spaces(const masks *m) {
  const uint64_t others = ~m->space & low_bits(m->bytes);
  return others ? low_bits(highest(others) + 2) : 1;
}

/*
 * Where pieces begin after the first byte of the block, as far as that is certain. `more`: the text goes on after the
 * `rest` bytes that the chunk still has.
 */
static inline __attribute__((always_inline)) uint64_t certain_starts(
    const masks *m, const uint8_t *p, int32_t rest, int more) {
  uint64_t starts = (pattern == GPT2 ? gpt2_starts(m, p) : cl100k_starts(m, p)) & low_bits(m->bytes) & ~1ull;
  const int at_end = m->bytes == rest;
  if ((!at_end || more) && m->space >> (m->bytes - 1) & 1) starts &= up_to_last_spaces(m);
  /* With the next byte, a quote and the last one may turn out to be a contraction. */
  if (at_end && more) starts &= ~(1ull << (m->bytes - 1));
  return starts;
}

/*
 * Cuts the first `size` bytes of `text`, 1 to CHUNK, and returns the number of pieces. With `more` the text goes on
 * after them: then what may end otherwise is left out, which may be all.
 */
EXPORT(scan) int32_t scan(int32_t size, int32_t more) {
  for (int i = 0; i < BLOCK; i += 16) wasm_v128_store(text + size + i, SPLAT(0));
  int32_t count = 0, base = 0;
  while (base < size) {
    const uint8_t *p = text + base;
    const int32_t rest = size - base;
    const masks m = classify(p, rest < BLOCK ? rest : BLOCK);
    const uint64_t starts = certain_starts(&m, p, rest, more);
    for (uint64_t s = starts; s; s &= s - 1) ends[count++] = base + lowest(s);
    if (m.bytes == rest && !more) {
      ends[count++] = size;
      break;
    }
    if (starts) {
      base += highest(starts);
      continue;
    }
    if (rest < BLOCK) break; /* the text goes on */
    const int32_t end = long_piece_end(base, size, more);
    if (end == size && more) break;
    ends[count++] = base = end;
  }
  token_count = 0;
  return pieces = count;
}

/* The UTF-16 units of the bytes [from, to) of `text`: a character of four bytes has two. */
EXPORT(units) int32_t units(int32_t from, int32_t to) {
  int32_t count = 0;
  for (; from + 16 <= to; from += 16) {
    const v128_t v = wasm_v128_load(text + from);
    count += 16 - __builtin_popcount(wasm_i8x16_bitmask(IN_RANGE(v, 0x80, 0x40)));
    count += __builtin_popcount(wasm_i8x16_bitmask(IN_RANGE(v, 0xf0, 16)));
  }
  for (; from < to; from++) count += !is_inside(text[from]) + (text[from] >= 0xf0);
  return count;
}
