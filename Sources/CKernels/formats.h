// The number formats of packed weights: block sizes, and the rounding shared by all kernels.
#ifndef CKERNELS_FORMATS_H
#define CKERNELS_FORMATS_H

#include <math.h>
#include <string.h>

#include "CKernels.h"

/// The block types of GGML: name, elements and bytes of a block.
#define EACH_BLOCK_TYPE(X) \
  X(Q4_0, 32, 18) \
  X(Q4_1, 32, 20) \
  X(Q5_0, 32, 22) \
  X(Q5_1, 32, 24) \
  X(Q8_0, 32, 34) \
  X(Q2_K, 256, 84) \
  X(Q3_K, 256, 110) \
  X(Q4_K, 256, 144) \
  X(Q5_K, 256, 176) \
  X(Q6_K, 256, 210) \
  X(IQ4_NL, 32, 18) \
  X(IQ4_XS, 256, 136) \
  X(MXFP4, 32, 17)

/// Bytes of a block of each type: `BLOCK_BYTES_Q4_0`, and so on.
enum {
#define BLOCK_BYTES(name, elements, bytes) BLOCK_BYTES_##name = bytes,
  EACH_BLOCK_TYPE(BLOCK_BYTES)
#undef BLOCK_BYTES
};

/// The offset that makes the codes of q8 and q4 unsigned.
enum { Q8_OFFSET = 128, Q4_OFFSET = 8 };

/// Bytes per panel of a block of 32 inputs: its codes, and its scales.
enum { Q8_BLOCK_BYTES = CK_QUANTUM * CK_LANES, Q4_BLOCK_BYTES = Q8_BLOCK_BYTES / 2, SCALE_BYTES = 2 * CK_LANES };

static inline size_t pairs_of(size_t depth) { return depth / 2 + depth % 2; }
static inline size_t quanta_of(size_t depth) { return depth / CK_QUANTUM + (depth % CK_QUANTUM != 0); }

static inline uint32_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float bits_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float from_bf16(uint16_t half) { return bits_float((uint32_t)half << 16); }

/// Converts f16 to f32, exactly. Branch-free, so that loops over it are vectorized.
static inline float from_f16(uint16_t h) {
  // Multiplying adjusts the exponent and also normalizes subnormal numbers.
  uint32_t bits = float_bits(bits_float((uint32_t)(h & 0x7fff) << 13) * 0x1p112f);
  // Infinities and NaNs get the maximum exponent; NaNs keep their payload.
  uint32_t special = (h & 0x7c00) == 0x7c00 ? 0x7f800000u : 0;
  return bits_float(bits | special | (uint32_t)(h & 0x8000) << 16);
}

/// Rounds to bf16, to nearest with ties to even. Subnormal results become zero; NaNs stay NaN. The result is in the
/// upper 16 bits.
static inline uint32_t rounded_to_bf16(float x) {
  uint32_t bits = float_bits(x);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  uint32_t is_nan = (bits & 0x7fffffff) > 0x7f800000;
  uint32_t is_tiny = (rounded & 0x7f800000) == 0;
  return is_nan ? 0x7fc00000 : is_tiny ? rounded & 0x80000000 : rounded;
}

/// `sum + x * weight` as `VDPBF16PS` computes it: a result that is subnormal after rounding is flushed to zero.
///
/// As on x86 processors, rounding with unbounded exponent comes first: a value just below the smallest normal number
/// that would round up to it with full precision is kept. The f32 result alone cannot distinguish that case from values
/// that round up only at the coarser subnormal precision, hence the second test in double.
static inline float add_flushed(float sum, float x, float weight) {
  float result = fmaf(x, weight, sum);
  float size = fabsf(result);
  bool is_tiny = size < 0x1p-126f || (size == 0x1p-126f && fabs((double)x * weight + sum) < 0x1.ffffffp-127);
  return is_tiny ? copysignf(0, result) : result;
}

/// The largest magnitude of `count` numbers; NaN if one of them is not finite.
static inline float finite_magnitude(const float *x, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = float_bits(x[i]) & 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  return largest < 0x7f800000 ? bits_float(largest) : NAN;
}

/// Quantizes `count` (at most 32) numbers to 8 bits and returns their scale. Codes beyond `count` are zero. If a number
/// is not finite, the scale is NaN, and so are the sums computed from it.
static inline float quantize(const float *x, size_t count, int8_t codes[CK_QUANTUM]) {
  float scale = finite_magnitude(x, count) / 127.0f;
  memset(codes, 0, CK_QUANTUM);
  if (scale > 0)
    for (size_t i = 0; i < count; i++) {
      // Clamp: a subnormal scale has lost bits, so the quotient can exceed the range.
      float code = rintf(x[i] / scale);
      codes[i] = (int8_t)(code > 127 ? 127 : code < -127 ? -127 : code);
    }
  return scale;
}

/// The largest magnitude of an input that is quantized to 16 bits. Kernels split it into two signed bytes, so it is at
/// most 256 * 127 + 127.
#define CODE_LIMIT_16 32639

/// The largest magnitude of an input that is quantized to 15 bits. 32 products of such an input, a 6-bit weight and its
/// byte scale add up to at most 32 * 16319 * 32 * 128, which a 32-bit integer holds.
#define CODE_LIMIT_15 16319

/// `quantize` to codes of at most `code_limit` in magnitude.
static inline float quantize_wide(const float *x, size_t count, int32_t code_limit, int16_t codes[CK_QUANTUM]) {
  float scale = finite_magnitude(x, count) / (float)code_limit;
  memset(codes, 0, CK_QUANTUM * sizeof *codes);
  if (scale > 0)
    for (size_t i = 0; i < count; i++) {
      float code = rintf(x[i] / scale), limit = (float)code_limit;
      codes[i] = (int16_t)(code > limit ? limit : code < -limit ? -limit : code);
    }
  return scale;
}

#endif
