// The backward pass of attention, for the query heads that share one head of keys and values. Included once per
// instruction set.
//
// The probabilities are computed again from the queries, the keys and the log-sums. Order of operations: scores and
// the gradients of probabilities are summed over the head's width in order. Gradients of queries are summed over the
// keys in order, those of keys and values over the query heads and then the queries in order, from the numbers at their
// destination on.

#if ROW_BLOCK == 8
#define GRADIENT_MANY 8
#define GRADIENT_KEYS 4
#define GRADIENT_VECTORS 4
#else
#define GRADIENT_MANY 2
#define GRADIENT_KEYS 2
#define GRADIENT_VECTORS 2
#endif

/// The memory of one call, all of it padded to whole vectors.
typedef struct {
  /// `[width][keys]`
  float *keys_across, *values_across;
  /// `[keys][width]`
  float *keys;
  /// `[CK_GRADIENT_QUERIES][keys]`
  float *probabilities, *scores;
  /// `[CK_GRADIENT_QUERIES][width]`
  float *queries, *outputs;
  /// `[CK_GRADIENT_QUERIES]`: the sum over the head's width of output times its gradient.
  float *dots;
  size_t key_row, width_row;
} gradient_memory;

INLINE size_t gradient_limit(const ck_attention_gradient *a, size_t query) {
  size_t limit = a->first_limit + query * a->limit_step;
  return limit < a->key_count ? limit : a->key_count;
}

INLINE size_t gradient_begin(const ck_attention_gradient *a, size_t query) {
  int64_t first = a->first_begin + (int64_t)(query * a->begin_step);
  if (first < 0) return 0;
  return (size_t)first < a->key_count ? (size_t)first : a->key_count;
}

/// Copies rows of a head, padded with zeros.
INLINE void copy_padded(const float *x, size_t stride, size_t rows, size_t width, float *out, size_t out_stride) {
  for (size_t r = 0; r < rows; r++)
    for (size_t d = 0; d < out_stride; d += CK_LANES)
      store(out + r * out_stride + d, load_upto(x + r * stride + d, width - d, 0));
}

/// Transposes rows of a head to `[width][keys]`.
static void lay_across(const float *x, size_t stride, size_t rows, size_t width, float *out, size_t out_stride) {
  for (size_t first = 0; first < rows; first += CK_LANES) {
    size_t n = rows - first < CK_LANES ? rows - first : CK_LANES;
    for (size_t d = 0; d < width; d += CK_LANES) {
      size_t count = width - d < CK_LANES ? width - d : CK_LANES;
      i16 words[16];
      UNROLL for (size_t r = 0; r < CK_LANES; r++)
        words[r] = (i16)(r < n ? load_upto(x + (first + r) * stride + d, count, 0) : splat(0));
      UNROLL for (int round = 0; round < 4; round++) shuffle_words(words, 16);
      for (size_t i = 0; i < count; i++) store(out + (d + i) * out_stride + first, (v16)words[i]);
    }
  }
}

/// Probabilities and gradients of scores of `n` queries for 16 keys. `query` is the index of the first one, `slot` its
/// row in the memory.
INLINE void score_gradients(
    const ck_attention_gradient *a, const gradient_memory *m, const int n, size_t head, size_t query, size_t slot,
    size_t key) {
  v16 sums[GRADIENT_MANY], given[GRADIENT_MANY];
  UNROLL for (int q = 0; q < n; q++) sums[q] = given[q] = splat(0);
  const float *queries = m->queries + slot * m->width_row, *outputs = m->outputs + slot * m->width_row;
  for (size_t d = 0; d < a->head_width; d++) {
    v16 k = load(m->keys_across + d * m->key_row + key), v = load(m->values_across + d * m->key_row + key);
    UNROLL for (int q = 0; q < n; q++) {
      sums[q] = fma16(splat(queries[(size_t)q * m->width_row + d]), k, sums[q]);
      given[q] = fma16(splat(outputs[(size_t)q * m->width_row + d]), v, given[q]);
    }
  }
  const i16 index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  i16 position = index + (int32_t)key;
  float slope = a->slopes ? a->slopes[head] : 0;
  for (int q = 0; q < n; q++) {
    size_t limit = gradient_limit(a, query + (size_t)q), begin = gradient_begin(a, query + (size_t)q);
    size_t bias_row = (head * a->query_count + query + (size_t)q) * a->key_count + key, left = a->key_count - key;
    v16 s = sums[q] * a->scale, t = splat(0);
    if (a->soft_cap != 0) {
      t = tanh16(s / a->soft_cap);
      s = t * a->soft_cap;
    }
    if (slope != 0) s += __builtin_convertvector(position - (int32_t)(limit - 1), v16) * slope;
    if (a->bias) s += load_upto(a->bias + bias_row, left, 0);
    i16 seen = (position >= (int32_t)begin) & (position < (int32_t)limit);
    float log_sum = a->log_sums[(query + (size_t)q) * a->log_sums_stride + head];
    v16 p = choose(seen, exp16(s - log_sum), splat(0)), dp = given[q], left_of_p = p;
    if (a->dropout.keys) {
      uint64_t row = a->dropout.keys[(query + (size_t)q) * a->dropout.stride + head];
      i16 kept = kept16(row, a->dropout.threshold, key);
      dp = choose(kept, dp * a->dropout.scale, splat(0));
      left_of_p = choose(kept, p * a->dropout.scale, splat(0));
    }
    v16 ds = choose(seen, p * (dp - m->dots[slot + (size_t)q]), splat(0));
    if (a->bias_gradient)
      store_upto(a->bias_gradient + bias_row, load_upto(a->bias_gradient + bias_row, left, 0) + ds, left);
    if (a->soft_cap != 0) ds *= 1.0f - t * t;
    store(m->probabilities + (slot + (size_t)q) * m->key_row + key, left_of_p);
    store(m->scores + (slot + (size_t)q) * m->key_row + key, ds * a->scale);
  }
}

/// Adds the gradients of `n` queries, `width` vectors of the head from vector `vector` on.
INLINE void query_gradients(
    const ck_attention_gradient *a, const gradient_memory *m, const int n, const int width, float *out, size_t slot,
    size_t vector, size_t begin, size_t end) {
  v16 sums[GRADIENT_MANY * GRADIENT_VECTORS];
  UNROLL for (int i = 0; i < n * width; i++) sums[i] = splat(0);
  const float *scores = m->scores + slot * m->key_row;
  for (size_t key = begin; key < end; key++) {
    v16 k[GRADIENT_VECTORS];
    UNROLL for (int j = 0; j < width; j++) k[j] = load(m->keys + key * m->width_row + (vector + (size_t)j) * CK_LANES);
    UNROLL for (int q = 0; q < n; q++) {
      v16 x = splat(scores[(size_t)q * m->key_row + key]);
      UNROLL for (int j = 0; j < width; j++) sums[q * width + j] = fma16(x, k[j], sums[q * width + j]);
    }
  }
  UNROLL for (int q = 0; q < n; q++)
    UNROLL for (int j = 0; j < width; j++) {
      size_t d = (vector + (size_t)j) * CK_LANES, left = a->head_width - d;
      float *target = out + (size_t)q * a->query_gradient_stride + d;
      store_upto(target, load_upto(target, left, 0) + sums[q * width + j], left);
    }
}

/// Continues the gradients of `n` keys (or values) with `count` queries: factors `[queries][keys]` times rows of
/// queries (or of gradients of outputs).
INLINE void key_gradients(
    const ck_attention_gradient *a, const gradient_memory *m, const int n, const int width, const float *factors,
    const float *rows, size_t count, float *out, size_t stride, size_t key, size_t vector) {
  v16 sums[GRADIENT_KEYS * GRADIENT_VECTORS];
  UNROLL for (int i = 0; i < n; i++)
    UNROLL for (int j = 0; j < width; j++) {
      size_t d = (vector + (size_t)j) * CK_LANES;
      sums[i * width + j] = load_upto(out + (key + (size_t)i) * stride + d, a->head_width - d, 0);
    }
  for (size_t q = 0; q < count; q++) {
    v16 row[GRADIENT_VECTORS];
    UNROLL for (int j = 0; j < width; j++) row[j] = load(rows + q * m->width_row + (vector + (size_t)j) * CK_LANES);
    UNROLL for (int i = 0; i < n; i++) {
      v16 x = splat(factors[q * m->key_row + key + (size_t)i]);
      UNROLL for (int j = 0; j < width; j++) sums[i * width + j] = fma16(x, row[j], sums[i * width + j]);
    }
  }
  UNROLL for (int i = 0; i < n; i++)
    UNROLL for (int j = 0; j < width; j++) {
      size_t d = (vector + (size_t)j) * CK_LANES;
      store_upto(out + (key + (size_t)i) * stride + d, sums[i * width + j], a->head_width - d);
    }
}

static void all_key_gradients(
    const ck_attention_gradient *a, const gradient_memory *m, const float *factors, const float *rows, size_t count,
    float *out, size_t stride, size_t begin, size_t end) {
  size_t vectors = m->width_row / CK_LANES, v = 0;
  for (; v + GRADIENT_VECTORS <= vectors; v += GRADIENT_VECTORS) {
    size_t key = begin;
    for (; key + GRADIENT_KEYS <= end; key += GRADIENT_KEYS)
      key_gradients(a, m, GRADIENT_KEYS, GRADIENT_VECTORS, factors, rows, count, out, stride, key, v);
    for (; key < end; key++) key_gradients(a, m, 1, GRADIENT_VECTORS, factors, rows, count, out, stride, key, v);
  }
  for (; v < vectors; v++) {
    size_t key = begin;
    for (; key + GRADIENT_KEYS <= end; key += GRADIENT_KEYS)
      key_gradients(a, m, GRADIENT_KEYS, 1, factors, rows, count, out, stride, key, v);
    for (; key < end; key++) key_gradients(a, m, 1, 1, factors, rows, count, out, stride, key, v);
  }
}

/// The gradients of up to `CK_GRADIENT_QUERIES` queries of one head.
static void attend_back_block(
    const ck_attention_gradient *a, const gradient_memory *m, size_t head, size_t query, size_t count) {
  size_t column = head * a->head_width, begin = a->key_count, end = 0, slot = 0;
  copy_padded(
      a->queries + query * a->query_stride + column, a->query_stride, count, a->head_width, m->queries, m->width_row);
  copy_padded(
      a->output_gradient + query * a->output_gradient_stride + column, a->output_gradient_stride, count, a->head_width,
      m->outputs, m->width_row);
  for (size_t q = 0; q < count; q++) {
    const float *output = a->output + (query + q) * a->output_stride + column;
    v16 dot = splat(0);
    for (size_t d = 0; d < a->head_width; d += CK_LANES)
      dot = fma16(load(m->outputs + q * m->width_row + d), load_upto(output + d, a->head_width - d, 0), dot);
    m->dots[q] = tree_sum(dot);
    size_t first = gradient_begin(a, query + q), last = gradient_limit(a, query + q);
    begin = first < begin ? first : begin;
    end = last > end ? last : end;
  }
  if (begin >= end) return;
  for (; slot + GRADIENT_MANY <= count; slot += GRADIENT_MANY)
    for (size_t key = begin / CK_LANES * CK_LANES; key < end; key += CK_LANES)
      score_gradients(a, m, GRADIENT_MANY, head, query + slot, slot, key);
  for (; slot < count; slot++)
    for (size_t key = begin / CK_LANES * CK_LANES; key < end; key += CK_LANES)
      score_gradients(a, m, 1, head, query + slot, slot, key);
  size_t vectors = m->width_row / CK_LANES;
  for (slot = 0; slot < count;) {
    const bool many = slot + GRADIENT_KEYS <= count;
    float *out = a->query_gradient + (query + slot) * a->query_gradient_stride + column;
    size_t v = 0;
    if (many) {
      for (; v + GRADIENT_VECTORS <= vectors; v += GRADIENT_VECTORS)
        query_gradients(a, m, GRADIENT_KEYS, GRADIENT_VECTORS, out, slot, v, begin, end);
      for (; v < vectors; v++) query_gradients(a, m, GRADIENT_KEYS, 1, out, slot, v, begin, end);
    } else {
      for (; v < vectors; v++) query_gradients(a, m, 1, 1, out, slot, v, begin, end);
    }
    slot += many ? GRADIENT_KEYS : 1;
  }
  all_key_gradients(a, m, m->scores, m->queries, count, a->key_gradient, a->key_gradient_stride, begin, end);
  all_key_gradients(a, m, m->probabilities, m->outputs, count, a->value_gradient, a->value_gradient_stride, begin, end);
}

static void kernel_attend_back(const ck_attention_gradient *a) {
  size_t key_row = (a->key_count + CK_LANES - 1) / CK_LANES * CK_LANES;
  size_t width_row = (a->head_width + CK_LANES - 1) / CK_LANES * CK_LANES;
  gradient_memory m = {.key_row = key_row, .width_row = width_row, .keys_across = a->scratch};
  m.values_across = m.keys_across + width_row * key_row;
  m.keys = m.values_across + width_row * key_row;
  m.probabilities = m.keys + width_row * key_row;
  m.scores = m.probabilities + CK_GRADIENT_QUERIES * key_row;
  m.queries = m.scores + CK_GRADIENT_QUERIES * key_row;
  m.outputs = m.queries + CK_GRADIENT_QUERIES * width_row;
  m.dots = m.outputs + CK_GRADIENT_QUERIES * width_row;
  lay_across(a->keys, a->key_stride, a->key_count, a->head_width, m.keys_across, key_row);
  lay_across(a->values, a->value_stride, a->key_count, a->head_width, m.values_across, key_row);
  copy_padded(a->keys, a->key_stride, a->key_count, a->head_width, m.keys, width_row);
  for (size_t head = 0; head < a->heads; head++)
    for (size_t query = 0; query < a->query_count; query += CK_GRADIENT_QUERIES) {
      size_t left = a->query_count - query;
      attend_back_block(a, &m, head, query, left < CK_GRADIENT_QUERIES ? left : CK_GRADIENT_QUERIES);
    }
}
