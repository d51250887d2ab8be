/* The end of a piece that no block shows, one character after the other. */
#pragma once
#include "pattern.h"

static int32_t run_end(int32_t at, int32_t end, int kind) {
  while (at < end && class_at(text + at) == kind) at += char_length(text[at]);
  return at;
}

static int32_t symbols_end(int32_t at, int32_t end) {
  at = run_end(at, end, OTHER);
  while (at < end && is_break(text[at])) at++;
  return at;
}

static int32_t spaces_end(int32_t start, int32_t first, int32_t end, int more) {
  int32_t at = run_end(start, end, SPACE);
  if (at == end && more) return end;
  if (pattern == CL100K)
    for (int32_t last = at - 1; last >= start; last--)
      if (is_break(text[last])) return last + 1;
  if (at == end || at == first) return at;
  do at--;
  while (is_inside(text[at]));
  return at;
}

/*
 * Where the piece that begins at `start` ends; `end` if it may go on there, because there is more text. It is no
 * contraction and no number of cl100k's, which are short.
 */
static int32_t long_piece_end(int32_t start, int32_t end, int more) {
  const int32_t first = start + char_length(text[start]); /* where its first character ends */
  const int kind = class_at(text + start);
  const int next = first < end ? class_at(text + first) : SPACE;
  if (pattern == GPT2) {
    if (text[start] == ' ' && next != SPACE) return run_end(first, end, next);
    if (kind != SPACE) return run_end(first, end, kind);
    return spaces_end(start, first, end, more);
  }
  if (kind == LETTER || (next == LETTER && !is_break(text[start]))) return run_end(first, end, LETTER);
  if (kind == OTHER) return symbols_end(first, end);
  if (next == OTHER && text[start] == ' ') return symbols_end(first, end);
  return spaces_end(start, first, end, more);
}
