// The matrix products with weights as files store them, over the inner loops of stored_dots.h. Included by products.h.

#define FORMAT f16
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_halves
#define FORMAT_UNPACKED_BYTES 64
#define FORMAT_ACCUMULATE_UNPACKED(...) accumulate_floats(1, __VA_ARGS__)
#endif
#define FORMAT_CODE CK_FORMAT_F16
#define FORMAT_PANELS(rows) F32_PANELS(rows)
#define FORMAT_STEPS(depth) (depth)
#define FORMAT_STEP_BYTES 32
#define FORMAT_ROW_BYTES(depth) ((depth) * 4)
#include "product_format.h"

// GGML's blocks: a step is a block.

#define BLOCK_LAYOUT layout_of(FORMAT_CODE)
#define BLOCK_ROW_BYTES(depth) (quanta_of(depth) * WIDE_WORDS * 4)
/// Two blocks of 256 inputs of Q4_K, or eight blocks of 32 of Q4_0. These are measured values.
#define BLOCK_AHEAD_BYTES (BLOCK_LAYOUT.quanta > 1 ? 4608 : 2304)
#define UNPACKED_STEP_BYTES (BLOCK_LAYOUT.quanta * UNPACKED_QUANTUM_BYTES)
#define ACCUMULATE_STEPS(rows, panels, x, part, begin, end, depth, sums)                                  \
  (void)depth;                                                                                            \
  accumulate_unpacked(                                                                                    \
      BLOCK_LAYOUT, rows, panels, x + begin * BLOCK_LAYOUT.quanta * (size_t)rows * WIDE_WORDS * 4,        \
      (const char *)part->unpacked, part->unpacked_bytes, (end - begin) * BLOCK_LAYOUT.quanta, sums)

#define FORMAT q8_0
#define FORMAT_CODE CK_FORMAT_Q8_0
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) blocks_of(BLOCK_LAYOUT, depth)
#define FORMAT_STEP_BYTES panel_block_bytes(BLOCK_LAYOUT)
#define FORMAT_AHEAD_BYTES BLOCK_AHEAD_BYTES
#define FORMAT_ROW_BYTES(depth) BLOCK_ROW_BYTES(depth)
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_q8_0
#define FORMAT_UNPACKED_BYTES UNPACKED_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(...) ACCUMULATE_STEPS(__VA_ARGS__)
#endif
#include "product_format.h"

#define FORMAT q4_0
#define FORMAT_CODE CK_FORMAT_Q4_0
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) blocks_of(BLOCK_LAYOUT, depth)
#define FORMAT_STEP_BYTES panel_block_bytes(BLOCK_LAYOUT)
#define FORMAT_AHEAD_BYTES BLOCK_AHEAD_BYTES
#define FORMAT_ROW_BYTES(depth) BLOCK_ROW_BYTES(depth)
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_q4_0
#define FORMAT_UNPACKED_BYTES UNPACKED_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(...) ACCUMULATE_STEPS(__VA_ARGS__)
#endif
#include "product_format.h"

#define FORMAT q4_k
#define FORMAT_CODE CK_FORMAT_Q4_K
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) blocks_of(BLOCK_LAYOUT, depth)
#define FORMAT_STEP_BYTES panel_block_bytes(BLOCK_LAYOUT)
#define FORMAT_AHEAD_BYTES BLOCK_AHEAD_BYTES
#define FORMAT_ROW_BYTES(depth) BLOCK_ROW_BYTES(depth)
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_q4_k
#define FORMAT_UNPACKED_BYTES UNPACKED_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(...) ACCUMULATE_STEPS(__VA_ARGS__)
#endif
#include "product_format.h"

#define FORMAT q5_k
#define FORMAT_CODE CK_FORMAT_Q5_K
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) blocks_of(BLOCK_LAYOUT, depth)
#define FORMAT_STEP_BYTES panel_block_bytes(BLOCK_LAYOUT)
#define FORMAT_AHEAD_BYTES BLOCK_AHEAD_BYTES
#define FORMAT_ROW_BYTES(depth) BLOCK_ROW_BYTES(depth)
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_q5_k
#define FORMAT_UNPACKED_BYTES UNPACKED_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(...) ACCUMULATE_STEPS(__VA_ARGS__)
#endif
#include "product_format.h"

#define FORMAT q6_k
#define FORMAT_CODE CK_FORMAT_Q6_K
#define FORMAT_PANELS(rows) CODE_PANELS(rows)
#define FORMAT_STEPS(depth) blocks_of(BLOCK_LAYOUT, depth)
#define FORMAT_STEP_BYTES panel_block_bytes(BLOCK_LAYOUT)
#define FORMAT_AHEAD_BYTES BLOCK_AHEAD_BYTES
#define FORMAT_ROW_BYTES(depth) BLOCK_ROW_BYTES(depth)
#if CHUNK_BYTES > 0
#define FORMAT_UNPACK unpack_q6_k
#define FORMAT_UNPACKED_BYTES UNPACKED_STEP_BYTES
#define FORMAT_ACCUMULATE_UNPACKED(...) ACCUMULATE_STEPS(__VA_ARGS__)
#endif
#include "product_format.h"
