// The matrix product of one number format. FORMAT is its name; FORMAT_* describe the layout of its weights and inputs.
// Included by products.h once per format.

#define JOIN_NAMES(a, b) a##_##b
#define JOIN(a, b) JOIN_NAMES(a, b)
#define NAMED(name) JOIN(name, FORMAT)

#ifndef FORMAT_AHEAD_BYTES
#define FORMAT_AHEAD_BYTES AHEAD_BYTES
#endif

#ifndef FORMAT_UNPACK
#define FORMAT_UNPACKED_BYTES FORMAT_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(rows, panels, x, part, begin, end, depth, sums) (void)depth
#endif

INLINE void NAMED(multiply_block)(
    const ck_product *t, const int rows, const int panels, const bool unpacked, const char *x, size_t row, size_t panel,
    const sum_part *part) {
  size_t depth = t->depth, steps = FORMAT_STEPS(depth), panel_bytes = ck_panel_bytes(FORMAT_CODE, depth);
  const char *w = (const char *)t->weights + panel * panel_bytes;
  v16 sums[ROW_BLOCK * 4];
  size_t begin = part->bounds[0], end = part->bounds[3];
  if (begin > 0) {
    UNROLL for (int i = 0; i < rows * panels; i++) sums[i] = load(part->carry + i * CK_LANES);
#ifdef FORMAT_CONTINUES
  } else if (t->continues) {
    begin_sums(t, rows, panels, row, panel, sums);
#endif
  } else {
    UNROLL for (int i = 0; i < rows * panels; i++) sums[i] = splat(0);
  }
#if defined(FORMAT_FLUSHES) && defined(BEGIN_FLUSHING)
  BEGIN_FLUSHING(rows * panels, sums);
#endif
  if (unpacked) {
    FORMAT_ACCUMULATE_UNPACKED(rows, panels, x, part, begin, end, depth, sums);
  } else {
    for (int i = 0; i < 3; i++) {
      size_t from = part->bounds[i], to = part->bounds[i + 1];
      if (part->ahead[i] != 0)
        NAMED(accumulate)(rows, panels, x, w, panel_bytes, depth, from, to, w + part->ahead[i], sums);
      else
        NAMED(accumulate)(rows, panels, x, w, panel_bytes, depth, from, to, NULL, sums);
    }
  }
#if defined(FORMAT_FLUSHES) && defined(BEGIN_FLUSHING)
  END_FLUSHING(rows * panels, sums);
#endif
  if (end < steps) {
    UNROLL for (int i = 0; i < rows * panels; i++) store(part->carry + i * CK_LANES, sums[i]);
  } else {
    finish(t, rows, panels, row, panel, sums);
  }
}

#define MULTIPLY_ROWS(n)                                                                                       \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_wide), n)(                                         \
      const ck_product *t, const char *x, size_t row, size_t panel, const sum_part *part) {                    \
    NAMED(multiply_block)(t, n, FORMAT_PANELS(n), false, x, row, panel, part);                                 \
  }                                                                                                            \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_narrow), n)(                                       \
      const ck_product *t, const char *x, size_t row, size_t panel, const sum_part *part) {                    \
    NAMED(multiply_block)(t, n, 1, false, x, row, panel, part);                                                \
  }

#ifdef FORMAT_UNPACK
#define MULTIPLY_UNPACKED_ROWS(n)                                                                              \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_wide_unpacked), n)(                                \
      const ck_product *t, const char *x, size_t row, size_t panel, const sum_part *part) {                    \
    NAMED(multiply_block)(t, n, FORMAT_PANELS(n), true, x, row, panel, part);                                  \
  }                                                                                                            \
  static __attribute__((noinline)) void JOIN(NAMED(multiply_narrow_unpacked), n)(                              \
      const ck_product *t, const char *x, size_t row, size_t panel, const sum_part *part) {                    \
    NAMED(multiply_block)(t, n, 1, true, x, row, panel, part);                                                 \
  }
#define SHAPE_OF(n)                                                                                            \
  {JOIN(NAMED(multiply_wide), n), JOIN(NAMED(multiply_narrow), n), JOIN(NAMED(multiply_wide_unpacked), n),     \
   JOIN(NAMED(multiply_narrow_unpacked), n), FORMAT_PANELS(n)}
#else
#define FORMAT_UNPACK NULL
#define MULTIPLY_UNPACKED_ROWS(n)
#define SHAPE_OF(n) {JOIN(NAMED(multiply_wide), n), JOIN(NAMED(multiply_narrow), n), NULL, NULL, FORMAT_PANELS(n)}
#endif

#define BOTH(n) MULTIPLY_ROWS(n) MULTIPLY_UNPACKED_ROWS(n)

BOTH(1)
BOTH(2)
BOTH(3)
BOTH(4)
#if ROW_BLOCK > 4
BOTH(5)
BOTH(6)
#endif
#if ROW_BLOCK > 6
BOTH(7)
BOTH(8)
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
  multiply_all(
      t, shapes, FORMAT_ROW_BYTES(t->depth), FORMAT_STEPS(t->depth), FORMAT_STEP_BYTES, FORMAT_AHEAD_BYTES,
      ck_panel_bytes(FORMAT_CODE, t->depth), FORMAT_UNPACK, FORMAT_UNPACKED_BYTES, panel_begin, panel_end,
      block_begin, block_end);
}

#undef BOTH
#undef MULTIPLY_UNPACKED_ROWS
#undef SHAPE_OF
#undef MULTIPLY_ROWS
#undef NAMED
#undef JOIN
#undef JOIN_NAMES
#undef FORMAT
#undef FORMAT_AHEAD_BYTES
#undef FORMAT_CODE
#undef FORMAT_PANELS
#undef FORMAT_STEPS
#undef FORMAT_STEP_BYTES
#undef FORMAT_ROW_BYTES
#undef FORMAT_FLUSHES
#undef FORMAT_CONTINUES
#undef FORMAT_UNPACK
#undef FORMAT_UNPACKED_BYTES
#undef FORMAT_ACCUMULATE_UNPACKED
