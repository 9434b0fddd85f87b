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

static void kernel_pack_bf16(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t pairs = pairs_of(depth);
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    uint32_t *target = (uint32_t *)packed + first * pairs * PAIR_WORDS;
    for (size_t r = 0; r < n; r++) {
      const float *source = x + (first + r) * stride;
      for (size_t p = 0; p < pairs; p++) {
        uint32_t even = rounded_to_bf16(source[2 * p]);
        uint32_t odd = 2 * p + 1 < depth ? rounded_to_bf16(source[2 * p + 1]) : 0;
#if PAIR_WORDS == 1
        target[p * n + r] = even >> 16 | odd;
#else
        target[2 * p * n + r] = odd;
        target[(2 * p + 1) * n + r] = even;
#endif
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

static void kernel_pack_8bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t quanta = quanta_of(depth);
  for (size_t row = 0; row < rows; row++) {
    size_t first = row / ROW_BLOCK * ROW_BLOCK, r = row - first;
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    uint32_t *block = (uint32_t *)packed + first * quanta * QUANTUM_WORDS;
    for (size_t q = 0; q < quanta; q++) {
      int8_t codes[CK_QUANTUM];
      size_t left = depth - q * CK_QUANTUM;
      float scale = quantise(x + row * stride + q * CK_QUANTUM, left < CK_QUANTUM ? left : CK_QUANTUM, codes);
      uint32_t *target = block + q * n * QUANTUM_WORDS;
      int32_t sum = 0;
      for (size_t i = 0; i < CK_QUANTUM; i++) sum += codes[i];
      for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
        const int8_t *c = codes + g * 4;
#if BYTE_WORDS > 0
        memcpy(target + g * n + r, c, 4);
#endif
#if HALF_WORDS > 0
        uint32_t *halves = target + (BYTE_WORDS + g * 2) * n + r;
        halves[0] = (uint16_t)c[0] | (uint32_t)(uint16_t)c[2] << 16;
        halves[n] = (uint16_t)c[1] | (uint32_t)(uint16_t)c[3] << 16;
#endif
      }
      target[(QUANTUM_WORDS - 2) * n + r] = float_bits(scale);
      memcpy(target + (QUANTUM_WORDS - 1) * n + r, &sum, sizeof sum);
    }
  }
}
