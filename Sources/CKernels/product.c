// The driver of matrix products: packs the inputs and distributes the panels over the team.

#include <string.h>

#include "CKernels.h"
#include "formats.h"

/// The number of multiply-adds below which waking another thread costs more than it saves.
static const size_t kParallelThreshold = 1 << 16;

/// Bytes of weights per work item when there are few rows: long enough for the hardware prefetchers.
static const size_t kItemBytes = 96 << 10;

/// The smallest number of row blocks for which a work item of its own is worthwhile.
static const size_t kPartBlocks = 16;

static size_t quotient_up(size_t a, size_t b) { return a / b + (a % b != 0); }
static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/// Bytes of one packed row of inputs.
static size_t row_bytes(const ck_kernels *kernels, uint32_t format, size_t depth) {
  switch (format) {
    case CK_FORMAT_BF16: return pairs_of(depth) * kernels->pair_bytes;
    case CK_FORMAT_Q8:
    case CK_FORMAT_Q4: return quanta_of(depth) * kernels->quantum_bytes;
    case CK_FORMAT_F32:
    case CK_FORMAT_F16: return depth * 4;
    default: return quanta_of(depth) * kernels->wide_quantum_bytes;
  }
}

/// Whether the inputs are packed. A single row of f32 is multiplied as it is.
static bool is_packed(uint32_t format, size_t rows) {
  return (format != CK_FORMAT_F32 && format != CK_FORMAT_F16) || rows > 1;
}

size_t ck_multiply_scratch(const ck_kernels *kernels, uint32_t format, size_t rows, size_t depth) {
  return is_packed(format, rows) ? rows * row_bytes(kernels, format, depth) : 0;
}

typedef struct {
  const ck_kernels *kernels;
  uint32_t format;
  ck_product product;
  const float *x;
  size_t stride;
  /// Whether `x` is stored by columns.
  bool columns;
  char *packed;
  size_t panels, panels_per_item, blocks, blocks_per_item, items_per_group;
} job;

/// Packs rows that are stored by columns: input k of row r is `x[k * stride + r]`.
static void pack_columns(const float *x, size_t stride, size_t rows, size_t depth, size_t row_block, float *packed) {
  for (size_t first = 0; first < rows; first += row_block, packed += row_block * depth) {
    size_t n = smaller(rows - first, row_block);
    const float *source = x + first;
    if (n == 8)
      for (size_t k = 0; k < depth; k++) memcpy(packed + k * 8, source + k * stride, 8 * sizeof *packed);
    else
      for (size_t k = 0; k < depth; k++)
        for (size_t r = 0; r < n; r++) packed[k * n + r] = source[k * stride + r];
  }
}

static void pack_items(void *context, size_t begin, size_t end, size_t worker) {
  (void)worker;
  const job *j = context;
  size_t first = begin * j->kernels->row_block;
  size_t last = smaller(end * j->kernels->row_block, j->product.rows);
  size_t depth = j->product.depth;
  char *packed = j->packed + first * row_bytes(j->kernels, j->format, depth);
  if (j->columns) {
    pack_columns(j->x + first, j->stride, last - first, depth, j->kernels->row_block, (float *)packed);
    return;
  }
  const float *x = j->x + first * j->stride;
  switch (j->format) {
    case CK_FORMAT_BF16: j->kernels->pack_bf16(x, j->stride, last - first, depth, packed); break;
    case CK_FORMAT_Q8:
    case CK_FORMAT_Q4: j->kernels->pack_8bit(x, j->stride, last - first, depth, packed); break;
    case CK_FORMAT_F32:
    case CK_FORMAT_F16: j->kernels->pack_f32(x, j->stride, last - first, depth, packed); break;
    case CK_FORMAT_Q6_K: j->kernels->pack_15bit(x, j->stride, last - first, depth, packed); break;
    default: j->kernels->pack_16bit(x, j->stride, last - first, depth, packed); break;
  }
}

static ck_multiply_panels multiply_of(const ck_kernels *kernels, uint32_t format) {
  switch (format) {
    case CK_FORMAT_BF16: return kernels->multiply_bf16;
    case CK_FORMAT_Q8: return kernels->multiply_q8;
    case CK_FORMAT_Q4: return kernels->multiply_q4;
    case CK_FORMAT_F16: return kernels->multiply_f16;
    case CK_FORMAT_Q8_0: return kernels->multiply_q8_0;
    case CK_FORMAT_Q4_0: return kernels->multiply_q4_0;
    case CK_FORMAT_Q4_K: return kernels->multiply_q4_k;
    case CK_FORMAT_Q5_K: return kernels->multiply_q5_k;
    case CK_FORMAT_Q6_K: return kernels->multiply_q6_k;
    default: return kernels->multiply_f32;
  }
}

static void multiply_items(void *context, size_t begin, size_t end, size_t worker) {
  (void)worker;
  const job *j = context;
  for (size_t item = begin; item < end; item++) {
    size_t panel = item / j->items_per_group * j->panels_per_item;
    size_t block = item % j->items_per_group * j->blocks_per_item;
    multiply_of(j->kernels, j->format)(
        &j->product, panel, smaller(panel + j->panels_per_item, j->panels), block,
        smaller(block + j->blocks_per_item, j->blocks));
  }
}

/// Divides a product over the team. `j` has what the caller chooses.
static void multiply(job j) {
  const ck_kernels *kernels = j.kernels;
  ck_product product = j.product;
  uint32_t format = j.format;
  if (product.rows == 0 || product.outputs == 0) return;
  bool packs = j.columns || is_packed(format, product.rows);
  j.product.inputs = packs ? j.packed : (const void *)j.x;
  j.panels = quotient_up(product.outputs, CK_LANES);
  j.blocks = quotient_up(product.rows, kernels->row_block);

  size_t panel_bytes = larger(1, ck_panel_bytes(format, product.depth)), team = ck_team_size();
  size_t panels_per_share = larger(1, j.panels / (team * 4));
  j.blocks_per_item = j.blocks;
  if (j.blocks == 1) {
    j.panels_per_item = smaller(larger(1, kItemBytes / panel_bytes), panels_per_share);
    size_t at_once = kernels->panels_at_once(format, product.rows);
    j.panels_per_item = quotient_up(j.panels_per_item, at_once) * at_once;
  } else {
    // Groups of 12 panels divide evenly into register blocks of 1, 2, 3 and 4 panels. If that gives too few items,
    // split the rows first, then make the groups smaller: the inputs of one part stay in cache for several groups.
    size_t wanted = team * 8, most_parts = larger(1, j.blocks / kPartBlocks);
    j.panels_per_item = smaller(12, larger(1, j.panels * most_parts / wanted / 3) * 3);
    size_t groups = quotient_up(j.panels, j.panels_per_item);
    size_t parts = smaller(most_parts, quotient_up(wanted, groups));
    j.blocks_per_item = quotient_up(j.blocks, larger(parts, quotient_up(product.rows, CK_MOST_ROWS)));
    if (groups < team * 4)
      j.blocks_per_item = larger(1, smaller(j.blocks_per_item, j.blocks * groups / wanted));
  }
  j.items_per_group = quotient_up(j.blocks, j.blocks_per_item);
  size_t items = quotient_up(j.panels, j.panels_per_item) * j.items_per_group;
  // Threads of equal speed take items in turn, so the next item of this thread is `team` items ahead.
  if (j.items_per_group == 1) j.product.panels_to_next = team * j.panels_per_item;

  bool small = product.rows * product.outputs * larger(1, product.depth) < kParallelThreshold;
  if (packs) {
    if (small || j.blocks == 1) pack_items(&j, 0, j.blocks, 0);
    else ck_parallel(j.blocks, larger(1, 32768 / larger(1, product.depth * kernels->row_block)), pack_items, &j);
  }
  if (small) multiply_items(&j, 0, items, 0);
  else ck_parallel(items, 1, multiply_items, &j);
}

void ck_multiply(
    const ck_kernels *kernels, uint32_t format, ck_product product, const float *x, size_t stride, void *scratch) {
  multiply((job){
      .kernels = kernels, .format = format, .product = product, .x = x, .stride = stride, .packed = scratch});
}

size_t ck_multiply_columns_scratch(size_t rows, size_t depth) { return rows * depth * sizeof(float); }

void ck_multiply_columns(const ck_kernels *kernels, ck_product product, const float *x, size_t stride, void *scratch) {
  multiply((job){
      .kernels = kernels, .format = CK_FORMAT_F32, .product = product, .x = x, .stride = stride, .columns = true,
      .packed = scratch});
}

typedef struct {
  const float *x;
  size_t output_stride, input_stride, outputs, depth, first, panel_depth;
  float *panels;
} panel_job;

static void lay_items(void *context, size_t begin, size_t end, size_t worker) {
  (void)worker;
  const panel_job *j = context;
  for (size_t panel = begin; panel < end; panel++) {
    size_t output = panel * CK_LANES, n = smaller(j->outputs - output, CK_LANES);
    float *target = j->panels + (panel * j->panel_depth + j->first) * CK_LANES;
    const float *x = j->x + output * j->output_stride;
    if (j->output_stride == 1 && n == CK_LANES) {
      for (size_t k = 0; k < j->depth; k++)
        memcpy(target + k * CK_LANES, x + k * j->input_stride, CK_LANES * sizeof *x);
      continue;
    }
    // Eight inputs at a time stay in cache while the lanes are written.
    for (size_t k = 0; k < j->depth; k += 8)
      for (size_t lane = 0; lane < CK_LANES; lane++)
        for (size_t i = k; i < smaller(k + 8, j->depth); i++)
          target[i * CK_LANES + lane] = lane < n ? x[lane * j->output_stride + i * j->input_stride] : 0;
  }
}

void ck_lay_panels(
    const float *x, size_t output_stride, size_t input_stride, size_t outputs, size_t depth, size_t first,
    size_t panel_depth, float *panels) {
  panel_job j = {x, output_stride, input_stride, outputs, depth, first, panel_depth, panels};
  ck_parallel(quotient_up(outputs, CK_LANES), larger(1, 2048 / larger(1, depth)), lay_items, &j);
}

size_t ck_attention_gradient_scratch(size_t head_width, size_t key_count) {
  size_t keys = quotient_up(key_count, CK_LANES) * CK_LANES, width = quotient_up(head_width, CK_LANES) * CK_LANES;
  return 3 * keys * width + 2 * CK_GRADIENT_QUERIES * (keys + width) + CK_GRADIENT_QUERIES;
}

size_t ck_attention_scratch(size_t head_width, size_t key_count) {
  size_t positions = quotient_up(key_count, CK_LANES) * CK_LANES;
  return (positions + head_width) * CK_QUERY_BLOCK + CK_LANES;
}
