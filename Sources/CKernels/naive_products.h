// The naive reference kernels of the matrix products, one output at a time.
#ifndef CKERNELS_NAIVE_PRODUCTS_H
#define CKERNELS_NAIVE_PRODUCTS_H

#include "formats.h"
#include "naive_blocks.h"
#include "naive_functions.h"

static void naive_pack_f32(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < depth; k++) ((float *)packed)[r * depth + k] = x[r * stride + k];
}

static void naive_pack_bf16(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  uint16_t *target = packed;
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < pairs_of(depth) * 2; k++)
      *target++ = k < depth ? (uint16_t)(rounded_to_bf16(x[r * stride + k]) >> 16) : 0;
}

/// 32 inputs of a row with their common scale.
typedef struct {
  int8_t codes[CK_QUANTUM];
  float scale;
} naive_quantum;

static void naive_pack_8bit(const float *x, size_t stride, size_t rows, size_t depth, void *packed) {
  naive_quantum *quantum = packed;
  for (size_t r = 0; r < rows; r++)
    for (size_t first = 0; first < depth; first += CK_QUANTUM, quantum++) {
      size_t count = depth - first < CK_QUANTUM ? depth - first : CK_QUANTUM;
      quantum->scale = quantize(x + r * stride + first, count, quantum->codes);
    }
}

static float naive_sum_f32(const ck_product *t, size_t row, const void *panel, size_t lane, float sum) {
  const float *x = (const float *)t->inputs + row * t->depth;
  for (size_t k = 0; k < t->depth; k++) sum = fmaf(x[k], ((const float *)panel)[k * CK_LANES + lane], sum);
  return sum;
}

static float naive_add_bf16(const ck_product *t, size_t row, const void *panel, size_t lane, size_t k, float sum) {
  uint16_t x = ((const uint16_t *)t->inputs)[row * pairs_of(t->depth) * 2 + k];
  uint16_t weight = ((const uint16_t *)panel)[(k / 2 * CK_LANES + lane) * 2 + k % 2];
  return add_flushed(sum, bits_float((uint32_t)x << 16), bits_float((uint32_t)weight << 16));
}

static float naive_sum_bf16(const ck_product *t, size_t row, const void *panel, size_t lane) {
  float sum = 0;
  for (size_t k = 0; k < t->depth; k += 2) {
    sum = naive_add_bf16(t, row, panel, lane, k + 1, sum);
    sum = naive_add_bf16(t, row, panel, lane, k, sum);
  }
  return sum;
}

/// The value of a weight's q8 or q4 code.
static int32_t naive_code(const uint8_t *panel, uint32_t format, size_t lane, size_t k) {
  size_t block = k / CK_QUANTUM, i = k % CK_QUANTUM;
  if (format == CK_FORMAT_Q8)
    return panel[block * Q8_BLOCK_BYTES + (i / 4 * CK_LANES + lane) * 4 + i % 4] - Q8_OFFSET;
  uint8_t both = panel[block * Q4_BLOCK_BYTES + (i / 8 * CK_LANES + lane) * 4 + i % 4];
  return (i % 8 < 4 ? both & 15 : both >> 4) - Q4_OFFSET;
}

static float naive_scale(const uint8_t *panel, uint32_t format, size_t depth, size_t lane, size_t block) {
  size_t codes = quanta_of(depth) * (format == CK_FORMAT_Q8 ? Q8_BLOCK_BYTES : Q4_BLOCK_BYTES);
  uint16_t half;
  memcpy(&half, panel + codes + block * SCALE_BYTES + lane * 2, sizeof half);
  return bits_float((uint32_t)half << 16);
}

static float naive_sum_codes(const ck_product *t, uint32_t format, size_t row, const void *panel, size_t lane) {
  size_t quanta = quanta_of(t->depth);
  const naive_quantum *x = (const naive_quantum *)t->inputs + row * quanta;
  float sum = 0;
  for (size_t block = 0; block < quanta; block++) {
    int32_t dot = 0;
    for (size_t i = 0; i < CK_QUANTUM; i++)
      dot += x[block].codes[i] * naive_code(panel, format, lane, block * CK_QUANTUM + i);
    sum = fmaf((float)dot, naive_scale(panel, format, t->depth, lane, block) * x[block].scale, sum);
  }
  return sum;
}

/// `start` is what a sum of f32 weights continues from.
static float naive_sum(
    const ck_product *t, uint32_t format, size_t row, const void *panel, size_t lane, float start) {
  switch (format) {
    case CK_FORMAT_BF16: return naive_sum_bf16(t, row, panel, lane);
    case CK_FORMAT_Q8:
    case CK_FORMAT_Q4: return naive_sum_codes(t, format, row, panel, lane);
    case CK_FORMAT_F32: return naive_sum_f32(t, row, panel, lane, start);
    case CK_FORMAT_F16: return naive_sum_f16(t, row, panel, lane);
    default: return naive_sum_blocks(t, format, row, panel, lane);
  }
}

static void naive_multiply(
    const ck_product *t, uint32_t format, size_t panel_begin, size_t panel_end, size_t row_begin, size_t row_end) {
  size_t last = panel_end * CK_LANES < t->outputs ? panel_end * CK_LANES : t->outputs;
  for (size_t row = row_begin; row < row_end; row++) {
    for (size_t output = panel_begin * CK_LANES; output < last; output++) {
      const char *panel = (const char *)t->weights + output / CK_LANES * ck_panel_bytes(format, t->depth);
      float start = t->continues ? t->out[row * t->out_stride + output] : 0;
      float sum = naive_sum(t, format, row, panel, output % CK_LANES, start);
      if (t->bias) sum += t->bias[output];
      sum = naive_activation(t->activation, sum);
      if (t->residual) sum += t->residual[row * t->residual_stride + output];
      t->out[row * t->out_stride + output] = sum;
    }
  }
}

#define NAIVE_MULTIPLY(name, format)                                                                       \
  static void name(                                                                                        \
      const ck_product *t, size_t panel_begin, size_t panel_end, size_t row_begin, size_t row_end) {       \
    naive_multiply(t, format, panel_begin, panel_end, row_begin, row_end);                                 \
  }

NAIVE_MULTIPLY(naive_multiply_f32, CK_FORMAT_F32)
NAIVE_MULTIPLY(naive_multiply_bf16, CK_FORMAT_BF16)
NAIVE_MULTIPLY(naive_multiply_q8, CK_FORMAT_Q8)
NAIVE_MULTIPLY(naive_multiply_q4, CK_FORMAT_Q4)
NAIVE_MULTIPLY(naive_multiply_f16, CK_FORMAT_F16)
NAIVE_MULTIPLY(naive_multiply_q8_0, CK_FORMAT_Q8_0)
NAIVE_MULTIPLY(naive_multiply_q4_0, CK_FORMAT_Q4_0)
NAIVE_MULTIPLY(naive_multiply_q4_k, CK_FORMAT_Q4_K)
NAIVE_MULTIPLY(naive_multiply_q5_k, CK_FORMAT_Q5_K)
NAIVE_MULTIPLY(naive_multiply_q6_k, CK_FORMAT_Q6_K)

#endif
