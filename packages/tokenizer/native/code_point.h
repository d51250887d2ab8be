/* Characters of UTF-8 that is well-formed, which TextEncoder sees to. */
#pragma once
#include "scanner.h"

/* The numbers that src/unicode-classes.ts has for them. */
enum { OTHER, LETTER, NUMBER, SPACE };

/* Of each code point below FIRST_OTHER two bits, lowest first: its class. All above are OTHER. */
enum { FIRST_OTHER = 0x40000 };
extern uint8_t classes[FIRST_OTHER / 4];

static inline int char_length(uint8_t lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static inline uint32_t code_point(const uint8_t *p) {
  const uint8_t lead = p[0];
  if (lead < 0x80) return lead;
  if (lead < 0xe0) return (lead & 31u) << 6 | (p[1] & 63u);
  if (lead < 0xf0) return (lead & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
  return (lead & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
}

static inline int class_at(const uint8_t *p) {
  const uint32_t point = code_point(p);
  return point < FIRST_OTHER ? classes[point >> 2] >> (point & 3) * 2 & 3 : OTHER;
}

static inline int is_inside(uint8_t byte) { return (byte & 0xc0) == 0x80; }
static inline int is_break(uint8_t byte) { return byte == '\n' || byte == '\r'; }
