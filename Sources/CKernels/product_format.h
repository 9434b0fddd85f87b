// The products of one number format: FORMAT names it, FORMAT_* say how its weights and inputs lie. Included by
// products.h once for each format.

#define JOIN_NAMES(a, b) a##_##b
#define JOIN(a, b) JOIN_NAMES(a, b)
#define NAMED(name) JOIN(name, FORMAT)

INLINE void NAMED(multiply_block)(
    const ck_product *t, const int rows, const int panels, const char *x, size_t row, size_t panel, bool prefetch) {
  size_t depth = t->depth, steps = FORMAT_STEPS(depth), panel_bytes = ck_panel_bytes(FORMAT_CODE, depth);
  const char *w = (const char *)t->weights + panel * panel_bytes;
  v16 sums[ROW_BLOCK * 4];
  UNROLL for (int i = 0; i < rows * panels; i++) sums[i] = splat(0);
  if (prefetch) {
    size_t lead = AHEAD_BYTES / FORMAT_STEP_BYTES, near = steps > lead ? steps - lead : 0;
    NAMED(accumulate)(rows, panels, x, w, panel_bytes, depth, 0, near, w + lead * FORMAT_STEP_BYTES, sums);
    // The end of these panels brings the beginning of the next ones.
    const char *next = w + (size_t)panels * panel_bytes - near * FORMAT_STEP_BYTES;
    NAMED(accumulate)(rows, panels, x, w, panel_bytes, depth, near, steps, next, sums);
  } else {
    NAMED(accumulate)(rows, panels, x, w, panel_bytes, depth, 0, steps, NULL, sums);
  }
  finish(t, rows, panels, row, panel, sums);
}

#define MULTIPLY_ROWS(n)                                                                                       \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_wide), n)(                                         \
      const ck_product *t, const char *x, size_t row, size_t panel, bool prefetch) {                           \
    NAMED(multiply_block)(t, n, FORMAT_PANELS(n), x, row, panel, prefetch);                                    \
  }                                                                                                            \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_narrow), n)(                                       \
      const ck_product *t, const char *x, size_t row, size_t panel, bool prefetch) {                           \
    NAMED(multiply_block)(t, n, 1, x, row, panel, prefetch);                                                   \
  }

#define SHAPE_OF(n) {JOIN(NAMED(multiply_wide), n), JOIN(NAMED(multiply_narrow), n), FORMAT_PANELS(n)}

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

static void NAMED(kernel_multiply)(
    const ck_product *t, size_t panel_begin, size_t panel_end, size_t block_begin, size_t block_end) {
  static const block_shape shapes[ROW_BLOCK] = {
      SHAPE_OF(1), SHAPE_OF(2), SHAPE_OF(3), SHAPE_OF(4),
#if ROW_BLOCK > 4
      SHAPE_OF(5), SHAPE_OF(6),
#endif
#if ROW_BLOCK > 6
      SHAPE_OF(7), SHAPE_OF(8),
#endif
  };
  multiply_all(t, shapes, FORMAT_ROW_BYTES(t->depth), panel_begin, panel_end, block_begin, block_end);
}

#undef SHAPE_OF
#undef MULTIPLY_ROWS
#undef NAMED
#undef JOIN
#undef JOIN_NAMES
#undef FORMAT
#undef FORMAT_CODE
#undef FORMAT_PANELS
#undef FORMAT_STEPS
#undef FORMAT_STEP_BYTES
#undef FORMAT_ROW_BYTES
