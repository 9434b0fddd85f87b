// Matrix products with packed panels. Each output is one chain of fused multiply-adds over k = 0, 1, 2, ..., so the
// blocks below may have any shape: they only decide how many chains run side by side. Included once for each
// instruction set.

/// `row_block` rows side by side, so that one pointer walks through a block's inputs in the order they are used.
static void kernel_pack_rows(const float *x, size_t stride, size_t rows, size_t depth, float *packed) {
  for (size_t first = 0; first < rows; first += ROW_BLOCK) {
    size_t n = rows - first < ROW_BLOCK ? rows - first : ROW_BLOCK;
    const float *source = x + first * stride;
    float *target = packed + first * depth;
    if (n == ROW_BLOCK) {
      for (size_t k = 0; k < depth; k++)
        UNROLL for (size_t r = 0; r < ROW_BLOCK; r++) target[k * ROW_BLOCK + r] = source[r * stride + k];
    } else {
      for (size_t k = 0; k < depth; k++)
        for (size_t r = 0; r < n; r++) target[k * n + r] = source[r * stride + k];
    }
  }
}

/// Lines of weights ahead of the sum that a product with few rows asks for: it is bound by memory.
#define AHEAD 24

/// `k_begin ..< k_end` of the sums of `rows` rows with `panels` panels, `panel_stride` floats apart.
INLINE void accumulate(
    const int rows, const int panels, const float *x, const float *w, size_t panel_stride, size_t k_begin, size_t k_end,
    const float *ahead, v16 *sums) {
  for (size_t k = k_begin; k < k_end; k++) {
    v16 weights[8];
    UNROLL for (int p = 0; p < panels; p++) {
      weights[p] = load(w + (size_t)p * panel_stride + k * CK_LANES);
      if (ahead) __builtin_prefetch(ahead + (size_t)p * panel_stride + k * CK_LANES, 0, 3);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      v16 input = splat(x[k * (size_t)rows + (size_t)r]);
      UNROLL for (int p = 0; p < panels; p++)
        sums[r * panels + p] = fma16(input, weights[p], sums[r * panels + p]);
    }
  }
}

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

INLINE void multiply_block(
    const ck_product *t, const int rows, const int panels, const float *x, size_t row, size_t panel, bool prefetch) {
  size_t depth = t->depth, panel_stride = depth * CK_LANES;
  const float *w = (const float *)t->weights + panel * panel_stride;
  v16 sums[ROW_BLOCK * 8];
  UNROLL for (int i = 0; i < rows * panels; i++) sums[i] = splat(0);
  if (prefetch) {
    size_t near = depth > AHEAD ? depth - AHEAD : 0;
    accumulate(rows, panels, x, w, panel_stride, 0, near, w + AHEAD * CK_LANES, sums);
    // The end of these panels brings the beginning of the next ones.
    const float *next = w + (size_t)panels * panel_stride - near * CK_LANES;
    accumulate(rows, panels, x, w, panel_stride, near, depth, next, sums);
  } else {
    accumulate(rows, panels, x, w, panel_stride, 0, depth, NULL, sums);
  }
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
  } else {
    float flat[8 * CK_LANES];
    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int p = 0; p < panels; p++) store(flat + p * CK_LANES, sums[r * panels + p]);
      finish_row(t, row + (size_t)r, output, flat, count);
    }
  }
}

#define MULTIPLY_ROWS(n)                                                                                  \
  static __attribute__((noinline)) void multiply_wide_##n(                                                \
      const ck_product *t, const float *x, size_t row, size_t panel, bool prefetch) {                     \
    multiply_block(t, n, PANELS_FOR_##n, x, row, panel, prefetch);                                        \
  }                                                                                                       \
  static __attribute__((noinline)) void multiply_narrow_##n(                                              \
      const ck_product *t, const float *x, size_t row, size_t panel, bool prefetch) {                     \
    multiply_block(t, n, 1, x, row, panel, prefetch);                                                     \
  }

MULTIPLY_ROWS(1)
MULTIPLY_ROWS(2)
MULTIPLY_ROWS(3)
MULTIPLY_ROWS(4)
#if ROW_BLOCK > 4
MULTIPLY_ROWS(5)
MULTIPLY_ROWS(6)
#endif
#if ROW_BLOCK > 6
MULTIPLY_ROWS(7)
MULTIPLY_ROWS(8)
#endif

typedef struct {
  void (*wide)(const ck_product *t, const float *x, size_t row, size_t panel, bool prefetch);
  void (*narrow)(const ck_product *t, const float *x, size_t row, size_t panel, bool prefetch);
  size_t panels;
} block_shape;

#define BLOCK_SHAPE(n) {multiply_wide_##n, multiply_narrow_##n, PANELS_FOR_##n}

static const block_shape block_shapes[ROW_BLOCK] = {
    BLOCK_SHAPE(1), BLOCK_SHAPE(2), BLOCK_SHAPE(3), BLOCK_SHAPE(4),
#if ROW_BLOCK > 4
    BLOCK_SHAPE(5), BLOCK_SHAPE(6),
#endif
#if ROW_BLOCK > 6
    BLOCK_SHAPE(7), BLOCK_SHAPE(8),
#endif
};

static void kernel_multiply_f32(
    const ck_product *t, size_t panel_begin, size_t panel_end, size_t block_begin, size_t block_end) {
  // A group of panels stays in the second-level cache while the blocks of rows pass by.
  size_t rows_at_first = t->rows - block_begin * ROW_BLOCK;
  size_t group = block_shapes[(rows_at_first < ROW_BLOCK ? rows_at_first : ROW_BLOCK) - 1].panels;
  bool prefetch = block_end - block_begin == 1;
  for (size_t panel = panel_begin; panel < panel_end; panel += group) {
    size_t last = panel + group < panel_end ? panel + group : panel_end;
    for (size_t block = block_begin; block < block_end; block++) {
      size_t row = block * ROW_BLOCK;
      size_t rows = t->rows - row < ROW_BLOCK ? t->rows - row : ROW_BLOCK;
      const float *x = t->inputs + row * t->depth;
      const block_shape *shape = &block_shapes[rows - 1];
      size_t p = panel;
      for (; p + shape->panels <= last; p += shape->panels) shape->wide(t, x, row, p, prefetch);
      for (; p < last; p++) shape->narrow(t, x, row, p, prefetch);
    }
  }
}
