// Attention of one head over blocks of 16 positions. Included once per instruction set.
//
// Order of operations: a score is summed sequentially over the head's width. The softmax sum has 16 partial sums, by
// position modulo 16, reduced by the fixed tree (`tree_sum`). An output is the sequential sum over the positions 0, 1,
// 2, ... of exp(score - maximum) * value, divided by the softmax sum at the end; its vectors run along the head's
// width, so it needs no partial sums. Positions that a query does not attend to are left out of all sums.
//
// A window, a soft cap and a slope have separate functions (`..._special`), so that the common loops stay simple. A
// score is scaled, capped, then its slope term is added, then its bias; each step is rounded. Dropout follows after the
// softmax sum.

// Key layout for attention: 16 positions side by side.

INLINE void store_keys(void *out, uint32_t type, size_t place, v16 keys) {
  if (type == CK_BF16) {
    u16 halves = __builtin_convertvector((rounded16(keys) >> 16) & 0xffff, u16);
    memcpy((uint16_t *)out + place, &halves, sizeof halves);
  } else {
    store((float *)out + place, keys);
  }
}

static void kernel_lay_keys(
    const float *x, size_t stride, size_t rows, size_t width, uint32_t type, void *out) {
  for (size_t d = 0; d < width; d += CK_LANES) {
    size_t count = width - d < CK_LANES ? width - d : CK_LANES;
    i16 keys[16];
    UNROLL for (size_t r = 0; r < CK_LANES; r++)
      keys[r] = (i16)(r < rows ? load_upto(x + r * stride + d, count, 0) : splat(0));
    // Transpose 16 x 16.
    UNROLL for (int round = 0; round < 4; round++) shuffle_words(keys, 16);
    for (size_t i = 0; i < count; i++) store_keys(out, type, (d + i) * CK_LANES, (v16)keys[i]);
  }
}

// Blocks of bf16 are widened to f32 on load, which is exact. `half` is a compile-time constant.

/// Loads sixteen elements of a block, starting `offset` elements from its beginning.
INLINE v16 load_block(const void *block, const bool half, size_t offset) {
  if (!half) return load((const float *)block + offset);
  u16 bits;
  memcpy(&bits, (const uint16_t *)block + offset, sizeof bits);
  return (v16)(__builtin_convertvector(bits, i16) << 16);
}

/// How many blocks of values are prefetched ahead. One takes less than the latency of memory.
#define VALUES_AHEAD 8

/// The block that is `distance` blocks after `block`, or the last block if there are fewer. Callers prefetch from it.
INLINE const char *block_ahead(const ck_attention *a, size_t block, size_t distance) {
  size_t last = (a->key_count - 1) / CK_LANES;
  return a->blocks[block + distance < last ? block + distance : last];
}

/// Prefetches sixteen elements of a block into the L2 cache, starting `offset` elements from its beginning. The numbers
/// of a head lie in pieces of a few kilobytes, too short for the hardware prefetchers.
INLINE void prefetch_block(const char *block, const bool half, size_t offset) {
  __builtin_prefetch(block + offset * (half ? 2 : 4), 0, 2);
}

INLINE size_t visible(const ck_attention *a, size_t query) {
  size_t limit = a->first_limit + query * a->limit_step;
  return limit < a->key_count ? limit : a->key_count;
}

/// The first key that a query attends to.
INLINE size_t first_seen(const ck_attention *a, size_t query) {
  int64_t first = a->first_begin + (int64_t)(query * a->begin_step);
  if (first < 0) return 0;
  return (size_t)first < a->key_count ? (size_t)first : a->key_count;
}

/// Transposes the queries `query ..< query + n` to `[head_width][n]`.
INLINE void copy_queries(const ck_attention *a, const int n, size_t query, float *out) {
  const float *source = a->queries + query * a->query_stride;
  size_t d = 0;
#if ROW_BLOCK == 8
  for (; n == 8 && d + CK_LANES <= a->head_width; d += CK_LANES) {
    i16 words[8];
    UNROLL for (size_t q = 0; q < 8; q++) words[q] = (i16)load(source + q * a->query_stride + d);
    interleave(words);
    store_rows(out + d * 8, words, 8);
  }
#endif
  for (; d < a->head_width; d++)
    for (size_t q = 0; q < (size_t)n; q++) out[d * (size_t)n + q] = source[q * a->query_stride + d];
  // Prefetch the next queries: their rows are too far apart for the hardware prefetchers.
  for (size_t q = query + (size_t)n; q < query + 2 * (size_t)n && q < a->query_count; q++)
    for (d = 0; d < a->head_width; d += CK_LANES) __builtin_prefetch(a->queries + q * a->query_stride + d, 0, 3);
}

/// Computes the raw scores of `n` queries for the 16 positions of each of `count` blocks: `scores[block][query][16]`.
INLINE void score_blocks(
    const ck_attention *a, const bool half, const int n, const int count, const float *queries, size_t block,
    float *scores) {
  v16 sums[16];
  const void *keys[4];
  const char *ahead[4];
  UNROLL for (int i = 0; i < n * count; i++) sums[i] = splat(0);
  UNROLL for (int b = 0; b < count; b++) {
    keys[b] = a->blocks[block + (size_t)b];
    ahead[b] = block_ahead(a, block + (size_t)b, (size_t)count);
  }
  for (size_t d = 0; d < a->head_width; d++) {
    v16 k[4];
    UNROLL for (int b = 0; b < count; b++) {
      k[b] = load_block(keys[b], half, a->key_offset + d * CK_LANES);
      prefetch_block(ahead[b], half, a->key_offset + d * CK_LANES);
    }
    UNROLL for (int q = 0; q < n; q++) {
      v16 x = splat(queries[d * (size_t)n + (size_t)q]);
      UNROLL for (int b = 0; b < count; b++) sums[b * n + q] = fma16(x, k[b], sums[b * n + q]);
    }
  }
  UNROLL for (int i = 0; i < n * count; i++) store(scores + (block * (size_t)n + (size_t)i) * CK_LANES, sums[i]);
}

/// Replaces the raw scores of query `q` by exp(score - maximum), or by 0 for positions that the query does not attend
/// to. Returns their sum.
INLINE float weigh(
    const ck_attention *a, const int n, int q, size_t query, size_t blocks, float *scores, float *maxima) {
  size_t limit = visible(a, query), whole = limit / CK_LANES, rest = limit % CK_LANES;
  const float *bias = a->bias ? a->bias + query * a->bias_stride : NULL;
  float *first = scores + q * CK_LANES;
  size_t step = (size_t)n * CK_LANES;
  v16 best = splat(-INFINITY), sum = splat(0);
  for (size_t b = 0; b < whole; b++) {
    v16 v = load(first + b * step) * a->scale;
    if (bias) v += load(bias + b * CK_LANES);
    best = greater(v, best);
    store(first + b * step, v);
  }
  if (rest > 0) {
    v16 v = load(first + whole * step) * a->scale;
    if (bias) v += load_part(bias + whole * CK_LANES, rest, 0);
    v = choose(first_lanes(rest), v, splat(-INFINITY));
    best = greater(v, best);
    store(first + whole * step, v);
  }
  float maximum = tree_maximum(best);
  maxima[q] = maximum;
  for (size_t b = 0; b < whole; b++) {
    v16 e = exp16(load(first + b * step) - maximum);
    sum += e;
    store(first + b * step, e);
  }
  if (rest > 0) {
    v16 e = choose(first_lanes(rest), exp16(load(first + whole * step) - maximum), splat(0));
    sum += e;
    store(first + whole * step, e);
  }
  for (size_t b = whole + (rest > 0); b < blocks; b++) store(first + b * step, splat(0));
  return tree_sum(sum);
}

/// As `weigh`, with a window, a soft cap or a slope; only the blocks from `block` on have scores.
INLINE float weigh_special(
    const ck_attention *a, const int n, int q, size_t query, size_t block, size_t blocks, float *scores,
    float *maxima) {
  size_t limit = visible(a, query), start = first_seen(a, query);
  const float *bias = a->bias ? a->bias + query * a->bias_stride : NULL;
  const i16 index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  float *first = scores + q * CK_LANES;
  size_t step = (size_t)n * CK_LANES;
  v16 best = splat(-INFINITY), sum = splat(0);
  for (size_t b = block; b < blocks; b++) {
    i16 position = index + (int32_t)(b * CK_LANES);
    v16 v = load(first + b * step) * a->scale;
    if (a->soft_cap != 0) v = tanh16(v / a->soft_cap) * a->soft_cap;
    if (a->slope != 0) v += __builtin_convertvector(position - (int32_t)(limit - 1), v16) * a->slope;
    if (bias) v += load_upto(bias + b * CK_LANES, a->key_count - b * CK_LANES, 0);
    v = choose((position >= (int32_t)start) & (position < (int32_t)limit), v, splat(-INFINITY));
    best = greater(v, best);
    store(first + b * step, v);
  }
  float maximum = tree_maximum(best);
  maxima[q] = maximum;
  for (size_t b = block; b < blocks; b++) {
    i16 position = index + (int32_t)(b * CK_LANES);
    i16 seen = (position >= (int32_t)start) & (position < (int32_t)limit);
    v16 e = choose(seen, exp16(load(first + b * step) - maximum), splat(0));
    sum += e;
    store(first + b * step, e);
  }
  return tree_sum(sum);
}

/// Dropout of the numbers that `weigh` has left for query `q`.
INLINE void drop_weights(
    const ck_attention *a, const int n, int q, size_t query, size_t block, size_t blocks, float *scores) {
  uint64_t key = a->dropout.keys[query * a->dropout.stride];
  for (size_t b = block; b < blocks; b++) {
    float *place = scores + (b * (size_t)n + (size_t)q) * CK_LANES;
    i16 kept = kept16(key, a->dropout.threshold, b * CK_LANES);
    store(place, choose(kept, load(place) * a->dropout.scale, splat(0)));
  }
}

/// Divides the sums of `n` queries by their softmax sums, and stores the quotients.
INLINE void store_outputs(
    const ck_attention *a, const int n, const int width, size_t query, size_t vector, const v16 *sums,
    const float *totals) {
  UNROLL for (int q = 0; q < n; q++) {
    float *out = a->out + (query + (size_t)q) * a->out_stride + vector * CK_LANES;
    UNROLL for (int j = 0; j < width; j++) {
      size_t left = a->head_width - (vector + (size_t)j) * CK_LANES;
      v16 v = totals[q] > 0 || totals[q] != totals[q] ? sums[q * width + j] / totals[q] : splat(0);
      store_upto(out + j * CK_LANES, v, left);
    }
  }
}

/// Computes the outputs of `n` queries for `width` vectors of the head, starting with vector `vector`.
INLINE void sum_values(
    const ck_attention *a, const bool half, const int n, const int width, size_t query, size_t vector,
    const float *scores, const float *totals) {
  size_t row = (a->head_width + CK_LANES - 1) / CK_LANES * CK_LANES;
  size_t offset = a->value_offset + vector * CK_LANES;
  v16 sums[16];
  UNROLL for (int i = 0; i < n * width; i++) sums[i] = splat(0);
  size_t common = visible(a, query), last = visible(a, query + (size_t)n - 1);
  for (size_t first = 0; first < common; first += CK_LANES) {
    const void *values = a->blocks[first / CK_LANES];
    const char *ahead = block_ahead(a, first / CK_LANES, VALUES_AHEAD);
    const float *e = scores + first * (size_t)n;
    size_t count = common - first < CK_LANES ? common - first : CK_LANES;
    for (size_t i = 0; i < count; i++) {
      v16 v[4];
      UNROLL for (int j = 0; j < width; j++) {
        v[j] = load_block(values, half, offset + i * row + (size_t)j * CK_LANES);
        prefetch_block(ahead, half, offset + i * row + (size_t)j * CK_LANES);
      }
      UNROLL for (int q = 0; q < n; q++) {
        v16 x = splat(e[(size_t)q * CK_LANES + i]);
        UNROLL for (int j = 0; j < width; j++) sums[q * width + j] = fma16(x, v[j], sums[q * width + j]);
      }
    }
  }
  // The last positions, which only the later queries of the block attend to: usually one more per query.
  const bool is_triangle = a->limit_step == 1 && last - common == (size_t)n - 1;
  UNROLL for (int begin = 0; begin + 1 < n; begin++) {
    if (!is_triangle) break;
    size_t i = common + (size_t)begin, place = offset + (i % CK_LANES) * row;
    const void *values = a->blocks[i / CK_LANES];
    const float *e = scores + (i - i % CK_LANES) * (size_t)n + i % CK_LANES;
    UNROLL for (int q = begin + 1; q < n; q++) {
      v16 x = splat(e[(size_t)q * CK_LANES]);
      UNROLL for (int j = 0; j < width; j++)
        sums[q * width + j] = fma16(x, load_block(values, half, place + (size_t)j * CK_LANES), sums[q * width + j]);
    }
  }
  for (size_t i = common; !is_triangle && i < last; i++) {
    const void *values = a->blocks[i / CK_LANES];
    size_t place = offset + (i % CK_LANES) * row;
    const float *e = scores + (i - i % CK_LANES) * (size_t)n + i % CK_LANES;
    UNROLL for (int q = 0; q < n; q++) {
      if (i >= visible(a, query + (size_t)q)) continue;
      v16 x = splat(e[(size_t)q * CK_LANES]);
      UNROLL for (int j = 0; j < width; j++)
        sums[q * width + j] = fma16(x, load_block(values, half, place + (size_t)j * CK_LANES), sums[q * width + j]);
    }
  }
  store_outputs(a, n, width, query, vector, sums, totals);
}

/// As `sum_values`, for queries with different first positions: processes first the positions that only the earlier
/// queries attend to, then the common ones, then those that only the later queries attend to.
INLINE void sum_values_special(
    const ck_attention *a, const bool half, const int n, const int width, size_t query, size_t vector,
    const float *scores, const float *totals) {
  size_t row = (a->head_width + CK_LANES - 1) / CK_LANES * CK_LANES;
  size_t offset = a->value_offset + vector * CK_LANES;
  v16 sums[16];
  UNROLL for (int i = 0; i < n * width; i++) sums[i] = splat(0);
  size_t begin = first_seen(a, query + (size_t)n - 1), end = visible(a, query);
  size_t last = visible(a, query + (size_t)n - 1);
  for (size_t i = first_seen(a, query); i < last; i++) {
    const void *values = a->blocks[i / CK_LANES];
    const char *ahead = block_ahead(a, i / CK_LANES, VALUES_AHEAD);
    const float *e = scores + (i - i % CK_LANES) * (size_t)n + i % CK_LANES;
    const bool all = i >= begin && i < end;
    v16 v[4];
    UNROLL for (int j = 0; j < width; j++) {
      v[j] = load_block(values, half, offset + (i % CK_LANES) * row + (size_t)j * CK_LANES);
      prefetch_block(ahead, half, offset + (i % CK_LANES) * row + (size_t)j * CK_LANES);
    }
    UNROLL for (int q = 0; q < n; q++) {
      if (!all && (i < first_seen(a, query + (size_t)q) || i >= visible(a, query + (size_t)q))) continue;
      v16 x = splat(e[(size_t)q * CK_LANES]);
      UNROLL for (int j = 0; j < width; j++) sums[q * width + j] = fma16(x, v[j], sums[q * width + j]);
    }
  }
  store_outputs(a, n, width, query, vector, sums, totals);
}

INLINE void attend_block(
    const ck_attention *a, const bool half, const bool special, const int n, const int wide, const int deep,
    size_t query) {
  float *scores = a->scratch, totals[CK_QUERY_BLOCK], maxima[CK_QUERY_BLOCK];
  size_t last = visible(a, query + (size_t)n - 1);
  size_t blocks = (last + CK_LANES - 1) / CK_LANES, vectors = (a->head_width + CK_LANES - 1) / CK_LANES;
  float *queries = scores + (a->key_count + CK_LANES - 1) / CK_LANES * CK_LANES * CK_QUERY_BLOCK;
  copy_queries(a, n, query, queries);
  const size_t begin = special ? first_seen(a, query) / CK_LANES : 0;
  size_t b = begin;
  for (; b + (size_t)deep <= blocks; b += (size_t)deep) score_blocks(a, half, n, deep, queries, b, scores);
  for (; b < blocks; b++) score_blocks(a, half, n, 1, queries, b, scores);
  size_t v = 0;
  if (special) {
    for (int q = 0; q < n; q++) totals[q] = weigh_special(a, n, q, query + (size_t)q, begin, blocks, scores, maxima);
    for (int q = 0; a->dropout.keys && q < n; q++) drop_weights(a, n, q, query + (size_t)q, begin, blocks, scores);
    for (; v < vectors; v++) sum_values_special(a, half, n, 1, query, v, scores, totals);
  } else {
    for (int q = 0; q < n; q++) totals[q] = weigh(a, n, q, query + (size_t)q, blocks, scores, maxima);
    for (int q = 0; a->dropout.keys && q < n; q++) drop_weights(a, n, q, query + (size_t)q, 0, blocks, scores);
    for (; v + (size_t)wide <= vectors; v += (size_t)wide) sum_values(a, half, n, wide, query, v, scores, totals);
    for (; v < vectors; v++) sum_values(a, half, n, 1, query, v, scores, totals);
  }
  for (size_t q = 0; a->log_sums && q < (size_t)n; q++)
    a->log_sums[(query + q) * a->log_sums_stride] =
        totals[q] == 0 ? -INFINITY : (float)((double)maxima[q] + ck_log((double)totals[q]));
  if (!a->weights) return;
  for (size_t q = 0; q < (size_t)n; q++) {
    float *row = a->weights + (query + q) * a->weights_stride;
    for (size_t i = 0; i < a->key_count; i++) {
      bool seen = i < visible(a, query + q) && (!special || i >= first_seen(a, query + q));
      row[i] = seen ? scores[(i - i % CK_LANES) * (size_t)n + q * CK_LANES + i % CK_LANES] / totals[q] : 0;
    }
  }
}

INLINE void attend_in(const ck_attention *a, const bool half, const bool special) {
  size_t query = 0;
  for (; query + ATTENTION_MANY <= a->query_count; query += ATTENTION_MANY)
    attend_block(a, half, special, ATTENTION_MANY, ATTENTION_WIDE_MANY, ATTENTION_DEEP_MANY, query);
#ifdef ATTENTION_FEW
  for (; query + ATTENTION_FEW <= a->query_count; query += ATTENTION_FEW)
    attend_block(a, half, special, ATTENTION_FEW, ATTENTION_WIDE_MANY, ATTENTION_DEEP_MANY, query);
#endif
  for (; query < a->query_count; query++) attend_block(a, half, special, 1, 4, 4, query);
}

static void kernel_attend(const ck_attention *a) {
  int64_t begin = a->first_begin + (int64_t)((a->query_count - 1) * a->begin_step);
  if (a->query_count > 0 && (begin > 0 || a->soft_cap != 0 || a->slope != 0)) {
    if (a->block_type == CK_BF16) attend_in(a, true, true);
    else attend_in(a, false, true);
  } else {
    if (a->block_type == CK_BF16) attend_in(a, true, false);
    else attend_in(a, false, false);
  }
}
