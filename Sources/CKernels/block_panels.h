// Panels of GGML's blocks: the codes and scales of the file, rearranged for 16 outputs.
//
// A panel is a sequence of blocks, each with the bytes of one block of each of its 16 outputs.
//
// First come the codes, for every 32 inputs: `[8][16][4]` bytes (8 bits), or `[4][16][4]` bytes that hold two codes, k
// in the low bits and k + 4 in the high bits (4, 5 and 6 bits). The bits above the fourth follow in words of 32 bits,
// `[16]` or `[2][16]`. With g for a group of four inputs and j for an input of it, the fifth bit of five is at 8 j + g;
// the upper two of six are at 8 j + 2 (g mod 4), in the first word for g < 4.
//
// Then come the scales: `[16]` f16 and what `block_scales` says.
#ifndef CKERNELS_BLOCK_PANELS_H
#define CKERNELS_BLOCK_PANELS_H

#include "formats.h"

/// The scales of a block.
typedef enum {
  /// One f16.
  SINGLE_SCALE,
  /// An f16 for scales and one for minima, `[16]` each; then for every 64 inputs `[3][16]` bytes. Their low six bits
  /// are the first scale, the first minimum and the second minimum. Their upper two bits are the second scale, the
  /// lowest bits first.
  SIX_BIT_SCALES,
  /// One f16, then a signed byte for every 16 inputs, `[16][16]`.
  BYTE_SCALES,
} block_scales;

/// A block of a format.
typedef struct {
  /// The number of 32 inputs in a block.
  size_t quanta;
  /// Bits of a code: the low ones, stored as bytes or halves of bytes, and the high ones, stored apart.
  size_t low_bits, high_bits;
  /// The number that is subtracted from a code.
  int32_t offset;
  block_scales scales;
} block_layout;

/// The layout of a format from `CK_FORMAT_Q8_0` on.
static inline __attribute__((always_inline)) block_layout layout_of(const uint32_t format) {
  switch (format) {
    case CK_FORMAT_Q8_0: return (block_layout){1, 8, 0, 128, SINGLE_SCALE};
    case CK_FORMAT_Q4_0: return (block_layout){1, 4, 0, 8, SINGLE_SCALE};
    case CK_FORMAT_Q4_K: return (block_layout){8, 4, 0, 0, SIX_BIT_SCALES};
    case CK_FORMAT_Q5_K: return (block_layout){8, 4, 1, 0, SIX_BIT_SCALES};
    default: return (block_layout){8, 4, 2, 32, BYTE_SCALES};
  }
}

static inline bool has_blocks(uint32_t format) { return format >= CK_FORMAT_Q8_0; }

/// Bytes of the codes of 32 inputs.
static inline size_t quantum_code_bytes(block_layout l) {
  return CK_QUANTUM * CK_LANES * (l.low_bits + l.high_bits) / 8;
}

/// The place of the scales in a block.
static inline size_t scales_place(block_layout l) { return l.quanta * quantum_code_bytes(l); }

/// Bytes of a block of a panel.
static inline size_t panel_block_bytes(block_layout l) {
  switch (l.scales) {
    case SIX_BIT_SCALES: return scales_place(l) + 2 * SCALE_BYTES + l.quanta / 2 * 3 * CK_LANES;
    case BYTE_SCALES: return scales_place(l) + SCALE_BYTES + l.quanta * 2 * CK_LANES;
    default: return scales_place(l) + SCALE_BYTES;
  }
}

/// The number of blocks of `depth` inputs, which is a multiple of a block.
static inline size_t blocks_of(block_layout l, size_t depth) { return depth / (l.quanta * CK_QUANTUM); }

/// Writes the blocks of `count` outputs, as a file stores them, into the lanes from `first_lane` on of a panel.
void ck_pack_block_lanes(
    const uint8_t *const *rows, size_t count, uint32_t format, size_t depth, size_t first_lane, uint8_t *panel);

/// The weights in a lane, with the values that the format defines.
void ck_unpack_block_lane(const uint8_t *panel, uint32_t format, size_t depth, size_t lane, float *out);

#endif
