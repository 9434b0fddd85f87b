// The naive reference kernels: plain loops, one number at a time, in the order of operations that all kernels follow.

#include "isa.h"
#include "naive_functions.h"
#include "naive_products.h"

#define NAIVE_MAP(name, function)                                                  \
  static void name(const float *x, float *out, size_t count) {                     \
    for (size_t i = 0; i < count; i++) out[i] = function(x[i]);                    \
  }

NAIVE_MAP(map_exp, naive_exp)
NAIVE_MAP(map_log, naive_log)
NAIVE_MAP(map_tanh, naive_tanh)
NAIVE_MAP(map_erf, naive_erf)

static void activate(uint32_t activation, const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = naive_activation(activation, x[i]);
}

static void add(const float *a, const float *b, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

static void multiply(const float *a, const float *b, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] * b[i];
}

static void scale(const float *x, float factor, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = x[i] * factor;
}

static void drop(
    const float *x, uint64_t key, uint32_t threshold, float scale, const float *residual, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float kept = naive_keeps(key, threshold, i) ? x[i] * scale : 0;
    out[i] = residual ? kept + residual[i] : kept;
  }
}

/// The fixed reduction tree over 16 partial sums.
static float tree(float *s) {
  for (size_t half = CK_LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) s[i] += s[i + half];
  return s[0];
}

static double tree_of_doubles(double *s) {
  for (size_t half = CK_LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) s[i] += s[i + half];
  return s[0];
}

static void layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t count,
    float *statistics) {
  float sums[CK_LANES] = {0}, squares[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) sums[i % CK_LANES] += x[i];
  float mean = tree(sums) / (float)count;
  for (size_t i = 0; i < count; i++) squares[i % CK_LANES] = fmaf(x[i] - mean, x[i] - mean, squares[i % CK_LANES]);
  float inverse = 1.0f / sqrtf(tree(squares) / (float)count + epsilon);
  for (size_t i = 0; i < count; i++) out[i] = fmaf((x[i] - mean) * inverse, weight[i], bias[i]);
  if (!statistics) return;
  statistics[0] = mean;
  statistics[1] = inverse;
}

static void rms_norm(
    const float *x, const float *weight, float epsilon, float *out, size_t count, float *statistics) {
  float squares[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) squares[i % CK_LANES] = fmaf(x[i], x[i], squares[i % CK_LANES]);
  float inverse = 1.0f / sqrtf(tree(squares) / (float)count + epsilon);
  for (size_t i = 0; i < count; i++) out[i] = x[i] * inverse * weight[i];
  if (statistics) statistics[0] = inverse;
}

static float maximum_of(const float *x, size_t count) {
  float best = -INFINITY;
  for (size_t i = 0; i < count; i++) best = x[i] > best ? x[i] : best;
  return best;
}

static void softmax(const float *x, float *out, size_t count) {
  float maximum = maximum_of(x, count), sums[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) {
    out[i] = naive_exp(x[i] - maximum);
    sums[i % CK_LANES] += out[i];
  }
  float total = tree(sums);
  for (size_t i = 0; i < count; i++) out[i] /= total;
}

static void measure(const float *x, size_t count, ck_distribution *result) {
  float maximum = maximum_of(x, count);
  double sums[CK_LANES] = {0}, weighted[CK_LANES] = {0};
  int64_t argmax = count == 0 ? -1 : 0;
  for (size_t i = count; i-- > 0;)
    if (x[i] == maximum) argmax = (int64_t)i;
  for (size_t i = 0; i < count; i++) {
    float d = x[i] - maximum, e = naive_exp(d);
    sums[i % CK_LANES] += e;
    if (e != 0) weighted[i % CK_LANES] += e * d;
  }
  double total = tree_of_doubles(sums);
  result->maximum = maximum;
  result->argmax = argmax;
  result->log_sum = ck_log(total);
  result->entropy = result->log_sum - tree_of_doubles(weighted) / total;
}

static void log_softmax(const float *x, float *out, size_t count) {
  ck_distribution measured;
  measure(x, count, &measured);
  for (size_t i = 0; i < count; i++) out[i] = (x[i] - measured.maximum) - (float)measured.log_sum;
}

static size_t rank_of(const float *x, size_t count, size_t index) {
  size_t above = 0;
  for (size_t i = 0; i < count; i++) above += x[i] > x[index] || (x[i] == x[index] && i < index);
  return above;
}

static float number_of_block(const ck_attention *a, size_t position, size_t offset) {
  const void *block = a->blocks[position / CK_LANES];
  return a->block_type == CK_BF16 ? bits_float((uint32_t)((const uint16_t *)block)[offset] << 16)
                                  : ((const float *)block)[offset];
}

static void lay_keys(const float *x, size_t stride, size_t rows, size_t width, uint32_t type, void *out) {
  for (size_t d = 0; d < width; d++)
    for (size_t i = 0; i < CK_LANES; i++) {
      float number = i < rows ? x[i * stride + d] : 0;
      if (type == CK_BF16) ((uint16_t *)out)[d * CK_LANES + i] = (uint16_t)(rounded_to_bf16(number) >> 16);
      else ((float *)out)[d * CK_LANES + i] = number;
    }
}

static void rotate(
    const float *x, const float *cosines, const float *sines, size_t pairs, bool interleaved, float *out) {
  for (size_t i = 0; i < pairs; i++) {
    size_t first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + pairs;
    float a = x[first], b = x[second];
    out[first] = a * cosines[i] - b * sines[i];
    out[second] = b * cosines[i] + a * sines[i];
  }
}

static void attend(const ck_attention *a) {
  size_t row = (a->head_width + CK_LANES - 1) / CK_LANES * CK_LANES;
  for (size_t q = 0; q < a->query_count; q++) {
    const float *query = a->queries + q * a->query_stride;
    size_t limit = a->first_limit + q * a->limit_step;
    if (limit > a->key_count) limit = a->key_count;
    int64_t first = a->first_begin + (int64_t)(q * a->begin_step);
    size_t begin = first < 0 ? 0 : (size_t)first;
    float *e = a->scratch, sums[CK_LANES] = {0}, maximum = -INFINITY;
    for (size_t i = begin; i < limit; i++) {
      float score = 0;
      for (size_t d = 0; d < a->head_width; d++)
        score = fmaf(query[d], number_of_block(a, i, a->key_offset + i % CK_LANES + d * CK_LANES), score);
      e[i] = score * a->scale;
      if (a->soft_cap != 0) e[i] = naive_tanh(e[i] / a->soft_cap) * a->soft_cap;
      if (a->slope != 0) e[i] += (float)((int64_t)i - (int64_t)(limit - 1)) * a->slope;
      if (a->bias) e[i] += a->bias[q * a->bias_stride + i];
      maximum = e[i] > maximum ? e[i] : maximum;
    }
    for (size_t i = begin; i < limit; i++) {
      e[i] = naive_exp(e[i] - maximum);
      sums[i % CK_LANES] += e[i];
    }
    float total = tree(sums);
    for (size_t i = begin; a->dropout.keys && i < limit; i++)
      e[i] = naive_keeps(a->dropout.keys[q * a->dropout.stride], a->dropout.threshold, i) ? e[i] * a->dropout.scale : 0;
    for (size_t d = 0; d < a->head_width; d++) {
      float sum = 0;
      for (size_t i = begin; i < limit; i++)
        sum = fmaf(e[i], number_of_block(a, i, a->value_offset + i % CK_LANES * row + d), sum);
      a->out[q * a->out_stride + d] = begin >= limit ? 0 : sum / total;
    }
    if (a->log_sums)
      a->log_sums[q * a->log_sums_stride] = total == 0 ? -INFINITY : (float)((double)maximum + ck_log((double)total));
    if (!a->weights) continue;
    for (size_t i = 0; i < a->key_count; i++)
      a->weights[q * a->weights_stride + i] = begin <= i && i < limit ? e[i] / total : 0;
  }
}

#include "naive_gradients.h"

static size_t one_panel(uint32_t format, size_t rows) {
  (void)format;
  (void)rows;
  return 1;
}

const ck_kernels ck_kernels_naive = {
    .isa = CK_ISA_NAIVE,
    .name = "naive",
    .row_block = 1,
    .panels_at_once = one_panel,
    .pair_bytes = 4,
    .quantum_bytes = sizeof(naive_quantum),
    .wide_quantum_bytes = sizeof(naive_wide_quantum),
    .pack_f32 = naive_pack_f32,
    .pack_bf16 = naive_pack_bf16,
    .pack_8bit = naive_pack_8bit,
    .pack_16bit = naive_pack_16bit,
    .pack_15bit = naive_pack_15bit,
    .multiply_f32 = naive_multiply_f32,
    .multiply_bf16 = naive_multiply_bf16,
    .multiply_q8 = naive_multiply_q8,
    .multiply_q4 = naive_multiply_q4,
    .multiply_f16 = naive_multiply_f16,
    .multiply_q8_0 = naive_multiply_q8_0,
    .multiply_q4_0 = naive_multiply_q4_0,
    .multiply_q4_k = naive_multiply_q4_k,
    .multiply_q5_k = naive_multiply_q5_k,
    .multiply_q6_k = naive_multiply_q6_k,
    .exp = map_exp,
    .log = map_log,
    .tanh = map_tanh,
    .erf = map_erf,
    .activate = activate,
    .add = add,
    .multiply = multiply,
    .scale = scale,
    .drop = drop,
    .layer_norm = layer_norm,
    .rms_norm = rms_norm,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .measure = measure,
    .rank = rank_of,
    .rotate = rotate,
    .lay_keys = lay_keys,
    .attend = attend,
    .add_rows = naive_add_rows,
    .multiply_add = naive_multiply_add,
    .scale_add = naive_scale_add,
    .drop_back = naive_drop_back,
    .activate_back = naive_activate_back,
    .layer_norm_back = naive_layer_norm_back,
    .rms_norm_back = naive_rms_norm_back,
    .norm_weights_back = naive_norm_weights_back,
    .softmax_back = naive_softmax_back,
    .log_softmax_back = naive_log_softmax_back,
    .cross_entropy = naive_cross_entropy,
    .attend_back = naive_attend_back,
    .square_sum = naive_square_sum,
    .adam = naive_adam,
};
