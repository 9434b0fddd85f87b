// The naive reference kernels of products with weights as files store them: f16, and GGML's blocks.
#ifndef CKERNELS_NAIVE_BLOCKS_H
#define CKERNELS_NAIVE_BLOCKS_H

#include "block_panels.h"

/// 32 inputs of a row as 16-bit codes with their common scale.
typedef struct {
  int16_t codes[CK_QUANTUM];
  float scale;
} naive_wide_quantum;

static void naive_pack_wide(const float *x, int32_t limit, size_t stride, size_t rows, size_t depth, void *packed) {
  naive_wide_quantum *quantum = packed;
  for (size_t r = 0; r < rows; r++)
    for (size_t first = 0; first < depth; first += CK_QUANTUM, quantum++) {
      size_t count = depth - first < CK_QUANTUM ? depth - first : CK_QUANTUM;
      quantum->scale = quantize_wide(x + r * stride + first, count, limit, quantum->codes);
    }
}

static void naive_pack_16bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  naive_pack_wide(x, CODE_LIMIT_16, stride, rows, depth, packed);
}

static void naive_pack_15bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  naive_pack_wide(x, CODE_LIMIT_15, stride, rows, depth, packed);
}

static float naive_half(const uint8_t *bytes, size_t index) {
  uint16_t half;
  memcpy(&half, bytes + index * 2, sizeof half);
  return from_f16(half);
}

static float naive_sum_f16(const ck_product *t, size_t row, const void *panel, size_t lane) {
  const float *x = (const float *)t->inputs + row * t->depth;
  float sum = 0;
  for (size_t k = 0; k < t->depth; k++) sum = fmaf(x[k], naive_half(panel, k * CK_LANES + lane), sum);
  return sum;
}

/// The value of code i of the 32 codes at `codes`.
static int32_t naive_block_code(block_layout l, const uint8_t *codes, size_t lane, size_t i) {
  size_t group = i / 4, byte = i % 4;
  if (l.low_bits == 8) return codes[(group * CK_LANES + lane) * 4 + byte] - l.offset;
  int32_t code = codes[(group / 2 * CK_LANES + lane) * 4 + byte] >> group % 2 * 4 & 15;
  const uint8_t *high = codes + 256;
  if (l.high_bits == 1) code |= (high[lane * 4 + byte] >> group & 1) << 4;
  if (l.high_bits == 2) code |= (high[(group / 4 * CK_LANES + lane) * 4 + byte] >> group % 4 * 2 & 3) << 4;
  return code - l.offset;
}

/// The byte scale of input i of the 32 inputs `quantum` of a block; 1 for a format without byte scales.
static int32_t naive_byte_scale(block_layout l, const uint8_t *scales, size_t quantum, size_t i, size_t lane) {
  return l.scales == BYTE_SCALES ? (int8_t)scales[SCALE_BYTES + (quantum * 2 + i / 16) * CK_LANES + lane] : 1;
}

/// The common scale of the 32 inputs `quantum` of a block.
static float naive_block_scale(block_layout l, const uint8_t *scales, size_t quantum, size_t lane) {
  float d = naive_half(scales, lane);
  if (l.scales != SIX_BIT_SCALES) return d;
  const uint8_t *bytes = scales + 2 * SCALE_BYTES + quantum / 2 * 3 * CK_LANES + lane;
  if (quantum % 2 == 0) return d * (float)(bytes[0] & 63);
  return d * (float)(bytes[0] >> 6 | bytes[CK_LANES] >> 6 << 2 | bytes[2 * CK_LANES] >> 6 << 4);
}

static float naive_block_minimum(const uint8_t *scales, size_t quantum, size_t lane) {
  const uint8_t *bytes = scales + 2 * SCALE_BYTES + quantum / 2 * 3 * CK_LANES + lane;
  return naive_half(scales + SCALE_BYTES, lane) * (float)(bytes[(1 + quantum % 2) * CK_LANES] & 63);
}

static float naive_sum_blocks(const ck_product *t, uint32_t format, size_t row, const void *panel, size_t lane) {
  block_layout l = layout_of(format);
  size_t quanta = t->depth / CK_QUANTUM;
  const naive_wide_quantum *x = (const naive_wide_quantum *)t->inputs + row * quanta;
  float sum = 0;
  for (size_t k = 0; k < quanta; k++) {
    const uint8_t *block = (const uint8_t *)panel + k / l.quanta * panel_block_bytes(l);
    const uint8_t *scales = block + scales_place(l);
    size_t quantum = k % l.quanta;
    int32_t dot = 0, total = 0;
    for (size_t i = 0; i < CK_QUANTUM; i++) {
      int32_t code = naive_block_code(l, block + quantum * quantum_code_bytes(l), lane, i);
      dot += x[k].codes[i] * code * naive_byte_scale(l, scales, quantum, i, lane);
      total += x[k].codes[i];
    }
    sum = fmaf((float)dot, naive_block_scale(l, scales, quantum, lane) * x[k].scale, sum);
    if (l.scales == SIX_BIT_SCALES)
      sum = fmaf(naive_block_minimum(scales, quantum, lane), (float)-total * x[k].scale, sum);
  }
  return sum;
}

#endif
