/// The compute kernels, with run-time dispatch over instruction sets.
///
/// Results are bit-identical for all instruction sets, thread counts and batch shapes, because the order in which an
/// output is summed depends only on its own index. The naive reference kernels (`CK_ISA_NAIVE`) define that order in
/// plain loops; the tests compare every other table with them bit for bit.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// The number of outputs in a panel of packed weights, of positions in a block of keys and values, and of partial sums
/// in a reduction.
#define CK_LANES 16

/// The upper bound of `row_block` over all tables.
#define CK_MAX_ROW_BLOCK 8

/// The maximum number of rows, rounded up to whole blocks, that the driver passes to a product kernel in one call.
#define CK_MOST_ROWS 512

// ---------------------------------------------------------------------------------------------------- instruction sets

enum {
  CK_ISA_NAIVE = 0,
  CK_ISA_GENERIC = 1,
  CK_ISA_AVX2 = 2,
  /// AVX2 with dot products of groups of four bytes (AVX-VNNI).
  CK_ISA_AVX2_VNNI = 3,
  CK_ISA_AVX512 = 4,
  /// AVX-512 with dot products of groups of four bytes (VNNI).
  CK_ISA_AVX512_VNNI = 5,
  /// AVX-512 with VNNI and dot products of bf16 pairs.
  CK_ISA_AVX512_BF16 = 6,
  CK_ISA_NEON = 7,
  /// NEON with dot products of groups of four bytes.
  CK_ISA_NEON_DOT = 8,
  CK_ISA_COUNT = 9,
};

/// Elementwise functions that can follow a matrix product.
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

/// Number formats of packed weights. A panel holds 16 outputs; k is the index of the input.
enum {
  /// `[k][16]` floats.
  CK_FORMAT_F32 = 0,
  /// `[k / 2][16][2]` bf16. Inputs are rounded to bf16. Of each pair, the odd element is added first, then the even
  /// one, as `VDPBF16PS` does; subnormal numbers are flushed to zero.
  CK_FORMAT_BF16 = 1,
  /// Blocks of 32 k: `[8][16][4]` codes with offset 128. After all blocks, a bf16 scale per block and output,
  /// `[block][16]`. Inputs are quantized to 8 bits per row and block; products are summed as integers within a block,
  /// then block by block in order.
  CK_FORMAT_Q8 = 2,
  /// Like q8, with `[4][16][4]` bytes that hold two codes with offset 8: k in the low bits, k + 4 in the high bits.
  CK_FORMAT_Q4 = 3,
  /// `[k][16]` f16. Inputs are f32; the sums are those of `CK_FORMAT_F32` over the same numbers.
  CK_FORMAT_F16 = 4,
  /// GGML's blocks with the codes and scales of the file (`block_panels.h`). Inputs are quantized to 16 bits per row and
  /// 32 inputs. The products of 32 codes are summed as integers, then scaled and added in order. The two byte scales of
  /// 32 codes of Q6_K are part of the integer products; its inputs have 15 bits, so that the sums fit in 32 bits.
  CK_FORMAT_Q8_0 = 5,
  CK_FORMAT_Q4_0 = 6,
  CK_FORMAT_Q4_K = 7,
  CK_FORMAT_Q5_K = 8,
  CK_FORMAT_Q6_K = 9,
  CK_FORMAT_COUNT = 10,
};

/// The number of inputs that share a scale: of weights in q8 and q4, and of quantized inputs.
#define CK_QUANTUM 32

/// `out[r][o] = activation(sum over k of inputs[r][k] * weights[o][k] + bias[o]) + residual[r][o]`
typedef struct ck_product {
  /// The inputs, packed in blocks of `row_block` rows by the format's `pack_...` function.
  const void *inputs;
  size_t rows, depth;
  /// Panels of 16 outputs; the last one is padded.
  const void *weights;
  size_t outputs;
  const float *_Nullable bias;
  uint32_t activation;
  const float *_Nullable residual;
  size_t residual_stride;
  float *out;
  size_t out_stride;
  /// Whether each sum continues from the number in `out` instead of 0. Only for f32 weights.
  bool continues;
  /// Distance, in panels, from the first panel of this call to the block this thread will likely process next; 0 if
  /// unknown. Used for prefetching.
  size_t panels_to_next;
} ck_product;

/// Statistics of the distribution that a vector of logits defines.
typedef struct ck_distribution {
  float maximum;
  /// The lowest index of the maximum; -1 for an empty vector.
  int64_t argmax;
  /// log of the sum of exp(x - maximum): the log-probability of x is (x - maximum) - log_sum.
  double log_sum;
  /// In nats.
  double entropy;
} ck_distribution;

/// Which attention probabilities dropout keeps: number i of a row if 32 random bits, a function of the row's key and i,
/// are at least `threshold`; it is then multiplied by `scale`. `keys`: one for each query, `stride` apart, or null.
typedef struct ck_dropout {
  const uint64_t *_Nullable keys;
  size_t stride;
  uint32_t threshold;
  float scale;
} ck_dropout;

/// Attention of the queries of one head over the keys and values of one sequence.
typedef struct ck_attention {
  /// `[query_count][head_width]`, rows `query_stride` apart.
  const float *queries;
  size_t query_stride, query_count, head_width;
  /// One pointer per 16 positions. The head's keys, `[head_width][16 positions]`, are at `key_offset` numbers from it,
  /// the values, `[16 positions][head_width rounded up to 16]`, at `value_offset`.
  const void *const _Nonnull *_Nonnull blocks;
  /// The type of the numbers in the blocks: `CK_F32` or `CK_BF16`. All arithmetic is in f32.
  uint32_t block_type;
  size_t key_offset, value_offset, key_count;
  /// Query i attends to the keys 0 ..< min(key_count, first_limit + i * limit_step).
  size_t first_limit, limit_step;
  /// Query i attends to no key before max(0, first_begin + i * begin_step): a sliding window.
  int64_t first_begin;
  size_t begin_step;
  float scale;
  /// If not 0, a scaled score s becomes soft_cap * tanh(s / soft_cap).
  float soft_cap;
  /// If not 0, slope * (key - last visible key of the query), in positions, is added to the score (ALiBi).
  float slope;
  /// `[query_count][key_count]`, rows `bias_stride` apart, added to the scaled scores.
  const float *_Nullable bias;
  size_t bias_stride;
  float *out;
  size_t out_stride;
  /// Optional output of the attention probabilities: `[query_count][key_count]`, rows `weights_stride` apart.
  float *_Nullable weights;
  size_t weights_stride;
  /// Optional output of log(sum of exp(score)) over the visible keys, one value per query, `log_sums_stride` apart;
  /// -infinity for a query without visible keys.
  float *_Nullable log_sums;
  size_t log_sums_stride;
  /// Applied to the probabilities, after their sum has been taken. `weights` then receives what is left of them.
  ck_dropout dropout;
  /// `ck_attention_scratch` floats.
  float *scratch;
} ck_attention;

/// The gradients of an attention (see `ck_attention`) for the query heads that share one head of keys and values. Each
/// gradient is added to the numbers at its destination.
typedef struct ck_attention_gradient {
  /// The first of the query heads, `[query_count][heads][head_width]`; rows are `query_stride` apart.
  const float *queries;
  size_t query_stride, query_count, heads, head_width;
  /// `[key_count][head_width]`
  const float *keys, *values;
  size_t key_stride, value_stride, key_count;
  /// The output of the attention and its gradient, with heads as in the queries.
  const float *output, *output_gradient;
  size_t output_stride, output_gradient_stride;
  /// One number for each query and head; queries are `log_sums_stride` apart.
  const float *log_sums;
  size_t log_sums_stride;
  /// The visible keys, as in `ck_attention`.
  size_t first_limit, limit_step;
  int64_t first_begin;
  size_t begin_step;
  float scale, soft_cap;
  /// One for each head, or null.
  const float *_Nullable slopes;
  /// `[heads][query_count][key_count]`
  const float *_Nullable bias;
  float *_Nullable bias_gradient;
  float *query_gradient, *key_gradient, *value_gradient;
  size_t query_gradient_stride, key_gradient_stride, value_gradient_stride;
  /// That of the attention, with one key for each query and head.
  ck_dropout dropout;
  /// `ck_attention_gradient_scratch` floats.
  float *scratch;
} ck_attention_gradient;

/// A step of Adam (Kingma, Ba 2015, arXiv:1412.6980) with decoupled weight decay (Loshchilov, Hutter 2019,
/// arXiv:1711.05101).
typedef struct ck_adam {
  /// The gradient is multiplied by this before use.
  float gradient_factor;
  float beta1, beta2, epsilon;
  /// Weights are multiplied by this: 1 - learning rate * weight decay.
  float decay;
  /// The learning rate divided by the first moment's bias correction.
  float step_size;
  /// 1 / sqrt(bias correction of the second moment).
  float second_factor;
} ck_adam;

/// Packs `rows` rows of inputs that are `stride` apart.
typedef void (*_Nonnull ck_pack)(const float *x, size_t stride, size_t rows, size_t depth, void *packed);

/// Computes the outputs of the panels `panel_begin ..< panel_end` for the row blocks `block_begin ..< block_end`.
typedef void (*_Nonnull ck_multiply_panels)(
    const ck_product *product, size_t panel_begin, size_t panel_end, size_t block_begin, size_t block_end);

/// One implementation of every kernel. Pointers may be unaligned unless stated otherwise; `out` may alias an input.
typedef struct ck_kernels {
  uint32_t isa;
  const char *name;
  /// The number of input rows per block of a matrix product.
  size_t row_block;
  /// The number of panels per register block, for a block of `rows` (at most `row_block`) rows.
  size_t (*_Nonnull panels_at_once)(uint32_t format, size_t rows);

  /// Pack the inputs for each format, in this table's own layout.
  ck_pack pack_f32, pack_bf16, pack_8bit, pack_16bit, pack_15bit;
  /// The matrix product of each format.
  ck_multiply_panels multiply_f32, multiply_bf16, multiply_q8, multiply_q4;
  ck_multiply_panels multiply_f16, multiply_q8_0, multiply_q4_0, multiply_q4_k, multiply_q5_k, multiply_q6_k;
  /// Packed size per row: of a pair of inputs with `pack_bf16`, of a block of 32 inputs with `pack_8bit`, and with
  /// `pack_16bit` or `pack_15bit`.
  size_t pair_bytes, quantum_bytes, wide_quantum_bytes;

  void (*_Nonnull exp)(const float *x, float *out, size_t count);
  void (*_Nonnull log)(const float *x, float *out, size_t count);
  void (*_Nonnull tanh)(const float *x, float *out, size_t count);
  void (*_Nonnull erf)(const float *x, float *out, size_t count);
  void (*_Nonnull activate)(uint32_t activation, const float *x, float *out, size_t count);

  void (*_Nonnull add)(const float *a, const float *b, float *out, size_t count);
  void (*_Nonnull multiply)(const float *a, const float *b, float *out, size_t count);
  void (*_Nonnull scale)(const float *x, float factor, float *out, size_t count);

  /// One row of dropout: x * scale where it is kept, otherwise 0, plus the residual. See `ck_dropout`.
  void (*_Nonnull drop)(
      const float *x, uint64_t key, uint32_t threshold, float scale, const float *_Nullable residual, float *out,
      size_t count);

  /// One row: (x - mean) / sqrt(variance + epsilon) * weight + bias. `statistics`, if not null, receives the mean and 1
  /// / sqrt(variance + epsilon).
  void (*_Nonnull layer_norm)(
      const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t count,
      float *_Nullable statistics);
  /// One row: x / sqrt(mean of squares + epsilon) * weight. `statistics`, if not null, receives 1 / sqrt(mean of
  /// squares + epsilon).
  void (*_Nonnull rms_norm)(
      const float *x, const float *weight, float epsilon, float *out, size_t count, float *_Nullable statistics);

  void (*_Nonnull softmax)(const float *x, float *out, size_t count);
  void (*_Nonnull log_softmax)(const float *x, float *out, size_t count);
  void (*_Nonnull measure)(const float *x, size_t count, ck_distribution *result);
  /// The rank of `x[index]`, from 0: the number of values greater than it, or equal to it at a lower index.
  size_t (*_Nonnull rank)(const float *x, size_t count, size_t index);

  /// Rotates pairs of elements: (x, y) becomes (x cos - y sin, y cos + x sin), each product rounded. Pair i is rotated
  /// by angle i. It consists of the elements i and i + pairs, or, if interleaved, of the elements 2 i and 2 i + 1.
  void (*_Nonnull rotate)(
      const float *x, const float *cosines, const float *sines, size_t pairs, bool interleaved, float *out);

  /// Transposes up to 16 rows of keys of one head: element d of row i becomes element 16 d + i of `out`, which is of
  /// `type` (`CK_F32` or `CK_BF16`). Missing rows are zero.
  void (*_Nonnull lay_keys)(const float *x, size_t stride, size_t rows, size_t width, uint32_t type, void *out);
  void (*_Nonnull attend)(const ck_attention *attention);

  // Gradients and optimizer steps. A gradient is added to the numbers at its destination, and sums over rows continue
  // from there.

  /// out[i] += each x[row][i], in the order of the rows.
  void (*_Nonnull add_rows)(const float *x, size_t stride, size_t rows, size_t count, float *out);
  /// out = a * b + out, rounded once.
  void (*_Nonnull multiply_add)(const float *a, const float *b, float *out, size_t count);
  /// out = x * factor + out, rounded once.
  void (*_Nonnull scale_add)(const float *x, float factor, float *out, size_t count);
  /// One row: dx = dy * scale + dx, rounded once, where `drop` keeps the number.
  void (*_Nonnull drop_back)(
      const float *dy, uint64_t key, uint32_t threshold, float scale, float *dx, size_t count);
  /// dx += dy * the activation's derivative at x. At a kink it is that of PyTorch.
  void (*_Nonnull activate_back)(uint32_t activation, const float *x, const float *dy, float *dx, size_t count);
  /// The input's gradient of one row of a norm. `statistics` are those of `layer_norm`, `inverse` that of `rms_norm`.
  void (*_Nonnull layer_norm_back)(
      const float *x, const float *weight, const float *statistics, const float *dy, float *dx, size_t count);
  void (*_Nonnull rms_norm_back)(
      const float *x, const float *weight, float inverse, const float *dy, float *dx, size_t count);
  /// One row's part of the gradients of a norm's weights; `mean` is 0 for an RMS norm.
  void (*_Nonnull norm_weights_back)(
      const float *x, float mean, float inverse, const float *dy, float *dweight, float *_Nullable dbias, size_t count);
  /// One row; `y` is the output.
  void (*_Nonnull softmax_back)(const float *y, const float *dy, float *dx, size_t count);
  void (*_Nonnull log_softmax_back)(const float *y, const float *dy, float *dx, size_t count);
  /// The cross-entropy of one row of logits, in nats: -log softmax(x)[target], mixed with the mean over all classes by
  /// `smoothing` (Szegedy et al. 2016). Writes (not adds) its gradient times `factor`; `gradient` may be `x`.
  double (*_Nonnull cross_entropy)(
      const float *x, size_t count, size_t target, float smoothing, float factor, float *gradient);
  void (*_Nonnull attend_back)(const ck_attention_gradient *attention);
  /// The sum of squares in double precision, in 16 partial sums.
  double (*_Nonnull square_sum)(const float *x, size_t count);
  void (*_Nonnull adam)(
      const ck_adam *step, const float *gradient, float *weights, float *first, float *second, size_t count);
} ck_kernels;

/// The kernels for an instruction set, or null if this processor lacks it.
const ck_kernels *_Nullable ck_kernels_for(uint32_t isa);

/// The active kernels, chosen on the first call: the instruction set in `TRIPTYCH_ISA` (`generic`, `avx2`, `avx512`,
/// `neon`) if the processor has it, otherwise the best one.
const ck_kernels *ck_active(void);

/// Activates the kernels of an instruction set, from the next product on. Returns false and changes nothing if this
/// processor lacks it. Results do not depend on the choice, so other threads may be computing meanwhile.
bool ck_activate(uint32_t isa);

// ---------------------------------------------------------------------------------------------------------------- team

/// The body of a parallel loop: processes the items `begin ..< end`. `worker` is below `ck_team_size()`.
typedef void (*ck_body)(void *context, size_t begin, size_t end, size_t worker);

/// Processes `count` items on the team, at most `grain` per call of `body`, and returns when all are done. Inside a
/// body, or while another thread uses the team, the calling thread does all the work; the results are the same.
void ck_parallel(size_t count, size_t grain, ck_body body, void *context);

/// The number of threads of the team, including the calling one.
size_t ck_team_size(void);

/// Sets the number of threads; 0 means `ck_default_threads()`. Waits for work in progress.
void ck_team_resize(size_t threads);

/// The number of physical cores that this process may use, considering its affinity and the control group's quota.
size_t ck_default_threads(void);

// ------------------------------------------------------------------------------------------------------------- drivers

/// The bytes of scratch memory that `ck_multiply` needs for the packed inputs: 0 for a single row of f32.
size_t ck_multiply_scratch(const ck_kernels *kernels, uint32_t format, size_t rows, size_t depth);

/// Computes a whole product on the team. The inputs are `x`, with rows `stride` apart; `product.inputs` is ignored.
void ck_multiply(
    const ck_kernels *kernels, uint32_t format, ck_product product, const float *x, size_t stride,
    void *_Nullable scratch);

/// Bytes of scratch memory that `ck_multiply_columns` needs for the packed inputs.
size_t ck_multiply_columns_scratch(size_t rows, size_t depth);

/// The product of f32 weights with inputs that are stored by columns: input k of row r is `x[k * stride + r]`.
void ck_multiply_columns(const ck_kernels *kernels, ck_product product, const float *x, size_t stride, void *scratch);

/// Writes f32 panels of a matrix on the team: the weight of output o and input k is
/// `x[o * output_stride + k * input_stride]`. One of the strides is 1. A panel has room for `panel_depth` inputs, and
/// input 0 is written at input `first`.
void ck_lay_panels(
    const float *x, size_t output_stride, size_t input_stride, size_t outputs, size_t depth, size_t first,
    size_t panel_depth, float *panels);

/// The floats of scratch memory that one call of `attend_back` needs.
size_t ck_attention_gradient_scratch(size_t head_width, size_t key_count);

/// The floats of scratch memory that one call of `attend` needs.
size_t ck_attention_scratch(size_t head_width, size_t key_count);

/// The maximum number of queries that `attend` processes at once.
#define CK_QUERY_BLOCK 8

/// The number of queries whose probabilities `attend_back` keeps at once.
#define CK_GRADIENT_QUERIES 32

// ------------------------------------------------------------------------------------------------------------- weights

/// Element types of stored weights. Types from `CK_Q4_0` on are blocks with scales, as defined by GGML.
enum {
  CK_F32 = 0,
  CK_F16 = 1,
  CK_BF16 = 2,
  CK_F64 = 3,
  CK_Q4_0,
  CK_Q4_1,
  CK_Q5_0,
  CK_Q5_1,
  CK_Q8_0,
  CK_Q2_K,
  CK_Q3_K,
  CK_Q4_K,
  CK_Q5_K,
  CK_Q6_K,
  CK_IQ4_NL,
  CK_IQ4_XS,
  CK_MXFP4,
  CK_ELEMENT_TYPE_COUNT,
};

/// Elements and bytes of a block of a type; for types without blocks, one element.
size_t ck_block_elements(uint32_t type);
size_t ck_block_bytes(uint32_t type);

/// Unpacks blocks of a type from `CK_Q4_0` on to f32. The values are those of the format's definition, computed in f32
/// in its order: scale times code, then plus or minus the offset. `blocks` may be unaligned.
void ck_unpack_blocks(const void *blocks, uint32_t type, float *out, size_t count);

/// Weights in storage order, of a type before `CK_Q4_0` (no blocks): element (output, k) is at index
/// `output * output_stride + k * input_stride`.
typedef struct ck_weights {
  const void *bytes;
  uint32_t type;
  size_t output_stride, input_stride, outputs, depth;
} ck_weights;

/// The format whose panels hold elements of a stored type unchanged; `CK_FORMAT_F32` for types without one.
uint32_t ck_format_of(uint32_t type);

/// Bytes of one panel. For formats from `CK_FORMAT_Q8_0` on, `depth` is a multiple of the type's block.
size_t ck_panel_bytes(uint32_t format, size_t depth);

/// Writes the stored elements of `count` outputs into the lanes from `first_lane` on of a panel, unchanged. For formats
/// from `CK_FORMAT_F16` on. `stride` is the distance between elements of f16; blocks of a row are adjacent.
void ck_pack_stored_rows(
    const void *_Nonnull const *_Nonnull rows, size_t count, size_t stride, uint32_t format, size_t depth,
    size_t first_lane, void *panel);

/// Packs weights into the panels `panel_begin ..< panel_end`, in a format before `CK_FORMAT_F16`; `panels` points to
/// panel 0. If several matrices are stacked, `first_output` is the index of this one's first output; lanes outside
/// `first_output ..< first_output + outputs` are not written.
void ck_pack_weights(
    const ck_weights *weights, uint32_t format, size_t first_output, size_t panel_begin, size_t panel_end,
    void *panels);

/// Converts stored elements to f32, exactly if f32 can represent them. `x` may be unaligned; `count` is whole blocks.
void ck_convert(const void *x, uint32_t type, float *out, size_t count);

/// Rounds to bf16, with subnormal results flushed to zero. The results are `stride` apart.
void ck_round_to_bf16(const float *x, size_t count, uint16_t *out, size_t stride);

/// Unpacks the weights of one output, as rounded by the format.
void ck_unpack_weights(const void *panels, uint32_t format, size_t depth, size_t output, float *out);

// -------------------------------------------------------------------------------------------------------------- memory

/// Allocates memory aligned to 64 bytes; large blocks are aligned to huge pages and request them. Small blocks are not
/// cleared. Null if memory is exhausted.
void *_Nullable ck_allocate(size_t bytes);

/// Frees memory from `ck_allocate(bytes)`.
void ck_free(void *memory, size_t bytes);

/// Returns pages of freed memory to the system (glibc only). Takes a few milliseconds.
void ck_release_unused(void);

/// Whether this is a build for the thread sanitizer. The sanitizer does not see that a reference count orders accesses
/// of different threads, so such builds do not reuse memory blocks.
bool ck_is_sanitized(void);

// ------------------------------------------------------------------------------------------------------------- scalars

/// exp and log in double precision, with the same bits on every machine; within 2 ulp.
double ck_exp(double x);
double ck_log(double x);

/// sin and cos in double precision, with the same bits on every machine, for |x| up to 2^24. The error is within 2 ulp;
/// near zeros of the function, within 2^-52.
double ck_sin(double x);
double ck_cos(double x);

// -------------------------------------------------------------------------------------------------------------- probes

/// The memory bandwidth of the team in bytes per second, reading a buffer of `bytes`.
double ck_measure_bandwidth(size_t bytes);

/// The arithmetic throughput of the team in operations per second; a fused multiply-add counts as two.
double ck_measure_flops(void);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
