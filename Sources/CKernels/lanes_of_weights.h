// Single outputs of the rounded number formats, into and out of a lane of a panel.
#ifndef CKERNELS_LANES_OF_WEIGHTS_H
#define CKERNELS_LANES_OF_WEIGHTS_H

#include "formats.h"

/// The scale of a block as bf16, rounded away from zero, so that no code leaves its range for the rounding's sake.
static inline uint16_t scale_to_bf16(float scale) {
  uint32_t bits = float_bits(scale);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return (uint16_t)((bits + 0xffff) >> 16);
}

static inline float scale_from_bf16(uint16_t half) { return bits_float((uint32_t)half << 16); }

/// The number of steps of `scale` that is nearest to `x`, between `low` and `high`.
static inline int32_t code_of(float x, float scale, int32_t low, int32_t high) {
  if (!(scale > 0 || scale < 0)) return 0;
  float code = rintf(x / scale);
  return code > (float)high ? high : code < (float)low ? low : (int32_t)code;
}

/// The scale of 32 weights in four bits: the largest of them is -8 steps, so that all sixteen codes are in use.
static inline float scale_of_q4(const float *x, size_t count) {
  float largest = 0;
  for (size_t i = 0; i < count; i++)
    if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
  return finite_magnitude(x, count) < INFINITY ? largest / -8.0f : NAN;
}

/// One block of at most 32 weights.
static inline void pack_quantum(
    const float *x, size_t count, uint32_t format, size_t lane, uint8_t *codes, uint16_t *scales) {
  bool is_q8 = format == CK_FORMAT_Q8;
  uint16_t half = scale_to_bf16(is_q8 ? finite_magnitude(x, count) / 127.0f : scale_of_q4(x, count));
  float scale = scale_from_bf16(half);
  scales[lane] = half;
  for (size_t i = 0; i < CK_QUANTUM; i++) {
    float value = i < count ? x[i] : 0;
    if (is_q8) {
      codes[(i / 4 * CK_LANES + lane) * 4 + i % 4] = (uint8_t)(code_of(value, scale, -127, 127) + Q8_OFFSET);
    } else {
      uint8_t *both = &codes[(i / 8 * CK_LANES + lane) * 4 + i % 4];
      uint8_t code = (uint8_t)(code_of(value, scale, -8, 7) + Q4_OFFSET);
      *both = i % 8 < 4 ? code : (uint8_t)(*both | code << 4);
    }
  }
}

static inline size_t code_bytes(uint32_t format) { return format == CK_FORMAT_Q8 ? Q8_BLOCK_BYTES : Q4_BLOCK_BYTES; }

static inline void unpack_quantum(
    const uint8_t *codes, float scale, uint32_t format, size_t lane, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) {
    int32_t code;
    if (format == CK_FORMAT_Q8) {
      code = codes[(i / 4 * CK_LANES + lane) * 4 + i % 4] - Q8_OFFSET;
    } else {
      uint8_t both = codes[(i / 8 * CK_LANES + lane) * 4 + i % 4];
      code = (i % 8 < 4 ? both & 15 : both >> 4) - Q4_OFFSET;
    }
    out[i] = (float)code * scale;
  }
}

static inline void unpack_lane(const char *panel, uint32_t format, size_t depth, size_t lane, float *out) {
  size_t quanta = quanta_of(depth);
  switch (format) {
    case CK_FORMAT_F32:
      for (size_t k = 0; k < depth; k++) out[k] = ((const float *)panel)[k * CK_LANES + lane];
      break;
    case CK_FORMAT_BF16:
      for (size_t k = 0; k < depth; k++)
        out[k] = scale_from_bf16(((const uint16_t *)panel)[(k / 2 * CK_LANES + lane) * 2 + k % 2]);
      break;
    default:
      for (size_t q = 0; q < quanta; q++) {
        const uint16_t *scales = (const uint16_t *)(panel + quanta * code_bytes(format)) + q * CK_LANES;
        size_t left = depth - q * CK_QUANTUM;
        unpack_quantum(
            (const uint8_t *)panel + q * code_bytes(format), scale_from_bf16(scales[lane]), format, lane,
            left < CK_QUANTUM ? left : CK_QUANTUM, out + q * CK_QUANTUM);
      }
  }
}

#endif
