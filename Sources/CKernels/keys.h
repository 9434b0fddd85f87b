// Keys as attention reads them: sixteen positions side by side. Included once for each instruction set.

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
    // Sixteen rows of sixteen become columns.
    UNROLL for (int round = 0; round < 4; round++) shuffle_words(keys, 16);
    for (size_t i = 0; i < count; i++) store_keys(out, type, (d + i) * CK_LANES, (v16)keys[i]);
  }
}
