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

/// One word holds a pair, the even element in its lower half.
static void kernel_pack_bf16(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  size_t pairs = pairs_of(depth);
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    uint32_t *target = (uint32_t *)packed + first * pairs;
    for (size_t r = 0; r < n; r++) {
      const float *source = x + (first + r) * stride;
      for (size_t p = 0; p < depth / 2; p++)
        target[p * n + r] = rounded_to_bf16(source[2 * p]) >> 16 | rounded_to_bf16(source[2 * p + 1]);
      if (depth % 2 != 0) target[(pairs - 1) * n + r] = rounded_to_bf16(source[depth - 1]) >> 16;
    }
  }
}

/// Words for four codes of a row: one of bytes, or two of 16-bit pairs, the elements 0 and 2 and then 1 and 3.
#ifdef DOT_BYTES
#define CODE_WORDS 1
#else
#define CODE_WORDS 2
#endif

/// For each block of inputs the rows' codes `[8][CODE_WORDS][rows]`, their scales and the sums of their codes.
#define QUANTUM_WORDS (CK_QUANTUM / 4 * CODE_WORDS + 2)

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
#if CODE_WORDS == 1
        memcpy(target + g * n + r, c, 4);
#else
        target[g * 2 * n + r] = (uint16_t)c[0] | (uint32_t)(uint16_t)c[2] << 16;
        target[(g * 2 + 1) * n + r] = (uint16_t)c[1] | (uint32_t)(uint16_t)c[3] << 16;
#endif
      }
      target[(QUANTUM_WORDS - 2) * n + r] = float_bits(scale);
      memcpy(target + (QUANTUM_WORDS - 1) * n + r, &sum, sizeof sum);
    }
  }
}
