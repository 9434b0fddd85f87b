// Packs the inputs of matrix products: the rows of a block are interleaved, so that the inner loop reads them
// sequentially. Included once per instruction set.

#if ROW_BLOCK == 8
/// Transposes eight rows of sixteen words into sixteen groups of eight: all first words, then all second words, and so
/// on.
INLINE void interleave(i16 rows[8]) {
  UNROLL for (int round = 0; round < 3; round++) shuffle_words(rows, 8);
}

/// Stores the first `count` vectors of the result of `interleave`.
INLINE void store_rows(void *target, const i16 rows[8], size_t count) { memcpy(target, rows, count * sizeof *rows); }
#endif

static void kernel_pack_f32(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    const float *source = x + first * stride;
    float *target = (float *)packed + first * depth;
    if (n == ROW_BLOCK) {
      size_t k = 0;
#if ROW_BLOCK == 8
      for (; k + CK_LANES <= depth; k += CK_LANES) {
        i16 words[8];
        UNROLL for (size_t r = 0; r < 8; r++) words[r] = (i16)load(source + r * stride + k);
        interleave(words);
        store_rows(target + k * 8, words, 8);
      }
#endif
      for (; k < depth; k++)
        UNROLL for (size_t r = 0; r < ROW_BLOCK; r++) target[k * ROW_BLOCK + r] = source[r * stride + k];
    } else {
      for (size_t k = 0; k < depth; k++)
        for (size_t r = 0; r < n; r++) target[k * n + r] = source[r * stride + k];
    }
  }
}

#ifdef DOT_PAIRS
/// A pair is one word, with its even element in the lower half.
#define PAIR_WORDS 1
#else
/// A pair is two floats, the odd element first: the order of multiplication, so the inner loop need not split pairs.
#define PAIR_WORDS 2
#endif

/// `rounded_to_bf16` on lanes.
INLINE i16 rounded16(v16 x) {
  const i16 exponent = (i16)0x7f800000;
  i16 bits = (i16)x, size = bits & 0x7fffffff;
  i16 rounded = (bits + 0x7fff + (bits >> 16 & 1)) & (int32_t)0xffff0000;
  i16 is_nan = size > exponent, is_tiny = (rounded & exponent) == (i16)0;
  rounded = (rounded & ~is_tiny) | (rounded & is_tiny & (int32_t)0x80000000);
  return (rounded & ~is_nan) | ((i16)0x7fc00000 & is_nan);
}

#if ROW_BLOCK == 8
/// Packs pairs of eight rows: 32 inputs if a pair is one word, 16 if it is two.
INLINE void pack_pairs(const float *source, size_t stride, uint32_t *target) {
  i16 words[8];
  UNROLL for (size_t r = 0; r < 8; r++) {
#if PAIR_WORDS == 1
    i16 low = rounded16(load(source + r * stride)), high = rounded16(load(source + r * stride + CK_LANES));
    i16 even = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    i16 odd = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    words[r] = (even >> 16 & 0xffff) | odd;
#else
    i16 rounded = rounded16(load(source + r * stride));
    words[r] = __builtin_shufflevector(rounded, rounded, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
#endif
  }
  interleave(words);
  store_rows(target, words, 8);
}
#endif

/// Inputs are rounded in batches of this size before they are scattered, so that the rounding is vectorized.
#define ROUNDED_AT_ONCE 64

/// Packs the remaining pairs of `n` rows, from input `k` on.
INLINE void pack_other_pairs(const float *x, size_t stride, size_t n, size_t k, size_t depth, uint32_t *packed) {
  for (size_t r = 0; r < n; r++) {
    uint32_t *target = packed + r + k / 2 * PAIR_WORDS * n;
    for (size_t first = k; first < depth; first += ROUNDED_AT_ONCE) {
      size_t count = depth - first < ROUNDED_AT_ONCE ? depth - first : ROUNDED_AT_ONCE;
      uint32_t rounded[ROUNDED_AT_ONCE];
      for (size_t i = 0; i < count; i++) rounded[i] = rounded_to_bf16(x[r * stride + first + i]);
      if (count % 2 != 0) rounded[count] = 0;
      for (size_t i = 0; i < count; i += 2, target += PAIR_WORDS * n) {
#if PAIR_WORDS == 1
        target[0] = rounded[i] >> 16 | rounded[i + 1];
#else
        target[0] = rounded[i + 1];
        target[n] = rounded[i];
#endif
      }
    }
  }
}

static void kernel_pack_bf16(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK, k = 0;
    const float *source = x + first * stride;
    uint32_t *target = (uint32_t *)packed + first * pairs_of(depth) * PAIR_WORDS;
#if ROW_BLOCK == 8
    const size_t at_once = 2 * CK_LANES / PAIR_WORDS;
    for (; n == 8 && k + at_once <= depth; k += at_once) pack_pairs(source + k, stride, target + k / 2 * PAIR_WORDS * 8);
#endif
    pack_other_pairs(source, stride, n, k, depth, target);
  }
}

/// Words per row of a quantized block. BYTE_WORDS holds the codes as bytes, four per word, for byte dot products.
/// HALF_WORDS holds them as 16-bit numbers, elements 0 and 2 of each group of four and then 1 and 3, for 16-bit dot
/// products.
#if defined(DOT_BYTES)
#define BYTE_WORDS (CK_QUANTUM / 4)
#define HALF_WORDS 0
#elif defined(SUM_NIBBLES)
#define BYTE_WORDS (CK_QUANTUM / 4)
#define HALF_WORDS (CK_QUANTUM / 2)
#else
#define BYTE_WORDS 0
#define HALF_WORDS (CK_QUANTUM / 2)
#endif

/// Words per row of a packed block: codes as bytes, codes as 16-bit numbers, the scale, and the sum of the codes. Each
/// is interleaved over the rows of the block.
#define QUANTUM_WORDS (BYTE_WORDS + HALF_WORDS + 2)

/// Words per row of a block of 32 inputs as codes of 16 or 15 bits: the codes as 16-bit numbers, elements 0 and 2 of each
/// group of four and then 1 and 3; the scale; the sums of the first and of the last 16 codes; and -(sum of all codes) *
/// scale. Each word is interleaved over the rows of the block.
enum { WIDE_SCALE = CK_QUANTUM / 2, WIDE_SUMS, WIDE_TOTAL = WIDE_SUMS + 2, WIDE_WORDS };

typedef int8_t code16 __attribute__((ext_vector_type(16)));
typedef int8_t code32 __attribute__((ext_vector_type(32)));
typedef int16_t pair16 __attribute__((ext_vector_type(16)));
typedef uint16_t pair32 __attribute__((ext_vector_type(32)));
typedef uint8_t byte64 __attribute__((ext_vector_type(64)));

/// `quantize` on lanes, for a whole block: returns the codes, their sum and their scale.
INLINE code32 quantize_block(const float *x, int32_t *sum, float *scale) {
  v16 low = load(x), high = load(x + CK_LANES);
  uint32_t largest =
      (uint32_t)__builtin_reduce_max(__builtin_elementwise_max((i16)magnitude(low), (i16)magnitude(high)));
  *scale = (largest < 0x7f800000 ? bits_float(largest) : NAN) / 127.0f;
  i16 first = (i16)0, second = (i16)0;
  if (*scale > 0) {
    first = __builtin_convertvector(clamp16(__builtin_elementwise_rint(low / *scale), -127, 127), i16);
    second = __builtin_convertvector(clamp16(__builtin_elementwise_rint(high / *scale), -127, 127), i16);
  }
  *sum = __builtin_reduce_add(first + second);
  code32 codes;
  codes.lo = __builtin_convertvector(first, code16);
  codes.hi = __builtin_convertvector(second, code16);
  return codes;
}

/// The integer nearest to `x / scale`, at most `limit` in magnitude.
INLINE i16 nearest_codes(v16 x, float scale, float limit) {
  return __builtin_convertvector(clamp16(__builtin_elementwise_rint(x / scale), -limit, limit), i16);
}

/// `quantize_wide` on lanes: writes all words of a block, `stride` apart.
INLINE void pack_wide_quantum(const float *x, const float limit, size_t stride, uint32_t *target) {
  v16 low = load(x), high = load(x + CK_LANES);
  uint32_t largest =
      (uint32_t)__builtin_reduce_max(__builtin_elementwise_max((i16)magnitude(low), (i16)magnitude(high)));
  float scale = (largest < 0x7f800000 ? bits_float(largest) : NAN) / limit;
  i16 first = (i16)0, second = (i16)0;
  if (scale > 0) {
    first = nearest_codes(low, scale, limit);
    second = nearest_codes(high, scale, limit);
  }
  int32_t sums[2] = {__builtin_reduce_add(first), __builtin_reduce_add(second)};
  i16 lower = __builtin_shufflevector(first, second, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29);
  i16 upper = __builtin_shufflevector(first, second, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  i16 codes = (lower & 0xffff) | upper << 16;
  uint32_t words[WIDE_WORDS];
  memcpy(words, &codes, sizeof codes);
  words[WIDE_SCALE] = float_bits(scale);
  memcpy(words + WIDE_SUMS, sums, sizeof sums);
  words[WIDE_TOTAL] = float_bits((float)-(sums[0] + sums[1]) * scale);
  UNROLL for (size_t i = 0; i < WIDE_WORDS; i++) target[i * stride] = words[i];
}

INLINE void pack_wide(const float *x, const float limit, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t quanta = quanta_of(depth);
  for (size_t row = 0; row < rows; row++) {
    size_t first = row / ROW_BLOCK * ROW_BLOCK;
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    uint32_t *target = (uint32_t *)packed + first * quanta * WIDE_WORDS + (row - first);
    for (size_t q = 0; q < quanta; q++, target += n * WIDE_WORDS) {
      const float *source = x + row * stride + q * CK_QUANTUM;
      size_t left = depth - q * CK_QUANTUM;
      float rest[CK_QUANTUM] = {0};
      if (left < CK_QUANTUM) source = memcpy(rest, source, left * sizeof(float));
      pack_wide_quantum(source, limit, n, target);
    }
  }
}

static void kernel_pack_16bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  pack_wide(x, CODE_LIMIT_16, stride, rows, depth, packed);
}

static void kernel_pack_15bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  pack_wide(x, CODE_LIMIT_15, stride, rows, depth, packed);
}

static void kernel_pack_8bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t quanta = quanta_of(depth);
  for (size_t row = 0; row < rows; row++) {
    size_t first = row / ROW_BLOCK * ROW_BLOCK, r = row - first;
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    uint32_t *target = (uint32_t *)packed + first * quanta * QUANTUM_WORDS + r;
    for (size_t q = 0; q < quanta; q++, target += n * QUANTUM_WORDS) {
      const float *source = x + row * stride + q * CK_QUANTUM;
      size_t left = depth - q * CK_QUANTUM;
      float rest[CK_QUANTUM] = {0};
      if (left < CK_QUANTUM) source = memcpy(rest, source, left * sizeof(float));
      int32_t sum;
      float scale;
      code32 codes = quantize_block(source, &sum, &scale);
#if BYTE_WORDS > 0
      uint32_t words[BYTE_WORDS];
      memcpy(words, &codes, sizeof words);
      UNROLL for (size_t g = 0; g < BYTE_WORDS; g++) target[g * n] = words[g];
#endif
#if HALF_WORDS > 0
      // Of each group of four codes, one word holds the even bytes and the next the odd bytes, widened to 16 bits.
      uint32_t *halves = target + BYTE_WORDS * n;
      pair16 pairs = (pair16)codes, even = pairs << 8 >> 8, odd = pairs >> 8;
      uint32_t words_of_even[HALF_WORDS / 2], words_of_odd[HALF_WORDS / 2];
      memcpy(words_of_even, &even, sizeof words_of_even);
      memcpy(words_of_odd, &odd, sizeof words_of_odd);
      UNROLL for (size_t g = 0; g < HALF_WORDS / 2; g++) {
        halves[2 * g * n] = words_of_even[g];
        halves[(2 * g + 1) * n] = words_of_odd[g];
      }
#endif
      target[(QUANTUM_WORDS - 2) * n] = float_bits(scale);
      memcpy(target + (QUANTUM_WORDS - 1) * n, &sum, sizeof sum);
    }
  }
}
