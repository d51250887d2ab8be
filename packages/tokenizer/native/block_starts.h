/* Where pieces begin in a block that begins with a piece, as a mask. */
#pragma once
#include "block.h"

/*
 * \s+(?!\S) leaves the last of several spaces to what follows. A run that ends with the block may go on: no cut.
 */
static inline uint64_t last_spaces(const masks *m) {
  const uint64_t ends = m->space & ~(m->space >> 1) & ~(1ull << (m->bytes - 1));
  return to_first_byte(ends, m->inside);
}

/* A quote that begins a piece may be a contraction, which nothing in it cuts, and which ends before what follows. */
static inline uint64_t cut_contractions(uint64_t starts, uint64_t quotes, const uint8_t *p) {
  for (; quotes; quotes &= quotes - 1) {
    const int i = lowest(quotes), length = contraction(p + i);
    if (length == 0) continue;
    starts = (starts & ~(low_bits(length) << i)) | 1ull << i;
    if (i + length < BLOCK) starts |= 1ull << (i + length);
  }
  return starts;
}

static inline uint64_t gpt2_starts(const masks *m, const uint8_t *p) {
  const uint64_t words = (firsts(m->letter) | firsts(m->number) | firsts(m->other)) & ~(m->blank << 1);
  const uint64_t spaces = firsts(m->space) | last_spaces(m);
  return cut_contractions(words | spaces, words & m->quote, p);
}

/* \p{N}{1,max_digits} */
static inline uint64_t digit_starts(const masks *m) {
  uint64_t starts = firsts(m->number);
  for (uint64_t runs = starts; runs; runs &= runs - 1) {
    int count = 0;
    for (int i = lowest(runs); i < m->bytes && m->number >> i & 1; i++) {
      if (m->inside >> i & 1) continue;
      if (count++ % max_digits == 0) starts |= 1ull << i;
    }
  }
  return starts;
}

/*
 * \s*[\r\n]+ takes spaces up to their last line break: what comes after it, if anything, is a piece, or the last of
 * several spaces and a piece.
 */
static inline uint64_t after_last_break(const masks *m, uint64_t wide) {
  uint64_t starts = 0;
  for (uint64_t rest = wide & m->line_break << 1; rest; rest &= rest - 1) {
    const uint64_t start = rest & -rest;
    /* Adding a bit at the begin of a run carries to the bit after it. */
    const uint64_t after = (wide + start) & ~wide & -start;
    if (!(m->line_break & after & -after)) starts |= start;
  }
  return starts;
}

static inline uint64_t cl100k_starts(const masks *m, const uint8_t *p) {
  const uint64_t wide = m->space & ~m->line_break;
  /* Line breaks that symbols take along: a bit at the begin of each run of them, added, clears the run. */
  const uint64_t taken = m->line_break & ~(m->line_break + (m->other << 1 & m->line_break));
  const uint64_t symbols = firsts(m->other) & ~(m->blank << 1);
  /* Letters take one space or symbol along that stands before them. */
  const uint64_t single = symbols & to_first_byte(m->other & ~(m->other >> 1), m->inside);
  const uint64_t letters = firsts(m->letter) & ~(wide << 1) & ~to_next_character(single, m->inside);
  const uint64_t spaces = firsts(m->space & ~taken) | (last_spaces(m) & wide) | after_last_break(m, wide);
  return cut_contractions(letters | digit_starts(m) | symbols | spaces, symbols & m->quote, p);
}
