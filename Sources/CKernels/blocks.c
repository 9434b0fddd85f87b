// Unpacks the quantized blocks of GGML (github.com/ggml-org/ggml; src/ggml-common.h describes their bytes). Each step
// of the format's definition is rounded to f32; tests compare the results with gguf-py bit for bit.

#include "CKernels.h"
#include "formats.h"

static inline float half_at(const uint8_t *bytes) { return from_f16((uint16_t)(bytes[0] | bytes[1] << 8)); }

static inline uint32_t word_at(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/// Code `i` of 32 in 16 bytes: the low nibbles of all bytes come before the high nibbles.
static inline uint32_t nibble(const uint8_t *codes, size_t i) { return i < 16 ? codes[i] & 15 : codes[i - 16] >> 4; }

// Blocks of 32.

static inline void unpack_Q4_0(const uint8_t *x, float *out) {
  float d = half_at(x);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)((int32_t)nibble(x + 2, i) - 8);
}

static inline void unpack_Q4_1(const uint8_t *x, float *out) {
  float d = half_at(x), m = half_at(x + 2);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)nibble(x + 4, i) + m;
}

static inline void unpack_Q5_0(const uint8_t *x, float *out) {
  float d = half_at(x);
  uint32_t high = word_at(x + 2);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)((int32_t)(nibble(x + 6, i) | (high >> i & 1) << 4) - 16);
}

static inline void unpack_Q5_1(const uint8_t *x, float *out) {
  float d = half_at(x), m = half_at(x + 2);
  uint32_t high = word_at(x + 4);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)(nibble(x + 8, i) | (high >> i & 1) << 4) + m;
}

static inline void unpack_Q8_0(const uint8_t *x, float *out) {
  float d = half_at(x);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)(int8_t)x[2 + i];
}

/// The sixteen values of the codes of iq4_nl and iq4_xs, and the values of mxfp4 in units of 1/2.
static const int8_t curve_of_iq4[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
static const int8_t halves_of_fp4[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

static inline void unpack_IQ4_NL(const uint8_t *x, float *out) {
  float d = half_at(x);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)curve_of_iq4[nibble(x + 2, i)];
}

static inline void unpack_MXFP4(const uint8_t *x, float *out) {
  // 2^(e - 128): half of the scale 2^(e - 127), because the values are in units of 1/2. For e = 0 and 1 the result is
  // subnormal.
  uint32_t e = x[0];
  float d = bits_float(e < 2 ? 0x00200000u << e : (e - 1) << 23);
  for (size_t i = 0; i < 32; i++) out[i] = d * (float)halves_of_fp4[nibble(x + 1, i)];
}

// Blocks of 256.

/// Code `i` of 256 two-bit codes in 64 bytes. Each 32 bytes hold four rows of 32 codes.
static inline uint32_t pair_at(const uint8_t *codes, size_t i) {
  return codes[i / 128 * 32 + i % 32] >> i / 32 % 4 * 2 & 3;
}

static inline void unpack_Q2_K(const uint8_t *x, float *out) {
  float d = half_at(x + 80), dmin = half_at(x + 82);
  for (size_t group = 0; group < 16; group++) {
    float scale = d * (float)(x[group] & 15), low = dmin * (float)(x[group] >> 4);
    for (size_t i = group * 16; i < group * 16 + 16; i++) out[i] = scale * (float)pair_at(x + 16, i) - low;
  }
}

static inline void unpack_Q3_K(const uint8_t *x, float *out) {
  const uint8_t *high = x, *codes = x + 32, *scales = x + 96;
  float d = half_at(x + 108);
  for (size_t group = 0; group < 16; group++) {
    uint32_t low_bits = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
    uint32_t high_bits = scales[8 + group % 4] >> group / 4 * 2 & 3;
    float scale = d * (float)((int32_t)(low_bits | high_bits << 4) - 32);
    for (size_t i = group * 16; i < group * 16 + 16; i++) {
      // Subtract the offset if the high bit is clear.
      int32_t offset = high[i % 32] >> i / 32 & 1 ? 0 : 4;
      out[i] = scale * (float)((int32_t)pair_at(codes, i) - offset);
    }
  }
}

/// The six-bit scale and minimum of group `j` of q4_k and q5_k, out of 12 bytes.
static inline void scale_and_minimum(const uint8_t *x, size_t j, float *scale, float *minimum) {
  if (j < 4) {
    *scale = (float)(x[j] & 63);
    *minimum = (float)(x[j + 4] & 63);
  } else {
    *scale = (float)((x[j + 4] & 15) | (x[j - 4] >> 6) << 4);
    *minimum = (float)(x[j + 4] >> 4 | (x[j] >> 6) << 4);
  }
}

static inline void unpack_Q4_K(const uint8_t *x, float *out) {
  float d = half_at(x), dmin = half_at(x + 2);
  for (size_t group = 0; group < 8; group++) {
    const uint8_t *codes = x + 16 + group / 2 * 32;
    float scale, minimum;
    scale_and_minimum(x + 4, group, &scale, &minimum);
    scale = d * scale;
    minimum = dmin * minimum;
    for (size_t i = 0; i < 32; i++) out[group * 32 + i] = scale * (float)(codes[i] >> group % 2 * 4 & 15) - minimum;
  }
}

static inline void unpack_Q5_K(const uint8_t *x, float *out) {
  const uint8_t *high = x + 16;
  float d = half_at(x), dmin = half_at(x + 2);
  for (size_t group = 0; group < 8; group++) {
    const uint8_t *codes = x + 48 + group / 2 * 32;
    float scale, minimum;
    scale_and_minimum(x + 4, group, &scale, &minimum);
    scale = d * scale;
    minimum = dmin * minimum;
    for (size_t i = 0; i < 32; i++) {
      uint32_t code = (codes[i] >> group % 2 * 4 & 15) | (high[i] >> group & 1) << 4;
      out[group * 32 + i] = scale * (float)code - minimum;
    }
  }
}

static inline void unpack_Q6_K(const uint8_t *x, float *out) {
  const uint8_t *low = x, *high = x + 128, *scales = x + 192;
  float d = half_at(x + 208);
  for (size_t i = 0; i < 256; i++) {
    uint32_t code = (low[i / 128 * 64 + i % 64] >> i / 64 % 2 * 4 & 15) | pair_at(high, i) << 4;
    out[i] = d * (float)(int8_t)scales[i / 16] * (float)((int32_t)code - 32);
  }
}

static inline void unpack_IQ4_XS(const uint8_t *x, float *out) {
  float d = half_at(x);
  uint32_t high = x[2] | (uint32_t)x[3] << 8;
  for (size_t group = 0; group < 8; group++) {
    uint32_t code = (x[4 + group / 2] >> group % 2 * 4 & 15) | (high >> 2 * group & 3) << 4;
    float scale = d * (float)((int32_t)code - 32);
    for (size_t i = 0; i < 32; i++)
      out[group * 32 + i] = scale * (float)curve_of_iq4[nibble(x + 8 + group * 16, i)];
  }
}

size_t ck_block_elements(uint32_t type) {
  switch (type) {
#define ELEMENTS(name, elements, bytes) \
  case CK_##name: return elements;
    EACH_BLOCK_TYPE(ELEMENTS)
#undef ELEMENTS
    default: return 1;
  }
}

size_t ck_block_bytes(uint32_t type) {
  switch (type) {
#define BYTES(name, elements, bytes) \
  case CK_##name: return bytes;
    EACH_BLOCK_TYPE(BYTES)
#undef BYTES
    case CK_F16: case CK_BF16: return 2;
    case CK_F64: return 8;
    default: return 4;
  }
}

void ck_unpack_blocks(const void *blocks, uint32_t type, float *out, size_t count) {
  const uint8_t *x = blocks;
  switch (type) {
#define UNPACK(name, elements, bytes) \
  case CK_##name: \
    for (size_t i = 0; i < count; i++) unpack_##name(x + i * bytes, out + i * elements); \
    break;
    EACH_BLOCK_TYPE(UNPACK)
#undef UNPACK
    default: break;
  }
}
