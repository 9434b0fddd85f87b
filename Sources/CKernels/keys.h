// Keys as attention reads them: sixteen positions side by side. Included once for each instruction set.

/// Sixteen rows of sixteen become columns: four rounds of a perfect shuffle.
INLINE void transpose(v16 rows[16]) {
  UNROLL for (int round = 0; round < 4; round++) {
    v16 mixed[16];
    UNROLL for (int i = 0; i < 8; i++) {
      mixed[2 * i] = __builtin_shufflevector(
          rows[i], rows[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      mixed[2 * i + 1] = __builtin_shufflevector(
          rows[i], rows[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 16; i++) rows[i] = mixed[i];
  }
}

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
    v16 keys[16];
    UNROLL for (size_t r = 0; r < CK_LANES; r++)
      keys[r] = r < rows ? load_upto(x + r * stride + d, count, 0) : splat(0);
    transpose(keys);
    for (size_t i = 0; i < count; i++) store_keys(out, type, (d + i) * CK_LANES, keys[i]);
  }
}
