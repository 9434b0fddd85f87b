// The sums of the matrix products in each number format: `rows` rows with `panels` panels, `panel_bytes` apart, over
// the steps `begin ..< end` of the format. Each output is one chain in the order of k, so the blocks may have any shape:
// they only decide how many chains run side by side. Included once for each instruction set.

/// Bytes of weights ahead of the sum that a product with few rows asks for: it is bound by memory.
#define AHEAD_BYTES 1536

#define ACCUMULATE(name)                                                                                        \
  INLINE void name(                                                                                             \
      const int rows, const int panels, const char *x, const char *w, size_t panel_bytes, size_t depth,         \
      size_t begin, size_t end, const char *ahead, v16 *sums)

INLINE i16 load_ints(const char *p) {
  i16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE i16 splat_word(const char *words, size_t index) {
  int32_t word;
  memcpy(&word, words + index * sizeof word, sizeof word);
  return (i16)word;
}

INLINE v16 splat_float(const char *floats, size_t index) { return (v16)splat_word(floats, index); }

ACCUMULATE(accumulate_f32) {
  (void)depth;
  for (size_t k = begin; k < end; k++) {
    v16 weights[8];
    UNROLL for (int p = 0; p < panels; p++) {
      weights[p] = (v16)load_ints(w + (size_t)p * panel_bytes + k * 64);
      if (ahead) __builtin_prefetch(ahead + (size_t)p * panel_bytes + k * 64, 0, 3);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      v16 input = splat_float(x, k * (size_t)rows + (size_t)r);
      UNROLL for (int p = 0; p < panels; p++) sums[r * panels + p] = fma16(input, weights[p], sums[r * panels + p]);
    }
  }
}

#ifndef DOT_PAIRS
/// A result that is subnormal counts as zero.
INLINE v16 without_subnormal(v16 x) {
  return choose(magnitude(x) < splat(0x1p-126f), with_sign_of(splat(0), x), x);
}

INLINE v16 dot_pairs(v16 sum, i16 w, i16 x) {
  sum = without_subnormal(fma16((v16)(w & (int32_t)0xffff0000), (v16)(x & (int32_t)0xffff0000), sum));
  return without_subnormal(fma16((v16)(w << 16), (v16)(x << 16), sum));
}
#define DOT_PAIRS dot_pairs
#endif

ACCUMULATE(accumulate_bf16) {
  (void)depth;
  for (size_t k = begin; k < end; k++) {
    i16 weights[8];
    UNROLL for (int p = 0; p < panels; p++) {
      weights[p] = load_ints(w + (size_t)p * panel_bytes + k * 64);
      if (ahead) __builtin_prefetch(ahead + (size_t)p * panel_bytes + k * 64, 0, 3);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      i16 input = splat_word(x, k * (size_t)rows + (size_t)r);
      UNROLL for (int p = 0; p < panels; p++)
        sums[r * panels + p] = DOT_PAIRS(sums[r * panels + p], weights[p], input);
    }
  }
}

#ifndef DOT_BYTES
#ifndef DOT_HALVES
/// Lane by lane, the products of the lower and of the upper 16 bits.
INLINE i16 dot_halves(i16 a, i16 b) { return (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16); }
#define DOT_HALVES dot_halves
#endif
#endif

/// Four products of unsigned and signed codes, added to `sum`. `words` is the row's first word of the group.
INLINE i16 dot_codes(i16 sum, i16 w, const char *words, size_t index, size_t rows) {
#ifdef DOT_BYTES
  (void)rows;
  return DOT_BYTES(sum, w, splat_word(words, index));
#else
  i16 even = w & 0x00ff00ff, odd = (w >> 8) & 0x00ff00ff;
  return sum + DOT_HALVES(even, splat_word(words, index)) + DOT_HALVES(odd, splat_word(words, index + rows));
#endif
}

/// The exact integer sums of one block become part of the chains.
INLINE void add_block(
    const int rows, const int panels, const char *x, const char *scales, size_t panel_bytes, const i16 *dots,
    v16 *sums) {
  UNROLL for (int p = 0; p < panels; p++) {
    uint16_t halves __attribute__((ext_vector_type(16)));
    memcpy(&halves, scales + (size_t)p * panel_bytes, sizeof halves);
    v16 scale = (v16)(__builtin_convertvector(halves, i16) << 16);
    UNROLL for (int r = 0; r < rows; r++) {
      v16 factor = scale * splat_float(x, (size_t)(QUANTUM_WORDS - 2) * (size_t)rows + (size_t)r);
      v16 dot = __builtin_convertvector(dots[r * panels + p], v16);
      sums[r * panels + p] = fma16(dot, factor, sums[r * panels + p]);
    }
  }
}

/// Inputs times the offset of the weights' codes, subtracted before the products come.
INLINE void begin_block(const int rows, const int panels, const char *x, int32_t offset, i16 *dots) {
  UNROLL for (int r = 0; r < rows; r++) {
    i16 sum = splat_word(x, (size_t)(QUANTUM_WORDS - 1) * (size_t)rows + (size_t)r) * -offset;
    UNROLL for (int p = 0; p < panels; p++) dots[r * panels + p] = sum;
  }
}

ACCUMULATE(accumulate_q8) {
  const char *scales = w + quanta_of(depth) * Q8_BLOCK_BYTES;
  for (size_t b = begin; b < end; b++) {
    const char *inputs = x + b * (size_t)rows * QUANTUM_WORDS * 4;
    i16 dots[ROW_BLOCK * 4];
    begin_block(rows, panels, inputs, Q8_OFFSET, dots);
    for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
      UNROLL for (int p = 0; p < panels; p++) {
        size_t at = (size_t)p * panel_bytes + b * Q8_BLOCK_BYTES + g * 64;
        i16 weights = load_ints(w + at);
        if (ahead) __builtin_prefetch(ahead + at, 0, 3);
        UNROLL for (int r = 0; r < rows; r++)
          dots[r * panels + p] = dot_codes(
              dots[r * panels + p], weights, inputs, g * CODE_WORDS * (size_t)rows + (size_t)r, (size_t)rows);
      }
    }
    add_block(rows, panels, inputs, scales + b * SCALE_BYTES, panel_bytes, dots, sums);
  }
}

ACCUMULATE(accumulate_q4) {
  const char *scales = w + quanta_of(depth) * Q4_BLOCK_BYTES;
  for (size_t b = begin; b < end; b++) {
    const char *inputs = x + b * (size_t)rows * QUANTUM_WORDS * 4;
    i16 dots[ROW_BLOCK * 4];
    begin_block(rows, panels, inputs, Q4_OFFSET, dots);
    for (size_t g = 0; g < CK_QUANTUM / 4; g += 2) {
      UNROLL for (int p = 0; p < panels; p++) {
        size_t at = (size_t)p * panel_bytes + b * Q4_BLOCK_BYTES + g * 32;
        i16 both = load_ints(w + at), low = both & 0x0f0f0f0f, high = (both >> 4) & 0x0f0f0f0f;
        if (ahead) __builtin_prefetch(ahead + at, 0, 3);
        UNROLL for (int r = 0; r < rows; r++) {
          i16 *dot = &dots[r * panels + p];
          size_t index = g * CODE_WORDS * (size_t)rows + (size_t)r;
          *dot = dot_codes(*dot, low, inputs, index, (size_t)rows);
          *dot = dot_codes(*dot, high, inputs, index + CODE_WORDS * (size_t)rows, (size_t)rows);
        }
      }
    }
    add_block(rows, panels, inputs, scales + b * SCALE_BYTES, panel_bytes, dots, sums);
  }
}
