// The inner loops of the matrix products, one per number format: accumulate `rows` x `panels` blocks of outputs, with
// panels `panel_bytes` apart, over the format's steps `begin ..< end`. Each output has a single accumulator that adds
// in the order of k, so block shapes affect only how many accumulators run side by side, never the result. Included
// once per instruction set.

/// Prefetch distance, in bytes of weights, for products with few rows, which are memory-bound.
#define AHEAD_BYTES 1536

#if defined(__x86_64__) && defined(PIN) && !defined(DOT_PAIRS)
// Without an instruction for bf16 dot products, bf16 sums run with flush-to-zero and denormals-are-zero set in MXCSR
// and all exceptions masked.

/// `PIN` for a vector of 16 lanes that occupies two registers.
#define PIN_HALVES(v)                             \
  do {                                            \
    v8 low = (v).lo, high = (v).hi;               \
    __asm__ volatile("" : "+x"(low), "+x"(high)); \
    (v).lo = low;                                 \
    (v).hi = high;                                \
  } while (0)

/// Compiler barrier: keeps the arithmetic on the sums from moving across a change of MXCSR, which the compiler does not
/// know to affect it.
INLINE void pin(const int count, v16 *sums) {
  UNROLL for (int i = 0; i < count; i++) PIN(sums[i]);
}

#define BEGIN_FLUSHING(count, sums) \
  uint32_t mode = _mm_getcsr();     \
  pin(count, sums);                 \
  _mm_setcsr(mode | 0x9fc0);        \
  pin(count, sums)
#define END_FLUSHING(count, sums) \
  pin(count, sums);               \
  _mm_setcsr(mode);               \
  pin(count, sums)
#endif

#define ACCUMULATE(name)                                                                                        \
  INLINE void name(                                                                                             \
      const int rows, const int panels, const char *x, const char *w, size_t panel_bytes, size_t depth,         \
      size_t begin, size_t end, const char *ahead, v16 *sums)

/// Prefetches a line of weights into the L2 cache. There are too few miss buffers of the L1 cache to fetch weights from
/// memory at its full speed.
INLINE void prefetch_weights(const char *p) { __builtin_prefetch(p, 0, 2); }

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
      if (ahead) prefetch_weights(ahead + (size_t)p * panel_bytes + k * 64);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      v16 input = splat_float(x, k * (size_t)rows + (size_t)r);
      UNROLL for (int p = 0; p < panels; p++) sums[r * panels + p] = fma16(input, weights[p], sums[r * panels + p]);
    }
  }
}

#ifdef DOT_PAIRS
ACCUMULATE(accumulate_bf16) {
  (void)depth;
  for (size_t k = begin; k < end; k++) {
    i16 weights[8];
    UNROLL for (int p = 0; p < panels; p++) {
      weights[p] = load_ints(w + (size_t)p * panel_bytes + k * 64);
      if (ahead) prefetch_weights(ahead + (size_t)p * panel_bytes + k * 64);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      i16 input = splat_word(x, k * (size_t)rows + (size_t)r);
      UNROLL for (int p = 0; p < panels; p++)
        sums[r * panels + p] = DOT_PAIRS(sums[r * panels + p], weights[p], input);
    }
  }
}
#else
#ifdef BEGIN_FLUSHING
/// MXCSR makes the processor flush subnormal results.
INLINE v16 fma_flushed(v16 a, v16 b, v16 c) { return fma16(a, b, c); }
#else
/// `add_flushed` on lanes.
INLINE v16 fma_flushed(v16 a, v16 b, v16 c) {
  v16 sum = fma16(a, b, c), size = magnitude(sum);
  if (__builtin_expect(__builtin_reduce_or(size == splat(0x1p-126f)), 0)) {
    float x[CK_LANES], w[CK_LANES], s[CK_LANES];
    store(x, a);
    store(w, b);
    store(s, c);
    for (size_t i = 0; i < CK_LANES; i++) s[i] = add_flushed(s[i], x[i], w[i]);
    return load(s);
  }
  return choose(size < splat(0x1p-126f), with_sign_of(splat(0), sum), sum);
}
#endif

ACCUMULATE(accumulate_bf16) {
  (void)depth;
  for (size_t k = begin; k < end; k++) {
    UNROLL for (int element = 0; element < 2; element++) {
      v16 weights[8];
      UNROLL for (int p = 0; p < panels; p++) {
        i16 pairs = load_ints(w + (size_t)p * panel_bytes + k * 64);
        weights[p] = (v16)(element == 0 ? pairs & (int32_t)0xffff0000 : pairs << 16);
        if (ahead && element == 0) prefetch_weights(ahead + (size_t)p * panel_bytes + k * 64);
      }
      UNROLL for (int r = 0; r < rows; r++) {
        v16 input = splat_float(x, (2 * k + (size_t)element) * (size_t)rows + (size_t)r);
        UNROLL for (int p = 0; p < panels; p++)
          sums[r * panels + p] = fma_flushed(input, weights[p], sums[r * panels + p]);
      }
    }
  }
}
#endif

#ifndef DOT_HALVES
/// The product of the lower 16 bits plus the product of the upper 16 bits, per lane.
INLINE i16 dot_halves(i16 a, i16 b) { return (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16); }
#define DOT_HALVES dot_halves
#endif

/// Adds four products of weight and input codes per lane to `sum`, for group `group` of row `row`.
INLINE i16 dot_codes(i16 sum, i16 w, const char *inputs, size_t group, size_t rows, size_t row) {
#ifdef DOT_BYTES
  return DOT_BYTES(sum, w, splat_word(inputs, group * rows + row));
#else
  size_t index = (BYTE_WORDS + group * 2) * rows + row;
  i16 even = w & 0x00ff00ff, odd = (w >> 8) & 0x00ff00ff;
  return sum + DOT_HALVES(even, splat_word(inputs, index)) + DOT_HALVES(odd, splat_word(inputs, index + rows));
#endif
}

/// Scales the exact integer sums of one block and adds them to the accumulators.
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

/// Initializes the integer sums with -(sum of the inputs) * (offset of the weights' codes).
INLINE void begin_block(const int rows, const int panels, const char *x, int32_t offset, i16 *dots) {
  UNROLL for (int r = 0; r < rows; r++) {
    i16 sum = splat_word(x, (size_t)(QUANTUM_WORDS - 1) * (size_t)rows + (size_t)r) * -offset;
    UNROLL for (int p = 0; p < panels; p++) dots[r * panels + p] = sum;
  }
}

#ifdef DOT_TAKES_SIGNED
/// `SDOT` takes signed bytes, so q8 codes lose their offset here. q4 codes are below 16, so they keep theirs.
#define Q8_CODES(codes) ((codes) ^ (int32_t)0x80808080)
#define Q8_SUBTRACTED 0
#else
#define Q8_CODES(codes) (codes)
#define Q8_SUBTRACTED Q8_OFFSET
#endif

ACCUMULATE(accumulate_q8) {
  const char *scales = w + quanta_of(depth) * Q8_BLOCK_BYTES;
  for (size_t b = begin; b < end; b++) {
    const char *inputs = x + b * (size_t)rows * QUANTUM_WORDS * 4;
    i16 dots[ROW_BLOCK * 4];
    begin_block(rows, panels, inputs, Q8_SUBTRACTED, dots);
    for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
      UNROLL for (int p = 0; p < panels; p++) {
        size_t at = (size_t)p * panel_bytes + b * Q8_BLOCK_BYTES + g * 64;
        i16 weights = Q8_CODES(load_ints(w + at));
        if (ahead) prefetch_weights(ahead + at);
        UNROLL for (int r = 0; r < rows; r++)
          dots[r * panels + p] =
              dot_codes(dots[r * panels + p], weights, inputs, g, (size_t)rows, (size_t)r);
      }
    }
    add_block(rows, panels, inputs, scales + b * SCALE_BYTES, panel_bytes, dots, sums);
  }
}

#ifdef SUM_NIBBLES
/// One block of q4 with 16-bit sums. The eight products summed in each half of a lane stay within ±30,480.
INLINE void dot_nibbles(
    const int rows, const int panels, const char *x, const char *w, size_t panel_bytes, const char *ahead, i16 *dots) {
  i16 halves[ROW_BLOCK * 4];
  UNROLL for (int i = 0; i < rows * panels; i++) halves[i] = (i16)0;
  for (size_t g = 0; g < CK_QUANTUM / 4; g += 2) {
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (size_t)p * panel_bytes + g * 32;
      if (ahead) prefetch_weights(ahead + at);
      UNROLL for (int half = 0; half < 2; half++) {
        i16 both = load_ints(w + at), codes = (half == 0 ? both : both >> 4) & 0x0f0f0f0f;
        UNROLL for (int r = 0; r < rows; r++)
          halves[r * panels + p] = SUM_NIBBLES(
              halves[r * panels + p], codes, splat_word(x, (g + (size_t)half) * (size_t)rows + (size_t)r));
      }
    }
  }
  UNROLL for (int i = 0; i < rows * panels; i++) dots[i] += DOT_HALVES(halves[i], (i16)0x00010001);
}
#else
INLINE void dot_nibbles(
    const int rows, const int panels, const char *x, const char *w, size_t panel_bytes, const char *ahead, i16 *dots) {
  for (size_t g = 0; g < CK_QUANTUM / 4; g += 2) {
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (size_t)p * panel_bytes + g * 32;
      i16 both = load_ints(w + at), low = both & 0x0f0f0f0f, high = (both >> 4) & 0x0f0f0f0f;
      if (ahead) prefetch_weights(ahead + at);
      UNROLL for (int r = 0; r < rows; r++) {
        i16 *dot = &dots[r * panels + p];
        *dot = dot_codes(*dot, low, x, g, (size_t)rows, (size_t)r);
        *dot = dot_codes(*dot, high, x, g + 1, (size_t)rows, (size_t)r);
      }
    }
  }
}
#endif

ACCUMULATE(accumulate_q4) {
  const char *scales = w + quanta_of(depth) * Q4_BLOCK_BYTES;
  for (size_t b = begin; b < end; b++) {
    const char *inputs = x + b * (size_t)rows * QUANTUM_WORDS * 4;
    i16 dots[ROW_BLOCK * 4];
    begin_block(rows, panels, inputs, Q4_OFFSET, dots);
    dot_nibbles(
        rows, panels, inputs, w + b * Q4_BLOCK_BYTES, panel_bytes, ahead ? ahead + b * Q4_BLOCK_BYTES : NULL, dots);
    add_block(rows, panels, inputs, scales + b * SCALE_BYTES, panel_bytes, dots, sums);
  }
}
