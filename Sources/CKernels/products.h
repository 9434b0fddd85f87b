// Matrix products: what surrounds the sums of dots.h in every number format. Included once for each instruction set.

/// What follows the sum, for one row of `count` outputs that begin at `output`.
static void finish_row(const ck_product *t, size_t row, size_t output, const float *sums, size_t count) {
  float *out = t->out + row * t->out_stride + output;
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 v = load(sums + i);
    if (t->bias) v += load_upto(t->bias + output + i, left, 0);
    if (t->activation != CK_IDENTITY) v = activate16(t->activation, v);
    if (t->residual) v += load_upto(t->residual + row * t->residual_stride + output + i, left, 0);
    store_upto(out + i, v, left);
  }
}

/// The outputs of a block of rows in a group of panels.
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
  float flat[8 * CK_LANES];
  UNROLL for (int r = 0; r < rows; r++) {
    UNROLL for (int p = 0; p < panels; p++) store(flat + p * CK_LANES, sums[r * panels + p]);
    finish_row(t, row + (size_t)r, output, flat, count);
  }
}

typedef void multiply_some(const ck_product *t, const char *x, size_t row, size_t panel, bool prefetch);

/// How a block of so many rows is multiplied: with several panels at once, and with one.
typedef struct {
  multiply_some *wide, *narrow;
  size_t panels;
} block_shape;

/// The loops over panels and blocks of rows. `row_bytes` is what one packed row takes.
static void multiply_all(
    const ck_product *t, const block_shape *shapes, size_t row_bytes, size_t panel_begin, size_t panel_end,
    size_t block_begin, size_t block_end) {
  // A group of panels stays in the second-level cache while the blocks of rows pass by.
  size_t rows_at_first = t->rows - block_begin * ROW_BLOCK;
  size_t group = shapes[(rows_at_first < ROW_BLOCK ? rows_at_first : ROW_BLOCK) - 1].panels;
  bool prefetch = block_end - block_begin == 1;
  for (size_t panel = panel_begin; panel < panel_end; panel += group) {
    size_t last = panel + group < panel_end ? panel + group : panel_end;
    for (size_t block = block_begin; block < block_end; block++) {
      size_t row = block * ROW_BLOCK;
      size_t rows = t->rows - row < ROW_BLOCK ? t->rows - row : ROW_BLOCK;
      const char *x = (const char *)t->inputs + row * row_bytes;
      const block_shape *shape = &shapes[rows - 1];
      size_t p = panel;
      for (; p + shape->panels <= last; p += shape->panels) shape->wide(t, x, row, p, prefetch);
      for (; p < last; p++) shape->narrow(t, x, row, p, prefetch);
    }
  }
}

#define FORMAT f32
#define FORMAT_CODE CK_FORMAT_F32
#define FORMAT_PANELS(rows) F32_PANELS(rows)
#define FORMAT_STEPS(depth) (depth)
#define FORMAT_STEP_BYTES 64
#define FORMAT_ROW_BYTES(depth) ((depth) * 4)
#include "product_format.h"

#define FORMAT bf16
#define FORMAT_CODE CK_FORMAT_BF16
#define FORMAT_PANELS(rows) BF16_PANELS(rows)
#define FORMAT_STEPS(depth) pairs_of(depth)
#define FORMAT_STEP_BYTES 64
#define FORMAT_ROW_BYTES(depth) (pairs_of(depth) * 4)
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
