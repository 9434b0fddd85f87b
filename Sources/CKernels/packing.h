// Inputs as the products read them: the rows of a block side by side, so that one pointer walks through them in the
// order they are used. Included once for each instruction set.

static void kernel_pack_f32(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    const float *source = x + first * stride;
    float *target = (float *)packed + first * depth;
    if (n == ROW_BLOCK) {
      for (size_t k = 0; k < depth; k++)
        UNROLL for (size_t r = 0; r < ROW_BLOCK; r++) target[k * ROW_BLOCK + r] = source[r * stride + k];
    } else {
      for (size_t k = 0; k < depth; k++)
        for (size_t r = 0; r < n; r++) target[k * n + r] = source[r * stride + k];
    }
  }
}

#ifdef DOT_PAIRS
/// One word holds a pair, the even element in its lower half.
#define PAIR_WORDS 1
#else
/// A pair is two floats, the odd element first: as they are multiplied, so that the sums need not take pairs apart.
#define PAIR_WORDS 2
#endif

/// Inputs that are rounded at once, before they go to their places: the rounding is vector code, the places are not.
#define ROUNDED_AT_ONCE 64

static void kernel_pack_bf16(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t pairs = pairs_of(depth);
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    for (size_t r = 0; r < n; r++) {
      uint32_t *target = (uint32_t *)packed + first * pairs * PAIR_WORDS + r;
      const float *source = x + (first + r) * stride;
      for (size_t k = 0; k < depth; k += ROUNDED_AT_ONCE) {
        size_t count = depth - k < ROUNDED_AT_ONCE ? depth - k : ROUNDED_AT_ONCE;
        uint32_t rounded[ROUNDED_AT_ONCE];
        for (size_t i = 0; i < count; i++) rounded[i] = rounded_to_bf16(source[k + i]);
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
}

/// Words of a block of codes, for each row: the codes as bytes, four a word, where this instruction set multiplies
/// bytes; and as 16-bit numbers, the elements 0 and 2 of a group of four and then 1 and 3, where it multiplies those.
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

/// For each block of inputs the rows' codes, `[BYTE_WORDS][rows]` and `[HALF_WORDS][rows]`, their scales and the sums of
/// their codes.
#define QUANTUM_WORDS (BYTE_WORDS + HALF_WORDS + 2)

typedef int8_t code16 __attribute__((ext_vector_type(16)));
typedef int8_t code32 __attribute__((ext_vector_type(32)));
typedef int16_t pair16 __attribute__((ext_vector_type(16)));

/// `quantise` of a whole block on lanes: the codes, their sum and their scale.
INLINE code32 quantise_block(const float *x, int32_t *sum, float *scale) {
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
      code32 codes = quantise_block(source, &sum, &scale);
#if BYTE_WORDS > 0
      uint32_t words[BYTE_WORDS];
      memcpy(words, &codes, sizeof words);
      UNROLL for (size_t g = 0; g < BYTE_WORDS; g++) target[g * n] = words[g];
#endif
#if HALF_WORDS > 0
      // A word of a group is its even bytes, the next one its odd ones, each as 16 bits.
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
