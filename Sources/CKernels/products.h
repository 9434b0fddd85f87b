// Matrix products: the loops around the inner loops of dots.h, for every number format. Included once per instruction
// set.

/// Applies bias, activation and residual to the sums of `rows` rows of `width` lanes, the first `count` of which are
/// outputs.
static void finish_rows(
    const ck_product *t, size_t rows, size_t row, size_t output, float *sums, size_t width, size_t count) {
  for (size_t r = 0; t->bias && r < rows; r++)
    for (size_t i = 0; i < count; i += CK_LANES)
      store(sums + r * width + i, load(sums + r * width + i) + load_upto(t->bias + output + i, count - i, 0));
  // Activate all sums in one call: a single activation is a long dependency chain, and many can overlap.
  if (t->activation != CK_IDENTITY) kernel_activate(t->activation, sums, sums, rows * width);
  for (size_t r = 0; r < rows; r++) {
    float *out = t->out + (row + r) * t->out_stride + output;
    const float *residual = t->residual ? t->residual + (row + r) * t->residual_stride + output : NULL;
    for (size_t i = 0; i < count; i += CK_LANES) {
      v16 v = load(sums + r * width + i);
      if (residual) v += load_upto(residual + i, count - i, 0);
      store_upto(out + i, v, count - i);
    }
  }
}

/// Writes the outputs of a block of rows for a group of panels.
INLINE void finish(const ck_product *t, const int rows, const int panels, size_t row, size_t panel, const v16 *sums) {
  size_t output = panel * CK_LANES, width = (size_t)panels * CK_LANES;
  size_t count = t->outputs - output < width ? t->outputs - output : width;
  if (t->activation == CK_IDENTITY && count == width) {
    UNROLL for (int r = 0; r < rows; r++) {
      float *out = t->out + (row + (size_t)r) * t->out_stride + output;
      UNROLL for (int p = 0; p < panels; p++) {
        v16 v = sums[r * panels + p];
        if (t->bias) v += load(t->bias + output + p * CK_LANES);
        if (t->residual) v += load(t->residual + (row + (size_t)r) * t->residual_stride + output + p * CK_LANES);
        store(out + p * CK_LANES, v);
      }
    }
    return;
  }
  float flat[ROW_BLOCK * 4 * CK_LANES];
  UNROLL for (int i = 0; i < rows * panels; i++) store(flat + i * CK_LANES, sums[i]);
  finish_rows(t, (size_t)rows, row, output, flat, width, count);
}

/// Reads the numbers that the sums of a block of rows continue from.
INLINE void begin_sums(const ck_product *t, const int rows, const int panels, size_t row, size_t panel, v16 *sums) {
  UNROLL for (int r = 0; r < rows; r++) {
    const float *out = t->out + (row + (size_t)r) * t->out_stride;
    UNROLL for (int p = 0; p < panels; p++) {
      size_t output = (panel + (size_t)p) * CK_LANES;
      sums[r * panels + p] = output < t->outputs ? load_upto(out + output, t->outputs - output, 0) : splat(0);
    }
  }
}

/// The part of a block's sums that one call computes, divided into three ranges of steps with their own prefetching.
typedef struct {
  /// Range i is `bounds[i] ..< bounds[i + 1]`, in steps of the format.
  size_t bounds[4];
  /// Prefetch distance of each range, in bytes ahead of the current weights; 0 for no prefetching.
  ptrdiff_t ahead[3];
  /// Storage for partial sums between two parts, `[rows][panels][16]`; null if one part computes the whole sum.
  float *carry;
  /// The part's weights, unpacked in the order of multiplication for use by many blocks of rows; else null.
  /// The panels are `unpacked_bytes` apart.
  const float *unpacked;
  size_t unpacked_bytes;
} sum_part;

/// Unpacks the steps `begin ..< end` of a panel, in the order of multiplication.
typedef void unpack_steps(const char *panel, size_t begin, size_t end, float *out);

/// Accumulates the steps `begin ..< end` of weights that are unpacked to floats, `per_step` of each lane a step.
INLINE void accumulate_floats(
    const size_t per_step, const int rows, const int panels, const char *x, const sum_part *part, size_t begin,
    size_t end, size_t depth, v16 *sums) {
  accumulate_f32(
      rows, panels, x + per_step * begin * (size_t)rows * 4, (const char *)part->unpacked, part->unpacked_bytes, depth,
      0, per_step * (end - begin), NULL, sums);
}

#if !defined(DOT_PAIRS) && defined(BEGIN_FLUSHING)
/// Unpacks bf16 pairs, odd elements first. f32 accumulation of the result equals bf16 accumulation, because MXCSR
/// flushes subnormal numbers.
static void unpack_pairs(const char *panel, size_t begin, size_t end, float *out) {
  for (size_t k = begin; k < end; k++, out += 2 * CK_LANES) {
    i16 pairs = load_ints(panel + k * 64);
    store(out, (v16)(pairs & (int32_t)0xffff0000));
    store(out + CK_LANES, (v16)(pairs << 16));
  }
}
#endif

typedef void multiply_some(const ck_product *t, const char *x, size_t row, size_t panel, const sum_part *part);

/// The functions for a block with a given number of rows: for `panels` panels or one, with packed or unpacked weights.
typedef struct {
  multiply_some *wide, *narrow, *wide_unpacked, *narrow_unpacked;
  size_t panels;
} block_shape;

#ifndef CHUNK_BYTES
/// Bytes of weights, over at most `CHUNK_PANELS` panels, that are multiplied with all blocks of rows before the next
/// are read, to stay in cache; 0 for no limit. Partial sums are stored in between, which does not change the order of
/// additions.
#define CHUNK_BYTES 0
#define CHUNK_PANELS 1
/// The number of row blocks from which on chunking is used.
#define MANY_BLOCKS 2
#endif

/// The number of row blocks for which partial sums can be stored: the most that the driver passes in one call.
#define CARRY_BLOCKS (CHUNK_BYTES > 0 ? CK_MOST_ROWS / ROW_BLOCK + 1 : 1)

/// Prefetches weights shortly before their use. While finishing these panels, prefetches the start of the next ones,
/// `distance` bytes ahead.
INLINE void prefetch_near(sum_part *part, size_t steps, size_t step_bytes, size_t ahead_bytes, size_t distance) {
  size_t lead = ahead_bytes > step_bytes ? ahead_bytes / step_bytes : 1, near = steps > lead ? steps - lead : 0;
  part->bounds[1] = near;
  part->ahead[0] = (ptrdiff_t)(lead * step_bytes);
  part->ahead[1] = (ptrdiff_t)distance - (ptrdiff_t)(near * step_bytes);
}

/// Prefetches this row block's share of the next weights, `distance` bytes ahead of this part's. After the last block,
/// all of them have been prefetched.
INLINE void prefetch_far(sum_part *part, size_t block, size_t blocks, size_t distance) {
  size_t begin = part->bounds[0], steps = part->bounds[3] - begin;
  part->bounds[1] = begin + steps * block / blocks;
  part->bounds[2] = begin + steps * (block + 1) / blocks;
  part->ahead[1] = (ptrdiff_t)distance;
}

/// The loops over panels and row blocks. A packed row of inputs has `row_bytes` bytes; a panel has `steps` steps of
/// `step_bytes` bytes, or of `unpacked_bytes` after `unpack`. With few rows, weights are prefetched `ahead_bytes` ahead.
static void multiply_all(
    const ck_product *t, const block_shape *shapes, size_t row_bytes, size_t steps, size_t step_bytes,
    size_t ahead_bytes, size_t panel_bytes, unpack_steps *unpack, size_t unpacked_bytes, size_t panel_begin,
    size_t panel_end, size_t block_begin, size_t block_end) {
  // A group of panels stays in cache while all row blocks are multiplied with it. Its width is the number of panels
  // that the first or the last block takes at once, because a last block of few rows is slow with a single panel: too
  // few accumulators to hide latency.
  size_t rows_at_first = t->rows - block_begin * ROW_BLOCK, rows_at_last = t->rows - (block_end - 1) * ROW_BLOCK;
  size_t first = shapes[(rows_at_first < ROW_BLOCK ? rows_at_first : ROW_BLOCK) - 1].panels;
  size_t rest = shapes[(rows_at_last < ROW_BLOCK ? rows_at_last : ROW_BLOCK) - 1].panels;
  size_t group = first > rest || block_end - block_begin >= MANY_BLOCKS ? first : rest;
  size_t blocks = block_end - block_begin, chunk = steps;
  float carry[CARRY_BLOCKS][ROW_BLOCK * CHUNK_PANELS * CK_LANES];
  float unpacked[CHUNK_BYTES > 0 ? CHUNK_BYTES / 4 : 1] __attribute__((aligned(64)));
  bool is_cut = CHUNK_BYTES > 0 && group <= CHUNK_PANELS && blocks >= MANY_BLOCKS && blocks <= CARRY_BLOCKS;
  if (is_cut) chunk = CHUNK_BYTES / group / (unpack ? unpacked_bytes : step_bytes);
  is_cut = is_cut && (unpack || chunk < steps);
  if (!is_cut) chunk = steps;
  size_t panels = (t->outputs + CK_LANES - 1) / CK_LANES, unpacked_floats = unpacked_bytes / sizeof(float) * chunk;
  for (size_t panel = panel_begin; panel < panel_end; panel += group) {
    size_t last = panel + group < panel_end ? panel + group : panel_end;
    size_t next = last < panel_end ? last : panel_begin + t->panels_to_next, begin = 0;
    if (next >= panels) next = panel;
    do {
      size_t end = steps - begin < chunk ? steps : begin + chunk;
      for (size_t p = panel; is_cut && unpack && p < last; p++)
        unpack((const char *)t->weights + p * panel_bytes, begin, end, unpacked + (p - panel) * unpacked_floats);
      for (size_t block = block_begin; block < block_end; block++) {
        size_t row = block * ROW_BLOCK;
        size_t rows = t->rows - row < ROW_BLOCK ? t->rows - row : ROW_BLOCK;
        const char *x = (const char *)t->inputs + row * row_bytes;
        const block_shape *shape = &shapes[rows - 1];
        sum_part part = {.bounds = {begin, end, end, end}, .unpacked_bytes = unpacked_floats * sizeof(float)};
        for (size_t p = panel; p < last;) {
          bool is_wide = p + shape->panels <= last;
          size_t taken = is_wide ? shape->panels : 1;
          if (is_cut) part.carry = carry[block - block_begin] + (p - panel) * rows * CK_LANES;
          if (is_cut && unpack) {
            part.unpacked = unpacked + (p - panel) * unpacked_floats;
            (is_wide ? shape->wide_unpacked : shape->narrow_unpacked)(t, x, row, p, &part);
          } else {
            if (!is_cut && block == block_begin && (panel == panel_begin || blocks == 1))
              prefetch_near(
                  &part, steps, step_bytes, ahead_bytes,
                  (p + taken == panel_end && next > p ? next - p : taken) * panel_bytes);
            else if (end < steps)
              prefetch_far(&part, block - block_begin, blocks, (end - begin) * step_bytes);
            else if (next > panel)
              prefetch_far(&part, block - block_begin, blocks, (next - panel) * panel_bytes - begin * step_bytes);
            (is_wide ? shape->wide : shape->narrow)(t, x, row, p, &part);
          }
          p += taken;
        }
      }
      begin = end;
    } while (begin < steps);
  }
}

#define FORMAT f32
#define FORMAT_CONTINUES
#define FORMAT_CODE CK_FORMAT_F32
#define FORMAT_PANELS(rows) F32_PANELS(rows)
#define FORMAT_STEPS(depth) (depth)
#define FORMAT_STEP_BYTES 64
#define FORMAT_ROW_BYTES(depth) ((depth) * 4)
#include "product_format.h"

#define FORMAT bf16
#if !defined(DOT_PAIRS) && defined(BEGIN_FLUSHING)
#define FORMAT_UNPACK unpack_pairs
#define FORMAT_UNPACKED_BYTES 128
#define FORMAT_ACCUMULATE_UNPACKED(...) accumulate_floats(2, __VA_ARGS__)
#endif
#define FORMAT_CODE CK_FORMAT_BF16
#define FORMAT_PANELS(rows) BF16_PANELS(rows)
#define FORMAT_STEPS(depth) pairs_of(depth)
#define FORMAT_STEP_BYTES 64
#define FORMAT_ROW_BYTES(depth) (pairs_of(depth) * PAIR_WORDS * 4)
#define FORMAT_FLUSHES
#include "product_format.h"

#define FORMAT q8
#define FORMAT_CODE CK_FORMAT_Q8
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) quanta_of(depth)
#define FORMAT_STEP_BYTES Q8_BLOCK_BYTES
#define FORMAT_ROW_BYTES(depth) (quanta_of(depth) * QUANTUM_WORDS * 4)
#include "product_format.h"

#define FORMAT q4
#define FORMAT_CODE CK_FORMAT_Q4
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) quanta_of(depth)
#define FORMAT_STEP_BYTES Q4_BLOCK_BYTES
#define FORMAT_ROW_BYTES(depth) (quanta_of(depth) * QUANTUM_WORDS * 4)
#include "product_format.h"

#include "stored_products.h"

static size_t kernel_panels_at_once(uint32_t format, size_t rows) {
  switch (format) {
    case CK_FORMAT_F32:
    case CK_FORMAT_F16: return F32_PANELS(rows);
    case CK_FORMAT_BF16: return BF16_PANELS(rows);
    default: return CODE_PANELS(rows);
  }
}
