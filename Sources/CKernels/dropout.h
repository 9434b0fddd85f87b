// Dropout (Srivastava et al. 2014). Included once per instruction set.
//
// The random bits of a number are those of a counter-based generator: twice the finalizer of MurmurHash3 (Appleby 2011),
// first of the number's index and the low half of the row's key, then of the result and the high half. So a mask needs
// no memory, and does not depend on what was drawn before it.

INLINE n16 mixed_words(n16 x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

/// For each of the sixteen numbers of a row from index `first` on: all bits set if dropout keeps it, otherwise zero.
INLINE i16 kept16(uint64_t key, uint32_t threshold, size_t first) {
  const n16 index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  n16 x = mixed_words((index + (uint32_t)first) * 0x9e3779b9u + (uint32_t)key);
  return (i16)(mixed_words(x ^ (uint32_t)(key >> 32)) >= (n16)threshold);
}

static void kernel_drop(
    const float *x, uint64_t key, uint32_t threshold, float scale, const float *residual, float *out, size_t count) {
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 v = choose(kept16(key, threshold, i), load_upto(x + i, left, 0) * scale, splat(0));
    if (residual) v += load_upto(residual + i, left, 0);
    store_upto(out + i, v, left);
  }
}

static void kernel_drop_back(
    const float *dy, uint64_t key, uint32_t threshold, float scale, float *dx, size_t count) {
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 old = load_upto(dx + i, left, 0);
    v16 sum = fma16(load_upto(dy + i, left, 0), splat(scale), old);
    store_upto(dx + i, choose(kept16(key, threshold, i), sum, old), left);
  }
}
