// Packs stored weights into panels of 16 outputs, and unpacks single outputs.

#include <string.h>

#include "CKernels.h"
#include "block_panels.h"
#include "formats.h"

/// The scale of a block as bf16, rounded away from zero so that every code stays in its range.
static inline uint16_t scale_to_bf16(float scale) {
  uint32_t bits = float_bits(scale);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return (uint16_t)((bits + 0xffff) >> 16);
}

/// The multiple of `scale` nearest to `x`, clamped to `low ... high`.
static inline int32_t code_of(float x, float scale, int32_t low, int32_t high) {
  if (!(scale > 0 || scale < 0)) return 0;
  float code = rintf(x / scale);
  return code > (float)high ? high : code < (float)low ? low : (int32_t)code;
}

/// The q4 scale of up to 32 weights. The weight of largest magnitude gets code -8, so that all sixteen codes can occur.
static inline float scale_of_q4(const float *x, size_t count) {
  float largest = 0;
  for (size_t i = 0; i < count; i++)
    if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
  return finite_magnitude(x, count) < INFINITY ? largest / -8.0f : NAN;
}

/// Packs one block of at most 32 weights into a lane.
static inline void pack_quantum(
    const float *x, size_t count, uint32_t format, size_t lane, uint8_t *codes, uint16_t *scales) {
  bool is_q8 = format == CK_FORMAT_Q8;
  uint16_t half = scale_to_bf16(is_q8 ? finite_magnitude(x, count) / 127.0f : scale_of_q4(x, count));
  float scale = from_bf16(half);
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
        out[k] = from_bf16(((const uint16_t *)panel)[(k / 2 * CK_LANES + lane) * 2 + k % 2]);
      break;
    case CK_FORMAT_F16:
      for (size_t k = 0; k < depth; k++) out[k] = from_f16(((const uint16_t *)panel)[k * CK_LANES + lane]);
      break;
    case CK_FORMAT_Q8:
    case CK_FORMAT_Q4:
      for (size_t q = 0; q < quanta; q++) {
        const uint16_t *scales = (const uint16_t *)(panel + quanta * code_bytes(format)) + q * CK_LANES;
        size_t left = depth - q * CK_QUANTUM;
        unpack_quantum(
            (const uint8_t *)panel + q * code_bytes(format), from_bf16(scales[lane]), format, lane,
            left < CK_QUANTUM ? left : CK_QUANTUM, out + q * CK_QUANTUM);
      }
      break;
    default: ck_unpack_block_lane((const uint8_t *)panel, format, depth, lane, out); break;
  }
}

void ck_round_to_bf16(const float *x, size_t count, uint16_t *out, size_t stride) {
  for (size_t i = 0; i < count; i++) out[i * stride] = (uint16_t)(rounded_to_bf16(x[i]) >> 16);
}

static inline float element(const void *bytes, uint32_t type, size_t index) {
  uint16_t half;
  float single;
  double wide;
  switch (type) {
    case CK_F16: memcpy(&half, (const char *)bytes + index * 2, sizeof half); return from_f16(half);
    case CK_BF16: memcpy(&half, (const char *)bytes + index * 2, sizeof half); return from_bf16(half);
    case CK_F64: memcpy(&wide, (const char *)bytes + index * 8, sizeof wide); return (float)wide;
    default: memcpy(&single, (const char *)bytes + index * 4, sizeof single); return single;
  }
}

static inline __attribute__((always_inline)) void convert(
    const void *x, const uint32_t type, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = element(x, type, i);
}

void ck_convert(const void *x, uint32_t type, float *out, size_t count) {
  switch (type) {
    case CK_F16: convert(x, CK_F16, out, count); break;
    case CK_BF16: convert(x, CK_BF16, out, count); break;
    case CK_F64: convert(x, CK_F64, out, count); break;
    case CK_F32: memcpy(out, x, count * sizeof(float)); break;
    default:
      if (type < CK_Q4_0)
        convert(x, type, out, count);
      else
        ck_unpack_blocks(x, type, out, count / ck_block_elements(type));
      break;
  }
}

enum { STRIP = 64 };

/// Packs lanes `lane_begin ..< lane_end` of one panel as f32. `output` is the index in `w` of the output in lane
/// `lane_begin`.
static inline __attribute__((always_inline)) void pack_panel(
    const ck_weights *w, const uint32_t type, size_t output, size_t lane_begin, size_t lane_end, float *panel) {
  if (w->output_stride == 1) {
    for (size_t k = 0; k < w->depth; k++)
      for (size_t lane = lane_begin; lane < lane_end; lane++)
        panel[k * CK_LANES + lane] = element(w->bytes, type, k * w->input_stride + output + lane - lane_begin);
    return;
  }
  // Work in strips of k, so that the 16 rows being read and the part of the panel being written stay in the L1 cache.
  for (size_t first = 0; first < w->depth; first += STRIP) {
    size_t last = w->depth - first < STRIP ? w->depth : first + STRIP;
    for (size_t lane = lane_begin; lane < lane_end; lane++) {
      size_t row = (output + lane - lane_begin) * w->output_stride;
      for (size_t k = first; k < last; k++)
        panel[k * CK_LANES + lane] = element(w->bytes, type, row + k * w->input_stride);
    }
  }
}

/// Packs one output in a rounded format, block by block.
static void pack_lane(const ck_weights *w, uint32_t format, size_t output, size_t lane, char *panel) {
  size_t quanta = quanta_of(w->depth);
  for (size_t q = 0; q < quanta; q++) {
    float x[CK_QUANTUM] = {0};
    size_t first = q * CK_QUANTUM, count = w->depth - first < CK_QUANTUM ? w->depth - first : CK_QUANTUM;
    size_t at = output * w->output_stride + first * w->input_stride;
    for (size_t i = 0; i < count; i++) x[i] = element(w->bytes, w->type, at + i * w->input_stride);
    if (format == CK_FORMAT_BF16) {
      uint16_t *target = (uint16_t *)panel;
      for (size_t k = first; k < first + count + count % 2; k++)
        target[(k / 2 * CK_LANES + lane) * 2 + k % 2] = (uint16_t)(rounded_to_bf16(x[k - first]) >> 16);
    } else {
      uint16_t *scales = (uint16_t *)(panel + quanta * code_bytes(format)) + q * CK_LANES;
      pack_quantum(x, count, format, lane, (uint8_t *)panel + q * code_bytes(format), scales);
    }
  }
}

size_t ck_panel_bytes(uint32_t format, size_t depth) {
  switch (format) {
    case CK_FORMAT_BF16: return pairs_of(depth) * CK_LANES * 4;
    case CK_FORMAT_Q8: return quanta_of(depth) * (Q8_BLOCK_BYTES + SCALE_BYTES);
    case CK_FORMAT_Q4: return quanta_of(depth) * (Q4_BLOCK_BYTES + SCALE_BYTES);
    case CK_FORMAT_F32: return depth * CK_LANES * sizeof(float);
    case CK_FORMAT_F16: return depth * CK_LANES * sizeof(uint16_t);
    default: return blocks_of(layout_of(format), depth) * panel_block_bytes(layout_of(format));
  }
}

static void pack_panel_f32(const ck_weights *w, size_t output, size_t lane_begin, size_t lane_end, float *panel) {
  switch (w->type) {
    case CK_F16: pack_panel(w, CK_F16, output, lane_begin, lane_end, panel); break;
    case CK_BF16: pack_panel(w, CK_BF16, output, lane_begin, lane_end, panel); break;
    case CK_F64: pack_panel(w, CK_F64, output, lane_begin, lane_end, panel); break;
    case CK_F32: pack_panel(w, CK_F32, output, lane_begin, lane_end, panel); break;
    default: pack_panel(w, w->type, output, lane_begin, lane_end, panel); break;
  }
}

void ck_pack_weights(
    const ck_weights *w, uint32_t format, size_t first_output, size_t panel_begin, size_t panel_end, void *panels) {
  for (size_t p = panel_begin; p < panel_end; p++) {
    size_t begin = p * CK_LANES, end = begin + CK_LANES;
    size_t from = begin > first_output ? begin : first_output;
    size_t to = end < first_output + w->outputs ? end : first_output + w->outputs;
    if (from >= to) continue;
    char *panel = (char *)panels + p * ck_panel_bytes(format, w->depth);
    size_t output = from - first_output;
    if (format == CK_FORMAT_F32) {
      pack_panel_f32(w, output, from - begin, to - begin, (float *)panel);
    } else {
      for (size_t i = 0; i < to - from; i++) pack_lane(w, format, output + i, from - begin + i, panel);
    }
  }
}

uint32_t ck_format_of(uint32_t type) {
  switch (type) {
    case CK_F16: return CK_FORMAT_F16;
    case CK_Q8_0: return CK_FORMAT_Q8_0;
    case CK_Q4_0: return CK_FORMAT_Q4_0;
    case CK_Q4_K: return CK_FORMAT_Q4_K;
    case CK_Q5_K: return CK_FORMAT_Q5_K;
    case CK_Q6_K: return CK_FORMAT_Q6_K;
    default: return CK_FORMAT_F32;
  }
}

void ck_pack_stored_rows(
    const void *const *rows, size_t count, size_t stride, uint32_t format, size_t depth, size_t first_lane,
    void *panel) {
  if (format != CK_FORMAT_F16) {
    ck_pack_block_lanes((const uint8_t *const *)rows, count, format, depth, first_lane, panel);
    return;
  }
  char *lanes = (char *)panel + first_lane * 2;
  for (size_t k = 0; k < depth; k++, lanes += CK_LANES * 2)
    for (size_t i = 0; i < count; i++) memcpy(lanes + i * 2, (const char *)rows[i] + k * stride * 2, 2);
}

void ck_unpack_weights(const void *panels, uint32_t format, size_t depth, size_t output, float *out) {
  const char *panel = (const char *)panels + output / CK_LANES * ck_panel_bytes(format, depth);
  unpack_lane(panel, format, depth, output % CK_LANES, out);
}
