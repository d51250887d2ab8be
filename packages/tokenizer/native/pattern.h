/*
 * The split patterns: src/pre-tokenizers/gpt2-pattern.ts and cl100k-pattern.ts have the regular expressions, and read
 * them one character after the other, which decides what is right.
 */
#pragma once
#include "code_point.h"

enum { GPT2, CL100K };
extern int32_t pattern;
extern int32_t max_digits; /* of a piece of cl100k's: 1 to 3 */

static inline uint8_t fold_case(uint8_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

/* The bytes of 's 't 'm 'd 're 've 'll at an apostrophe, or 0: cl100k takes any case, and U+017F for an s. */
static int contraction(const uint8_t *p) {
  uint8_t a = p[1], b = p[2];
  if (pattern == CL100K) {
    if (a == 0xc5 && b == 0xbf) return 3;
    a = fold_case(a);
    b = fold_case(b);
  }
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
  return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}
