/* The tokens of pieces that were seen, by their bytes: an open-addressing hash table. */
#include "scanner.h"

enum { KEY = 16, FIRST_SLOTS = 1024, MOST_PIECES = 1 << 16, PAGE = 1 << 16 };

/* No piece that is remembered has more tokens than bytes, so neither has a chunk. */
int32_t tokens[CHUNK];
int32_t token_count;
/* Those of the piece that is learnt. */
int32_t learnt[LONGEST];

typedef struct {
  uint64_t key[KEY / 8]; /* the first bytes; zeros after the end of the piece */
  uint32_t length;       /* bytes; 0: the slot is free */
  int32_t token;         /* the only one, or ~ how many there are */
  const uint8_t *stored; /* if there are several, these, and then the bytes, if the piece is longer than the key */
  uint32_t hash;
} entry;

static entry *table;
static uint32_t slots, known;
/* What a cache begins with, which is there in any case. */
static entry first_table[FIRST_SLOTS];
static uint8_t first_pool[PAGE];
/* Free memory for what is stored, and where all memory that is in use ends. */
static uint8_t *pool, *pool_end, *heap_end;
extern uint8_t __heap_base;

/* ---- memory: all of it is given out anew when the cache is full ---- */

/* 0 if there is no more: build.mjs sets the limit. */
static void *allocate(uint32_t bytes) {
  uint8_t *start = heap_end;
  const uint32_t needed = ((uint32_t)start + bytes + PAGE - 1) / PAGE;
  const uint32_t have = __builtin_wasm_memory_size(0);
  if (needed > have && __builtin_wasm_memory_grow(0, needed - have) == (uint32_t)-1) return 0;
  heap_end = start + bytes;
  return start;
}

static void use_table(entry *empty, uint32_t count) {
  table = empty;
  slots = count;
  for (uint32_t i = 0; i < count; i++) empty[i].length = 0;
}

void forget(void) {
  heap_end = (uint8_t *)(((uint32_t)&__heap_base + KEY - 1) & -(uint32_t)KEY);
  pool = first_pool;
  pool_end = first_pool + sizeof(first_pool);
  known = 0;
  use_table(first_table, FIRST_SLOTS);
}

/* ---- comparing and hashing ---- */

/* The first `length` bytes, 0 to KEY, and zeros after them. */
static inline v128_t key_of(const uint8_t *p, uint32_t length) {
  static const uint8_t keep[2 * KEY] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  return wasm_v128_and(wasm_v128_load(p), wasm_v128_load(keep + KEY - length));
}

static inline int equal(v128_t a, v128_t b) { return !wasm_v128_any_true(wasm_v128_xor(a, b)); }

/* Two multiplications by odd constants: those of xxHash's primes 1 and 2. */
static inline uint64_t mix(v128_t v, uint64_t seed) {
  uint64_t hash = ((uint64_t)wasm_i64x2_extract_lane(v, 0) ^ seed) * 0x9e3779b185ebca87ull;
  hash = (hash ^ hash >> 32 ^ (uint64_t)wasm_i64x2_extract_lane(v, 1)) * 0xc2b2ae3d27d4eb4full;
  return hash ^ hash >> 32;
}

static inline uint32_t hash_of(const uint8_t *p, uint32_t length) {
  uint64_t hash = length;
  for (; length > KEY; p += KEY, length -= KEY) hash = mix(wasm_v128_load(p), hash);
  return (uint32_t)mix(key_of(p, length), hash);
}

static int equal_bytes(const uint8_t *a, const uint8_t *b, uint32_t length) {
  for (; length > KEY; a += KEY, b += KEY, length -= KEY)
    if (!equal(wasm_v128_load(a), wasm_v128_load(b))) return 0;
  return equal(key_of(a, length), key_of(b, length));
}

/* The bytes of a piece that is longer than the key. */
static inline const uint8_t *bytes_of(const entry *e) {
  return e->stored + (e->token < 0 ? ~e->token * sizeof(int32_t) : 0);
}

/* The entry of a piece, or the free one that is to be it. */
static inline entry *find(const uint8_t *p, uint32_t length, uint32_t hash) {
  const v128_t key = key_of(p, length < KEY ? length : KEY);
  for (uint32_t slot = hash & (slots - 1);; slot = (slot + 1) & (slots - 1)) {
    entry *e = table + slot;
    if (e->length == 0) return e;
    if (e->length != length || !equal(key, wasm_v128_load(e->key))) continue;
    if (length <= KEY || equal_bytes(p, bytes_of(e), length)) return e;
  }
}

/* ---- looking up ---- */

/* Appends the tokens of the pieces from number `piece` on; returns the number of the first that is not known. */
EXPORT(look_up) int32_t look_up(int32_t piece) {
  int32_t from = piece ? ends[piece - 1] : 0;
  int32_t *out = tokens + token_count;
  for (; piece < pieces; piece++) {
    const uint32_t length = ends[piece] - from;
    if (length > LONGEST) break;
    const entry *e = find(text + from, length, hash_of(text + from, length));
    if (e->length == 0) break;
    if (e->token >= 0) *out++ = e->token;
    else {
      const int32_t *several = (const int32_t *)e->stored;
      for (int32_t i = 0; i < ~e->token; i++) *out++ = several[i];
    }
    from += length;
  }
  token_count = out - tokens;
  return piece;
}

/* How many tokens there are since the last call; the next ones are written over them. */
EXPORT(take) int32_t take(void) {
  const int32_t count = token_count;
  token_count = 0;
  return count;
}

/* ---- learning ---- */

static int grow_table(void) {
  entry *old = table, *grown = allocate(slots * 2 * sizeof(entry));
  const uint32_t count = slots;
  if (!grown) return 0;
  use_table(grown, count * 2);
  for (const entry *e = old; e < old + count; e++) {
    if (e->length == 0) continue;
    uint32_t slot = e->hash & (slots - 1);
    while (table[slot].length) slot = (slot + 1) & (slots - 1);
    table[slot] = *e;
  }
  /* The old table serves as pool. */
  if (pool_end - pool < (uint8_t *)(old + count) - (uint8_t *)old) {
    pool = (uint8_t *)old;
    pool_end = (uint8_t *)(old + count);
  }
  return 1;
}

static int grow_pool(void) {
  uint8_t *more = allocate(PAGE);
  if (!more) return 0;
  pool = more;
  pool_end = more + PAGE;
  return 1;
}

/* The bytes of a stored piece are read by whole keys, past its end. */
enum { MOST_STORED = LONGEST * sizeof(int32_t) + LONGEST + KEY };

static int make_room(void) {
  if (known == MOST_PIECES || (known * 2 == slots && !grow_table())) return 0;
  return pool_end - pool >= MOST_STORED || grow_pool();
}

/*
 * Remembers the first `count` of `learnt` for a piece that is not known. It has at most LONGEST bytes, and at least as
 * many as tokens. A cache that is full, of pieces or of memory, begins anew.
 */
EXPORT(learn) void learn(int32_t piece, int32_t count) {
  if (!make_room()) forget();
  const int32_t from = piece ? ends[piece - 1] : 0;
  const uint32_t length = ends[piece] - from;
  const uint8_t *p = text + from;
  const uint32_t hash = hash_of(p, length);
  entry *e = find(p, length, hash);
  wasm_v128_store(e->key, key_of(p, length < KEY ? length : KEY));
  e->length = length;
  e->hash = hash;
  e->token = count == 1 ? learnt[0] : ~count;
  e->stored = pool;
  if (count > 1) {
    __builtin_memcpy(pool, learnt, count * sizeof(int32_t));
    pool += count * sizeof(int32_t);
  }
  if (length > KEY) {
    __builtin_memcpy(pool, p, length);
    pool += (length + 3) & ~3u;
  }
  known++;
}
