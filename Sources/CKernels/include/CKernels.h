/// The inner loops, with run-time dispatch over instruction sets.
///
/// One number, one order: every output number is summed in an order that depends on its own index alone, so all
/// instruction sets, thread counts and batch shapes give the same bits. Each kernel's naive twin (`CK_ISA_NAIVE`)
/// states that order in plain loops; the tests hold every other table against it bit for bit.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Outputs in one panel of packed weights, positions in one block of keys and values, partial sums of a reduction.
#define CK_LANES 16

/// Rows of inputs that no kernel's block exceeds.
#define CK_MAX_ROW_BLOCK 8

/// Rows of inputs, rounded up to whole blocks, that no call of a product's kernel exceeds where the driver makes it.
#define CK_MOST_ROWS 512

// ---------------------------------------------------------------------------------------------------- instruction sets

enum {
  CK_ISA_NAIVE = 0,
  CK_ISA_GENERIC = 1,
  CK_ISA_AVX2 = 2,
  /// AVX2 with the dot products of 8-bit fours (AVX-VNNI).
  CK_ISA_AVX2_VNNI = 3,
  CK_ISA_AVX512 = 4,
  /// AVX-512 with the dot products of 8-bit fours.
  CK_ISA_AVX512_VNNI = 5,
  /// AVX-512 with those and the dot products of bf16 pairs.
  CK_ISA_AVX512_BF16 = 6,
  CK_ISA_NEON = 7,
  /// NEON with the dot products of 8-bit fours.
  CK_ISA_NEON_DOT = 8,
  CK_ISA_COUNT = 9,
};

/// Elementwise functions that may follow a matrix product.
enum {
  CK_IDENTITY = 0,
  CK_RELU,
  CK_RELU_SQUARED,
  CK_RELU6,
  CK_LEAKY_RELU,
  CK_GELU,
  CK_GELU_TANH,
  CK_GELU_CLIPPED,
  CK_QUICK_GELU,
  CK_SILU,
  CK_MISH,
  CK_TANH,
  CK_SIGMOID,
  CK_HARDSWISH,
  CK_LAPLACE,
  CK_SQRT_SOFTPLUS,
  CK_ACTIVATION_COUNT,
};

/// Number formats of packed weights. A panel is 16 outputs; k runs along the inputs.
enum {
  /// `[k][16]` floats.
  CK_FORMAT_F32 = 0,
  /// `[k / 2][16][2]`. Inputs round to bf16; each pair adds its odd element first, then its even one, as `VDPBF16PS`
  /// does; subnormal numbers count as zero.
  CK_FORMAT_BF16 = 1,
  /// Blocks of 32 k: `[8][16][4]` codes, 128 more than their value; after all blocks a bf16 scale `[block][16]`. Inputs
  /// are quantised to 8 bits by row and block; products add up in integers, blocks in order.
  CK_FORMAT_Q8 = 2,
  /// As q8, but `[4][16][4]` bytes: each holds two codes, 8 more than their value, of k and of k + 4 (low bits first).
  CK_FORMAT_Q4 = 3,
  CK_FORMAT_COUNT = 4,
};

/// Inputs that share a scale in the formats q8 and q4.
#define CK_QUANTUM 32

/// `out[row][output] = activation(sum over k of inputs[row][k] * weights[output][k] + bias[output])
/// + residual[row][output]`
typedef struct ck_product {
  /// Blocks of the kernel's `row_block` rows: what the format's `pack_...` makes.
  const void *inputs;
  size_t rows, depth;
  /// Panels of 16 outputs; the last one is filled up.
  const void *weights;
  size_t outputs;
  const float *_Nullable bias;
  uint32_t activation;
  const float *_Nullable residual;
  size_t residual_stride;
  float *out;
  size_t out_stride;
  /// How many panels after a call's first one those begin that the same thread probably multiplies next; 0 where nobody
  /// knows. They are asked for meanwhile.
  size_t panels_to_next;
} ck_product;

/// What a vector of logits says as a distribution.
typedef struct ck_distribution {
  float maximum;
  /// The lowest index that holds the maximum; -1 for an empty vector.
  int64_t argmax;
  /// log of the sum of exp(x - maximum): the log-probability of x is (x - maximum) - log_sum.
  double log_sum;
  /// In nats.
  double entropy;
} ck_distribution;

/// Queries of one head over the keys and values of one sequence.
typedef struct ck_attention {
  /// `[query_count][head_width]`, rows `query_stride` apart.
  const float *queries;
  size_t query_stride, query_count, head_width;
  /// One pointer for 16 positions. At `key_offset` numbers from it lie the head's keys `[head_width][16 positions]`, at
  /// `value_offset` its values `[16 positions][head_width rounded up to 16]`.
  const void *const _Nonnull *_Nonnull blocks;
  /// What the blocks' numbers are: `CK_F32` or `CK_BF16`. All arithmetic is in f32.
  uint32_t block_type;
  size_t key_offset, value_offset, key_count;
  /// Query i sees the keys 0 ..< min(key_count, first_limit + i * limit_step).
  size_t first_limit, limit_step;
  float scale;
  /// `[query_count][key_count]`, rows `bias_stride` apart, added to the scaled scores.
  const float *_Nullable bias;
  size_t bias_stride;
  float *out;
  size_t out_stride;
  /// `[query_count][key_count]`, rows `weights_stride` apart: the attention probabilities, for looking at.
  float *_Nullable weights;
  size_t weights_stride;
  /// `ck_attention_scratch` floats.
  float *scratch;
} ck_attention;

/// Packs rows of inputs, `stride` apart.
typedef void (*_Nonnull ck_pack)(const float *x, size_t stride, size_t rows, size_t depth, void *packed);

/// Computes a part of a product.
typedef void (*_Nonnull ck_multiply_panels)(
    const ck_product *product, size_t panel_begin, size_t panel_end, size_t block_begin, size_t block_end);

/// One implementation of every kernel. All pointers may be unaligned unless stated; `out` may be an input.
typedef struct ck_kernels {
  uint32_t isa;
  const char *name;
  /// Rows of inputs that a matrix product takes at once.
  size_t row_block;
  /// Panels that a product with so many rows, at most `row_block`, takes at once.
  size_t (*_Nonnull panels_at_once)(uint32_t format, size_t rows);

  /// Inputs as the products of each format read them, in this table's own arrangement.
  ck_pack pack_f32, pack_bf16, pack_8bit;
  /// The outputs of the panels `panel_begin ..< panel_end` for the rows of the blocks `block_begin ..< block_end`.
  ck_multiply_panels multiply_f32, multiply_bf16, multiply_q8, multiply_q4;
  /// Bytes of one row packed by `pack_bf16`, for each pair of inputs, and by `pack_8bit`, for each block of 32.
  size_t pair_bytes, quantum_bytes;

  void (*_Nonnull exp)(const float *x, float *out, size_t count);
  void (*_Nonnull log)(const float *x, float *out, size_t count);
  void (*_Nonnull tanh)(const float *x, float *out, size_t count);
  void (*_Nonnull erf)(const float *x, float *out, size_t count);
  void (*_Nonnull activate)(uint32_t activation, const float *x, float *out, size_t count);

  void (*_Nonnull add)(const float *a, const float *b, float *out, size_t count);
  void (*_Nonnull multiply)(const float *a, const float *b, float *out, size_t count);
  void (*_Nonnull scale)(const float *x, float factor, float *out, size_t count);

  /// One row: (x - mean) / sqrt(variance + epsilon) * weight + bias.
  void (*_Nonnull layer_norm)(
      const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t count);
  /// One row: x / sqrt(mean of squares + epsilon) * weight.
  void (*_Nonnull rms_norm)(const float *x, const float *weight, float epsilon, float *out, size_t count);

  void (*_Nonnull softmax)(const float *x, float *out, size_t count);
  void (*_Nonnull log_softmax)(const float *x, float *out, size_t count);
  void (*_Nonnull measure)(const float *x, size_t count, ck_distribution *result);
  /// How many values are greater than `x[index]`, or equal to it at a lower index: its rank, from 0.
  size_t (*_Nonnull rank)(const float *x, size_t count, size_t index);

  /// The first positions of a block of keys, one head's: number d of row i becomes number 16 d + i of `out`, which is of
  /// `type` (`CK_F32` or `CK_BF16`). There are 16 rows at most; where there are fewer, zeros follow.
  void (*_Nonnull lay_keys)(const float *x, size_t stride, size_t rows, size_t width, uint32_t type, void *out);
  void (*_Nonnull attend)(const ck_attention *attention);
} ck_kernels;

/// The kernels for an instruction set, or null where this processor lacks it.
const ck_kernels *_Nullable ck_kernels_for(uint32_t isa);

/// The best kernels of this processor, or those that `TRIPTYCH_ISA` (`generic`, `avx2`, `avx512`, `neon`) names if it
/// has them. Chosen at the first call.
const ck_kernels *ck_active(void);

/// Uses the kernels of an instruction set from the next product on; false, and nothing changes, where this processor
/// lacks it. No number depends on the choice, so it may change while others compute.
bool ck_activate(uint32_t isa);

// ---------------------------------------------------------------------------------------------------------------- team

/// A piece of work: the items `begin ..< end`, done by `worker`, which is below `ck_team_size()`.
typedef void (*ck_body)(void *context, size_t begin, size_t end, size_t worker);

/// Does `count` items on the team, at most `grain` at a time, and returns when all are done. Work inside of work, and
/// work that comes while another thread holds the team, is done by the calling thread alone: no result depends on it.
void ck_parallel(size_t count, size_t grain, ck_body body, void *context);

/// Threads that work together, the calling one included.
size_t ck_team_size(void);

/// Sets the number of threads; 0 means `ck_default_threads()`. Waits for work in progress.
void ck_team_resize(size_t threads);

/// The physical cores that this process may use: affinity and the control group's quota respected.
size_t ck_default_threads(void);

// ------------------------------------------------------------------------------------------------------------- drivers

/// Bytes of scratch that `ck_multiply` needs for its packed inputs: none for a single row of f32.
size_t ck_multiply_scratch(const ck_kernels *kernels, uint32_t format, size_t rows, size_t depth);

/// The whole product on the team. `product.inputs` is not read: the inputs are `x`, rows `stride` apart.
void ck_multiply(
    const ck_kernels *kernels, uint32_t format, ck_product product, const float *x, size_t stride,
    void *_Nullable scratch);

/// Floats of scratch that one call of `attend` needs.
size_t ck_attention_scratch(size_t head_width, size_t key_count);

/// Queries that `attend` takes at once at most.
#define CK_QUERY_BLOCK 8

// ------------------------------------------------------------------------------------------------------------- weights

/// Element types of stored weights.
enum {
  CK_F32 = 0,
  CK_F16 = 1,
  CK_BF16 = 2,
  CK_F64 = 3,
};

/// Where weights lie before packing: element (output, k) is at `output * output_stride + k * input_stride` elements.
typedef struct ck_weights {
  const void *bytes;
  uint32_t type;
  size_t output_stride, input_stride, outputs, depth;
} ck_weights;

/// Bytes of one panel.
size_t ck_panel_bytes(uint32_t format, size_t depth);

/// Packs the panels `panel_begin ..< panel_end` into `panels`, where panel 0 begins. `first_output` outputs of other
/// weights lie before these, so lanes outside of `first_output ..< first_output + outputs` are left alone.
void ck_pack_weights(
    const ck_weights *weights, uint32_t format, size_t first_output, size_t panel_begin, size_t panel_end,
    void *panels);

/// Converts stored elements to f32, exactly where f32 can hold them; `x` may be unaligned.
void ck_convert(const void *x, uint32_t type, float *out, size_t count);

/// Rounds to bf16, as inputs and weights of that format are rounded; results lie `stride` apart.
void ck_round_to_bf16(const float *x, size_t count, uint16_t *out, size_t stride);

/// The row of weights of one output, as the numbers that the format holds.
void ck_unpack_weights(const void *panels, uint32_t format, size_t depth, size_t output, float *out);

// -------------------------------------------------------------------------------------------------------------- memory

/// Memory aligned to 64 bytes (large amounts: to huge pages, which are asked for), or null. Not cleared when small.
void *_Nullable ck_allocate(size_t bytes);

/// Gives back what `ck_allocate(bytes)` gave.
void ck_free(void *memory, size_t bytes);

/// Whether this is a build for the thread sanitizer. It does not see that a reference count orders what one thread did
/// to memory and what the next one does, so memory is not lent twice under it.
bool ck_is_sanitized(void);

// ------------------------------------------------------------------------------------------------------------- scalars

/// exp and log in double precision, the same bits on every machine (within 2 units in the last place).
double ck_exp(double x);
double ck_log(double x);

// -------------------------------------------------------------------------------------------------------------- probes

/// Bytes per second that the team reads from memory, over a buffer of `bytes`.
double ck_measure_bandwidth(size_t bytes);

/// Fused multiply-adds times two per second that the team reaches.
double ck_measure_flops(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
