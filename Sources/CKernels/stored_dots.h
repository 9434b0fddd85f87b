// The inner loops of products with weights as files store them: f16, and GGML's blocks. Included once per instruction
// set, after dots.h.

/// Adds the products of input `k`.
INLINE void add_halves_at(
    const int rows, const int panels, const char *x, const char *w, size_t panel_bytes, size_t k, v16 *sums) {
  v16 weights[8];
  UNROLL for (int p = 0; p < panels; p++) weights[p] = HALVES(w + (size_t)p * panel_bytes + k * 32);
  UNROLL for (int r = 0; r < rows; r++) {
    v16 input = splat_float(x, k * (size_t)rows + (size_t)r);
    UNROLL for (int p = 0; p < panels; p++) sums[r * panels + p] = fma16(input, weights[p], sums[r * panels + p]);
  }
}

ACCUMULATE(accumulate_f16) {
  (void)depth;
  // The weights of two inputs fill a cache line.
  size_t k = begin;
  for (; k + 2 <= end; k += 2) {
    UNROLL for (int p = 0; ahead && p < panels; p++)
      prefetch_weights(ahead + (size_t)p * panel_bytes + k * 32);
    add_halves_at(rows, panels, x, w, panel_bytes, k, sums);
    add_halves_at(rows, panels, x, w, panel_bytes, k + 1, sums);
  }
  if (k < end) add_halves_at(rows, panels, x, w, panel_bytes, k, sums);
}

#ifdef CHUNK_BYTES
/// Unpacks f16 weights to f32.
static void unpack_halves(const char *panel, size_t begin, size_t end, float *out) {
  for (size_t k = begin; k < end; k++, out += CK_LANES) store(out, HALVES(panel + k * 32));
}
#endif

#ifndef ADD_HALVES
/// `sum` plus the products of the 16-bit halves of each lane.
#define ADD_HALVES(sum, a, b) ((sum) + DOT_HALVES(a, b))
#endif

/// Adds four products of weight and 16-bit input codes per lane to `sum`, for group `group` of row `row`.
INLINE i16 dot_wide_codes(i16 sum, i16 w, const char *inputs, size_t group, size_t rows, size_t row) {
  size_t index = group * 2 * rows + row;
  i16 even = w & 0x00ff00ff, odd = (i16)((pair32)w >> 8);
  sum = ADD_HALVES(sum, even, splat_word(inputs, index));
  return ADD_HALVES(sum, odd, splat_word(inputs, index + rows));
}

/// The codes of the groups `group` and `group + 1` of 32 inputs.
INLINE void load_codes(const block_layout l, const char *codes, size_t group, i16 out[2]) {
  if (l.low_bits == 8) {
    out[0] = load_ints(codes + group * 64);
    out[1] = load_ints(codes + group * 64 + 64);
    return;
  }
  i16 both = load_ints(codes + group * 32);
  out[0] = both & 0x0f0f0f0f;
  out[1] = both >> 4 & 0x0f0f0f0f;
  if (l.high_bits == 1) {
    i16 high = load_ints(codes + 256) >> (int32_t)group;
    out[0] |= (high & 0x01010101) << 4;
    out[1] |= (high & 0x02020202) << 3;
  } else if (l.high_bits == 2) {
    i16 high = load_ints(codes + 256 + group / 4 * 64) >> (int32_t)(group % 4 * 2);
    out[0] |= (high & 0x03030303) << 4;
    out[1] |= (high & 0x0c0c0c0c) << 2;
  }
}

typedef uint8_t byte16 __attribute__((ext_vector_type(16)));

INLINE byte16 load_bytes(const char *p) {
  byte16 bytes;
  memcpy(&bytes, p, sizeof bytes);
  return bytes;
}

INLINE v16 floats_of_bytes(byte16 bytes) { return __builtin_convertvector(__builtin_convertvector(bytes, i16), v16); }

/// The scales of 32 inputs of a panel's block, and their minima.
/// @param scales the place of the scales in the block.
/// @param d its f16 scale; `low` that of the minima.
INLINE v16 scale_of_quantum(
    const block_layout l, const char *scales, size_t quantum, v16 d, v16 low, v16 *minima) {
  if (l.scales == SIX_BIT_SCALES) {
    const char *bytes = scales + 2 * SCALE_BYTES + quantum / 2 * 3 * CK_LANES;
    byte16 a = load_bytes(bytes), b = load_bytes(bytes + CK_LANES), c = load_bytes(bytes + 2 * CK_LANES);
    bool is_second = quantum % 2 == 1;
    *minima = low * floats_of_bytes((is_second ? c : b) & 63);
    return d * floats_of_bytes(is_second ? a >> 6 | (b >> 6) << 2 | (c >> 6) << 4 : a & 63);
  }
  return d;
}

/// The byte scales of 16 inputs, half `half` of 32.
INLINE i16 byte_scales(const char *scales, size_t quantum, size_t half) {
  return __builtin_convertvector(
      (code16)load_bytes(scales + SCALE_BYTES + (quantum * 2 + half) * CK_LANES), i16);
}

/// Initializes the integer sums of a part (16 inputs with `BYTE_SCALES`, else 32) with -(sum of its inputs) * (offset of
/// the codes).
INLINE void begin_part(
    const block_layout l, const int rows, const int panels, const char *inputs, size_t part, size_t parts, i16 *dots) {
  UNROLL for (int r = 0; r < rows; r++) {
    i16 sum = (i16)0;
    if (l.offset != 0) {
      sum = splat_word(inputs, (WIDE_SUMS + part) * (size_t)rows + (size_t)r);
      if (parts == 1) sum += splat_word(inputs, (WIDE_SUMS + 1) * (size_t)rows + (size_t)r);
      sum = sum * -l.offset;
    }
    UNROLL for (int p = 0; p < panels; p++) dots[r * panels + p] = sum;
  }
}

/// Bytes of a block for each 32 inputs, with a share of its scales.
INLINE size_t share_of_quantum(const block_layout l) { return panel_block_bytes(l) / l.quanta; }

/// The number of cache lines of such a share.
INLINE size_t lines_of_quantum(const block_layout l) { return (share_of_quantum(l) + 63) / 64; }

/// Prefetches the lines of a share that remain if each two groups of inputs prefetch the same number.
INLINE void prefetch_rest(const block_layout l, const char *share) {
  for (size_t i = 0; i < lines_of_quantum(l) % 4; i++) prefetch_weights(share + i * 64);
}

/// Prefetches the lines of a share for the groups `group` and `group + 1`.
INLINE void prefetch_groups(const block_layout l, const char *share, size_t group) {
  const size_t lines = lines_of_quantum(l), count = lines / 4, first = lines % 4 + group / 2 * count;
  for (size_t i = 0; i < count; i++) prefetch_weights(share + (first + i) * 64);
}

/// Adds the products of the groups `begin ..< end` of 32 inputs to `dots`.
INLINE void dot_part(
    const block_layout l, const int rows, const int panels, const char *inputs, const char *codes, size_t panel_bytes,
    size_t begin, size_t end, const char *ahead, i16 *dots) {
  for (size_t g = begin; g < end; g += 2) {
    UNROLL for (int p = 0; p < panels; p++) {
      i16 pair[2];
      load_codes(l, codes + (size_t)p * panel_bytes, g, pair);
      if (ahead) prefetch_groups(l, ahead + (size_t)p * panel_bytes, g);
      UNROLL for (int r = 0; r < rows; r++) {
        i16 *dot = &dots[r * panels + p];
        *dot = dot_wide_codes(*dot, pair[0], inputs, g, (size_t)rows, (size_t)r);
        *dot = dot_wide_codes(*dot, pair[1], inputs, g + 1, (size_t)rows, (size_t)r);
      }
    }
  }
}

#if defined(DOT_BYTES) && !defined(DOT_TAKES_SIGNED)
#define DOT_SPLIT_INPUTS

/// `dot_part` for a single row. Each input is split into two signed bytes, 256 * high + low, so that weights are
/// multiplied as bytes, four in a lane.
INLINE void dot_split_part(
    const block_layout l, const int panels, const char *inputs, const char *codes, size_t panel_bytes, size_t begin,
    size_t end, const char *ahead, i16 *dots) {
  pair32 words = (pair32)load_ints(inputs), rounded = words + 0x80;
  byte64 bytes = (byte64)((words & 0x00ff) | (rounded & 0xff00));
  // The low bytes of four inputs, then their high bytes.
  bytes = __builtin_shufflevector(
      bytes, bytes, 0, 4, 2, 6, 1, 5, 3, 7, 8, 12, 10, 14, 9, 13, 11, 15, 16, 20, 18, 22, 17, 21, 19, 23, 24, 28, 26,
      30, 25, 29, 27, 31, 32, 36, 34, 38, 33, 37, 35, 39, 40, 44, 42, 46, 41, 45, 43, 47, 48, 52, 50, 54, 49, 53, 51,
      55, 56, 60, 58, 62, 57, 61, 59, 63);
  char split[CK_QUANTUM * 2];
  memcpy(split, &bytes, sizeof bytes);
  // Compiler barrier: reading a word of memory into all lanes takes no vector instruction, shuffling registers two.
  __asm__("" : "+m"(split));
  i16 high[4];
  UNROLL for (int p = 0; p < panels; p++) high[p] = (i16)0;
  UNROLL for (size_t g = begin; g < end; g += 2) {
    UNROLL for (int p = 0; p < panels; p++) {
      i16 pair[2];
      load_codes(l, codes + (size_t)p * panel_bytes, g, pair);
      if (ahead) prefetch_groups(l, ahead + (size_t)p * panel_bytes, g);
      UNROLL for (size_t i = 0; i < 2; i++) {
        dots[p] = DOT_BYTES(dots[p], pair[i], splat_word(split, (g + i) * 2));
        high[p] = DOT_BYTES(high[p], pair[i], splat_word(split, (g + i) * 2 + 1));
      }
    }
  }
  UNROLL for (int p = 0; p < panels; p++) dots[p] += high[p] << 8;
}
#endif

/// Accumulates `rows` x `panels` outputs over the blocks `begin ..< end`. The sums of 32 inputs are exact integers, with
/// their byte scales if the format has them. They are scaled and added in order, each followed by the minima of its
/// inputs.
INLINE void accumulate_blocks(
    const block_layout l, const int rows, const int panels, const char *x, const char *w, size_t panel_bytes,
    size_t begin, size_t end, const char *ahead, v16 *sums) {
  const size_t parts = l.scales == BYTE_SCALES ? 2 : 1, groups = CK_QUANTUM / 4 / parts;
  for (size_t b = begin; b < end; b++) {
    const size_t at = b * panel_block_bytes(l);
    v16 d[4], low[4];
    UNROLL for (int p = 0; p < panels; p++) {
      const char *scales = w + (size_t)p * panel_bytes + at + scales_place(l);
      d[p] = HALVES(scales);
      low[p] = l.scales == SIX_BIT_SCALES ? HALVES(scales + SCALE_BYTES) : splat(0);
    }
    for (size_t q = 0; q < l.quanta; q++) {
      const char *inputs = x + (b * l.quanta + q) * (size_t)rows * WIDE_WORDS * 4;
      const size_t codes = at + q * quantum_code_bytes(l);
      const char *next = ahead ? ahead + at + q * share_of_quantum(l) : NULL;
      UNROLL for (int p = 0; ahead && p < panels; p++) prefetch_rest(l, next + (size_t)p * panel_bytes);
      i16 whole[ROW_BLOCK * 4];
      UNROLL for (size_t part = 0; part < parts; part++) {
        i16 dots[ROW_BLOCK * 4];
        begin_part(l, rows, panels, inputs, part, parts, dots);
#ifdef DOT_SPLIT_INPUTS
        if (rows == 1)
          dot_split_part(l, panels, inputs, w + codes, panel_bytes, part * groups, (part + 1) * groups, next, dots);
        else
#endif
          dot_part(l, rows, panels, inputs, w + codes, panel_bytes, part * groups, (part + 1) * groups, next, dots);
        UNROLL for (int p = 0; p < panels; p++) {
          const char *scales = w + (size_t)p * panel_bytes + at + scales_place(l);
          i16 scale = l.scales == BYTE_SCALES ? byte_scales(scales, q, part) : (i16)1;
          UNROLL for (int i = p; i < rows * panels; i += panels)
            whole[i] = part == 0 ? dots[i] * scale : whole[i] + dots[i] * scale;
        }
      }
      UNROLL for (int p = 0; p < panels; p++) {
        v16 minima = splat(0);
        v16 scale = scale_of_quantum(l, w + (size_t)p * panel_bytes + at + scales_place(l), q, d[p], low[p], &minima);
        UNROLL for (int r = 0; r < rows; r++) {
          v16 *sum = &sums[r * panels + p];
          v16 factor = scale * splat_float(inputs, WIDE_SCALE * (size_t)rows + (size_t)r);
          *sum = fma16(__builtin_convertvector(whole[r * panels + p], v16), factor, *sum);
          if (l.scales == SIX_BIT_SCALES)
            *sum = fma16(minima, splat_float(inputs, WIDE_TOTAL * (size_t)rows + (size_t)r), *sum);
        }
      }
    }
  }
}

#ifdef CHUNK_BYTES
/// Bytes of 32 inputs of a panel that is unpacked for many rows: the codes less their offset, times their byte scales,
/// as 16-bit numbers in the order of the packed inputs; then the scales and the minima, `[16]` floats each.
#define UNPACKED_QUANTUM_BYTES (CK_QUANTUM * CK_LANES * 2 + 2 * CK_LANES * 4)

/// Unpacks the blocks `begin ..< end` of a panel.
INLINE void unpack_blocks(const block_layout l, const char *panel, size_t begin, size_t end, float *out) {
  for (size_t b = begin; b < end; b++) {
    const char *block = panel + b * panel_block_bytes(l), *scales = block + scales_place(l);
    v16 d = HALVES(scales), low = l.scales == SIX_BIT_SCALES ? HALVES(scales + SCALE_BYTES) : splat(0);
    for (size_t q = 0; q < l.quanta; q++) {
      for (size_t g = 0; g < CK_QUANTUM / 4; g += 2) {
        i16 pair[2], scale = l.scales == BYTE_SCALES ? byte_scales(scales, q, g / 4) : (i16)1;
        pair32 factor = (pair32)((scale & 0xffff) | scale << 16);
        load_codes(l, block + q * quantum_code_bytes(l), g, pair);
        UNROLL for (int i = 0; i < 2; i++, out += 2 * CK_LANES) {
          pair32 even = (pair32)(pair[i] & 0x00ff00ff), odd = (pair32)pair[i] >> 8;
          store(out, (v16)((even - (uint16_t)l.offset) * factor));
          store(out + CK_LANES, (v16)((odd - (uint16_t)l.offset) * factor));
        }
      }
      v16 minima = splat(0);
      store(out, scale_of_quantum(l, scales, q, d, low, &minima));
      store(out + CK_LANES, minima);
      out += 2 * CK_LANES;
    }
  }
}

/// `accumulate_blocks` over `count` times 32 inputs that are unpacked. The integer sums are the same.
INLINE void accumulate_unpacked(
    const block_layout l, const int rows, const int panels, const char *x, const char *w, size_t panel_bytes,
    size_t count, v16 *sums) {
  for (size_t q = 0; q < count; q++, x += (size_t)rows * WIDE_WORDS * 4, w += UNPACKED_QUANTUM_BYTES) {
    const char *scales = w + UNPACKED_QUANTUM_BYTES - 2 * CK_LANES * 4;
    i16 dots[ROW_BLOCK * 4];
    UNROLL for (int i = 0; i < rows * panels; i++) dots[i] = (i16)0;
    for (size_t i = 0; i < CK_QUANTUM / 2; i++) {
      i16 weights[4];
      UNROLL for (int p = 0; p < panels; p++) weights[p] = load_ints(w + (size_t)p * panel_bytes + i * 64);
      UNROLL for (int r = 0; r < rows; r++) {
        i16 input = splat_word(x, i * (size_t)rows + (size_t)r);
        UNROLL for (int p = 0; p < panels; p++)
          dots[r * panels + p] = ADD_HALVES(dots[r * panels + p], weights[p], input);
      }
    }
    UNROLL for (int p = 0; p < panels; p++) {
      v16 scale = (v16)load_ints(scales + (size_t)p * panel_bytes);
      v16 minima = (v16)load_ints(scales + (size_t)p * panel_bytes + 64);
      UNROLL for (int r = 0; r < rows; r++) {
        v16 *sum = &sums[r * panels + p];
        v16 factor = scale * splat_float(x, WIDE_SCALE * (size_t)rows + (size_t)r);
        *sum = fma16(__builtin_convertvector(dots[r * panels + p], v16), factor, *sum);
        if (l.scales == SIX_BIT_SCALES)
          *sum = fma16(minima, splat_float(x, WIDE_TOTAL * (size_t)rows + (size_t)r), *sum);
      }
    }
  }
}

#define UNPACK_BLOCKS(name, format)                                              \
  static void name(const char *panel, size_t begin, size_t end, float *out) {    \
    unpack_blocks(layout_of(format), panel, begin, end, out);                    \
  }

UNPACK_BLOCKS(unpack_q8_0, CK_FORMAT_Q8_0)
UNPACK_BLOCKS(unpack_q4_0, CK_FORMAT_Q4_0)
UNPACK_BLOCKS(unpack_q4_k, CK_FORMAT_Q4_K)
UNPACK_BLOCKS(unpack_q5_k, CK_FORMAT_Q5_K)
UNPACK_BLOCKS(unpack_q6_k, CK_FORMAT_Q6_K)
#endif

#define ACCUMULATE_BLOCKS(name, format)                                                                \
  ACCUMULATE(name) {                                                                                   \
    (void)depth;                                                                                       \
    accumulate_blocks(layout_of(format), rows, panels, x, w, panel_bytes, begin, end, ahead, sums);    \
  }

ACCUMULATE_BLOCKS(accumulate_q8_0, CK_FORMAT_Q8_0)
ACCUMULATE_BLOCKS(accumulate_q4_0, CK_FORMAT_Q4_0)
ACCUMULATE_BLOCKS(accumulate_q4_k, CK_FORMAT_Q4_K)
ACCUMULATE_BLOCKS(accumulate_q5_k, CK_FORMAT_Q5_K)
ACCUMULATE_BLOCKS(accumulate_q6_k, CK_FORMAT_Q6_K)
