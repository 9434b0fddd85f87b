// Writes GGML's blocks into panels and reads single outputs back. `blocks.c` describes the blocks of files.

#include "block_panels.h"

static inline uint32_t word_at(const uint8_t *bytes, size_t index) {
  uint32_t word;
  memcpy(&word, bytes + index * sizeof word, sizeof word);
  return word;
}

/// The codes of group g of 32 inputs as the bytes of a word, for each of the eight groups.
typedef struct {
  uint32_t groups[CK_QUANTUM / 4];
} code_words;

/// The 32 codes `quantum` of a file's block.
static inline code_words codes_of_block(const uint8_t *block, uint32_t format, size_t quantum) {
  code_words codes;
  for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
    uint32_t word;
    switch (format) {
      case CK_FORMAT_Q8_0: word = word_at(block + 2, g) ^ 0x80808080; break;
      case CK_FORMAT_Q4_0: word = word_at(block + 2, g % 4) >> (g < 4 ? 0 : 4) & 0x0f0f0f0f; break;
      case CK_FORMAT_Q4_K: word = word_at(block + 16 + quantum / 2 * 32, g) >> quantum % 2 * 4 & 0x0f0f0f0f; break;
      case CK_FORMAT_Q5_K:
        word = word_at(block + 48 + quantum / 2 * 32, g) >> quantum % 2 * 4 & 0x0f0f0f0f;
        word |= (word_at(block + 16, g) >> quantum & 0x01010101) << 4;
        break;
      default:
        word = word_at(block + quantum / 4 * 64 + quantum % 2 * 32, g) >> quantum / 2 % 2 * 4 & 0x0f0f0f0f;
        word |= (word_at(block + 128 + quantum / 4 * 32, g) >> quantum % 4 * 2 & 0x03030303) << 4;
        break;
    }
    codes.groups[g] = word;
  }
  return codes;
}

/// Writes the codes of 32 inputs into a lane.
static inline void put_codes(block_layout l, code_words codes, size_t lane, uint8_t *target) {
  uint32_t high[2] = {0};
  for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
    uint32_t word = codes.groups[g];
    if (l.low_bits == 8) {
      memcpy(target + (g * CK_LANES + lane) * 4, &word, sizeof word);
    } else if (g % 2 == 1) {
      uint32_t both = (codes.groups[g - 1] & 0x0f0f0f0f) | (word & 0x0f0f0f0f) << 4;
      memcpy(target + (g / 2 * CK_LANES + lane) * 4, &both, sizeof both);
    }
    if (l.high_bits == 1) high[0] |= (word >> 4 & 0x01010101) << g;
    if (l.high_bits == 2) high[g / 4] |= (word >> 4 & 0x03030303) << 2 * (g % 4);
  }
  for (size_t i = 0; i < l.high_bits; i++)
    memcpy(target + CK_QUANTUM * CK_LANES / 2 + (i * CK_LANES + lane) * 4, &high[i], sizeof high[i]);
}

/// Reads what `put_codes` wrote.
static inline code_words take_codes(block_layout l, const uint8_t *source, size_t lane) {
  code_words codes;
  const uint8_t *high = source + CK_QUANTUM * CK_LANES / 2;
  for (size_t g = 0; g < CK_QUANTUM / 4; g++) {
    uint32_t word = l.low_bits == 8 ? word_at(source, g * CK_LANES + lane)
                                    : word_at(source, g / 2 * CK_LANES + lane) >> g % 2 * 4 & 0x0f0f0f0f;
    if (l.high_bits == 1) word |= (word_at(high, lane) >> g & 0x01010101) << 4;
    if (l.high_bits == 2) word |= (word_at(high, g / 4 * CK_LANES + lane) >> 2 * (g % 4) & 0x03030303) << 4;
    codes.groups[g] = word;
  }
  return codes;
}

/// The six-bit scale and minimum `j` of eight, out of the twelve bytes of Q4_K and Q5_K.
static inline uint8_t six_bit_scale(const uint8_t *x, size_t j) {
  return (uint8_t)(j < 4 ? x[j] & 63 : (x[j + 4] & 15) | x[j - 4] >> 6 << 4);
}

static inline uint8_t six_bit_minimum(const uint8_t *x, size_t j) {
  return (uint8_t)(j < 4 ? x[j + 4] & 63 : x[j + 4] >> 4 | x[j] >> 6 << 4);
}

/// Writes the scales of a file's block into a lane. `target` is the place of the scales.
static inline void put_scales(uint32_t format, const uint8_t *block, size_t lane, uint8_t *target) {
  switch (layout_of(format).scales) {
    case SINGLE_SCALE: memcpy(target + lane * 2, block, 2); break;
    case SIX_BIT_SCALES: {
      memcpy(target + lane * 2, block, 2);
      memcpy(target + SCALE_BYTES + lane * 2, block + 2, 2);
      uint8_t *bytes = target + 2 * SCALE_BYTES + lane;
      for (size_t j = 0; j < 8; j += 2, bytes += 3 * CK_LANES) {
        uint8_t second = six_bit_scale(block + 4, j + 1);
        bytes[0] = (uint8_t)(six_bit_scale(block + 4, j) | (second & 3) << 6);
        bytes[CK_LANES] = (uint8_t)(six_bit_minimum(block + 4, j) | (second >> 2 & 3) << 6);
        bytes[2 * CK_LANES] = (uint8_t)(six_bit_minimum(block + 4, j + 1) | second >> 4 << 6);
      }
      break;
    }
    case BYTE_SCALES:
      memcpy(target + lane * 2, block + 208, 2);
      for (size_t j = 0; j < 16; j++) target[SCALE_BYTES + j * CK_LANES + lane] = block[192 + j];
      break;
  }
}

static inline float half_in(const uint8_t *halves, size_t lane) {
  uint16_t half;
  memcpy(&half, halves + lane * 2, sizeof half);
  return from_f16(half);
}

/// The values of 32 weights of a lane, `quantum` of its block. Each step is rounded to f32, as in `blocks.c`.
static inline void unpack_quantum(block_layout l, const uint8_t *block, size_t quantum, size_t lane, float *out) {
  code_words codes = take_codes(l, block + quantum * quantum_code_bytes(l), lane);
  const uint8_t *scales = block + scales_place(l);
  float d = half_in(scales, lane), low = 0, pair[2] = {d, d};
  if (l.scales == SIX_BIT_SCALES) {
    const uint8_t *bytes = scales + 2 * SCALE_BYTES + quantum / 2 * 3 * CK_LANES + lane;
    uint8_t a = bytes[0], b = bytes[CK_LANES], c = bytes[2 * CK_LANES];
    bool is_second = quantum % 2 == 1;
    pair[0] = pair[1] = d * (float)(is_second ? a >> 6 | b >> 6 << 2 | c >> 6 << 4 : a & 63);
    low = half_in(scales + SCALE_BYTES, lane) * (float)((is_second ? c : b) & 63);
  } else if (l.scales == BYTE_SCALES) {
    for (size_t i = 0; i < 2; i++)
      pair[i] = d * (float)(int8_t)scales[SCALE_BYTES + (quantum * 2 + i) * CK_LANES + lane];
  }
  for (size_t i = 0; i < CK_QUANTUM; i++) {
    int32_t code = (int32_t)(codes.groups[i / 4] >> i % 4 * 8 & 255) - l.offset;
    float value = pair[i / 16] * (float)code;
    out[i] = l.scales == SIX_BIT_SCALES ? value - low : value;
  }
}

static inline __attribute__((always_inline)) void pack_lanes(
    const uint8_t *const *rows, size_t count, const uint32_t format, size_t block_bytes, size_t depth,
    size_t first_lane, uint8_t *panel) {
  block_layout l = layout_of(format);
  for (size_t b = 0; b < blocks_of(l, depth); b++, panel += panel_block_bytes(l))
    for (size_t i = 0; i < count; i++) {
      const uint8_t *block = rows[i] + b * block_bytes;
      for (size_t q = 0; q < l.quanta; q++)
        put_codes(l, codes_of_block(block, format, q), first_lane + i, panel + q * quantum_code_bytes(l));
      put_scales(format, block, first_lane + i, panel + scales_place(l));
    }
}

void ck_pack_block_lanes(
    const uint8_t *const *rows, size_t n, uint32_t format, size_t depth, size_t lane, uint8_t *panel) {
  switch (format) {
    case CK_FORMAT_Q8_0: pack_lanes(rows, n, CK_FORMAT_Q8_0, BLOCK_BYTES_Q8_0, depth, lane, panel); break;
    case CK_FORMAT_Q4_0: pack_lanes(rows, n, CK_FORMAT_Q4_0, BLOCK_BYTES_Q4_0, depth, lane, panel); break;
    case CK_FORMAT_Q4_K: pack_lanes(rows, n, CK_FORMAT_Q4_K, BLOCK_BYTES_Q4_K, depth, lane, panel); break;
    case CK_FORMAT_Q5_K: pack_lanes(rows, n, CK_FORMAT_Q5_K, BLOCK_BYTES_Q5_K, depth, lane, panel); break;
    default: pack_lanes(rows, n, CK_FORMAT_Q6_K, BLOCK_BYTES_Q6_K, depth, lane, panel); break;
  }
}

void ck_unpack_block_lane(const uint8_t *panel, uint32_t format, size_t depth, size_t lane, float *out) {
  block_layout l = layout_of(format);
  for (size_t b = 0; b < blocks_of(l, depth); b++, panel += panel_block_bytes(l))
    for (size_t q = 0; q < l.quanta; q++, out += CK_QUANTUM) unpack_quantum(l, panel, q, lane, out);
}
