// From stored weights to panels of 16 outputs, and back to single rows.

#include <string.h>

#include "CKernels.h"
#include "formats.h"
#include "lanes_of_weights.h"

/// Exact: f32 holds every half-precision number. Without branches, so that loops over it become vector code.
static inline float from_f16(uint16_t h) {
  // The exponent moves by multiplication, which also turns subnormal numbers into normal ones.
  uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
  float scaled;
  memcpy(&scaled, &magnitude, sizeof scaled);
  scaled *= 0x1p112f;
  uint32_t bits;
  memcpy(&bits, &scaled, sizeof bits);
  // Infinities and NaNs keep their payload.
  uint32_t special = (h & 0x7c00) == 0x7c00 ? 0x7f800000u : 0;
  bits |= special | (uint32_t)(h & 0x8000) << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

void ck_round_to_bf16(const float *x, size_t count, uint16_t *out, size_t stride) {
  for (size_t i = 0; i < count; i++) out[i * stride] = (uint16_t)(rounded_to_bf16(x[i]) >> 16);
}

static inline float from_bf16(uint16_t b) {
  uint32_t bits = (uint32_t)b << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
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
    default: memcpy(out, x, count * sizeof(float)); break;
  }
}

enum { STRIP = 64 };

/// Lanes `lane_begin ..< lane_end` of one panel; `output` is the weights' output in lane `lane_begin`.
static inline __attribute__((always_inline)) void pack_panel(
    const ck_weights *w, const uint32_t type, size_t output, size_t lane_begin, size_t lane_end, float *panel) {
  if (w->output_stride == 1) {
    for (size_t k = 0; k < w->depth; k++)
      for (size_t lane = lane_begin; lane < lane_end; lane++)
        panel[k * CK_LANES + lane] = element(w->bytes, type, k * w->input_stride + output + lane - lane_begin);
    return;
  }
  // Strips of k, so that the 16 rows being read and the panel being written both stay in the first-level cache.
  for (size_t first = 0; first < w->depth; first += STRIP) {
    size_t last = w->depth - first < STRIP ? w->depth : first + STRIP;
    for (size_t lane = lane_begin; lane < lane_end; lane++) {
      size_t row = (output + lane - lane_begin) * w->output_stride;
      for (size_t k = first; k < last; k++)
        panel[k * CK_LANES + lane] = element(w->bytes, type, row + k * w->input_stride);
    }
  }
}

/// One output in a rounded format, block by block.
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
    default: return depth * CK_LANES * sizeof(float);
  }
}

static void pack_panel_f32(const ck_weights *w, size_t output, size_t lane_begin, size_t lane_end, float *panel) {
  switch (w->type) {
    case CK_F16: pack_panel(w, CK_F16, output, lane_begin, lane_end, panel); break;
    case CK_BF16: pack_panel(w, CK_BF16, output, lane_begin, lane_end, panel); break;
    case CK_F64: pack_panel(w, CK_F64, output, lane_begin, lane_end, panel); break;
    default: pack_panel(w, CK_F32, output, lane_begin, lane_end, panel); break;
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

void ck_unpack_weights(const void *panels, uint32_t format, size_t depth, size_t output, float *out) {
  const char *panel = (const char *)panels + output / CK_LANES * ck_panel_bytes(format, depth);
  unpack_lane(panel, format, depth, output % CK_LANES, out);
}
