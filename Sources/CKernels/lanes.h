// Operations on sixteen lanes. Included once per instruction set, inside its target attribute.

INLINE v16 splat(float x) { return (v16)x; }

INLINE v16 load(const float *p) {
  v16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE i16 load_ints(const void *p) {
  i16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

#ifndef HALVES
/// `from_f16` on lanes.
INLINE v16 load_halves(const void *p) {
  u16 halves;
  memcpy(&halves, p, sizeof halves);
  i16 bits = __builtin_convertvector(halves, i16);
  v16 size = (v16)((bits & 0x7fff) << 13) * splat(0x1p112f);
  i16 special = ((bits & 0x7c00) == 0x7c00) & 0x7f800000;
  return (v16)((i16)size | special | (bits & 0x8000) << 16);
}
#define HALVES(p) load_halves(p)
#endif

INLINE void store(float *p, v16 v) { memcpy(p, &v, sizeof v); }

/// The first `count` (at most 16) floats, with `fill` in the other lanes.
INLINE v16 load_part(const float *p, size_t count, float fill) {
  float lanes[CK_LANES];
  for (size_t i = 0; i < CK_LANES; i++) lanes[i] = fill;
  memcpy(lanes, p, count * sizeof(float));
  return load(lanes);
}

INLINE void store_part(float *p, v16 v, size_t count) {
  float lanes[CK_LANES];
  store(lanes, v);
  memcpy(p, lanes, count * sizeof(float));
}

INLINE v16 load_upto(const float *p, size_t count, float fill) {
  return count >= CK_LANES ? load(p) : load_part(p, count, fill);
}

INLINE void store_upto(float *p, v16 v, size_t count) {
  if (count >= CK_LANES) store(p, v);
  else store_part(p, v, count);
}

INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }

INLINE v16 choose(i16 mask, v16 yes, v16 no) { return (v16)(((i16)yes & mask) | ((i16)no & ~mask)); }

/// The greater of `a` and `b` per lane; `b` if either is NaN.
INLINE v16 greater(v16 a, v16 b) { return choose(a > b, a, b); }

INLINE v16 magnitude(v16 x) { return (v16)((i16)x & 0x7fffffff); }

INLINE v16 with_sign_of(v16 x, v16 sign) { return (v16)((i16)x | ((i16)sign & (int32_t)0x80000000)); }

INLINE v16 root(v16 x) { return __builtin_elementwise_sqrt(x); }

/// A mask of the lanes whose index is below `count`.
INLINE i16 first_lanes(size_t count) {
  const i16 index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return index < (i16)(int32_t)(count < CK_LANES ? count : CK_LANES);
}

/// The fixed reduction tree: adds lanes i and i + 8, then i + 4, i + 2, i + 1.
INLINE float tree_sum(v16 s) {
  v8 a = s.lo + s.hi;
  v4 b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}

INLINE double tree_sum_double(d16 s) {
  d8 a = s.lo + s.hi;
  d4 b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}

INLINE float tree_maximum(v16 s) {
  float lanes[CK_LANES];
  store(lanes, s);
  float best = lanes[0];
  for (size_t i = 1; i < CK_LANES; i++) best = lanes[i] > best ? lanes[i] : best;
  return best;
}

/// One round of a perfect shuffle: interleaves the words of the first half of `count` vectors with those of the second
/// half. Three rounds transpose eight vectors into eight-word groups, the first words first; four rounds transpose 16 x
/// 16.
INLINE void shuffle_words(i16 *rows, const int count) {
  i16 mixed[16];
  UNROLL for (int i = 0; i < count / 2; i++) {
    i16 first = rows[i], second = rows[i + count / 2];
    mixed[2 * i] =
        __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    mixed[2 * i + 1] =
        __builtin_shufflevector(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < count; i++) rows[i] = mixed[i];
}
