// The naive reference kernels of gradients, losses and optimizer steps.
#ifndef CKERNELS_NAIVE_GRADIENTS_H
#define CKERNELS_NAIVE_GRADIENTS_H

static void naive_add_rows(const float *x, size_t stride, size_t rows, size_t count, float *out) {
  for (size_t i = 0; i < count; i++)
    for (size_t r = 0; r < rows; r++) out[i] += x[r * stride + i];
}

static void naive_multiply_add(const float *a, const float *b, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = fmaf(a[i], b[i], out[i]);
}

static void naive_scale_add(const float *x, float factor, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = fmaf(x[i], factor, out[i]);
}

static void naive_drop_back(
    const float *dy, uint64_t key, uint32_t threshold, float scale, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (naive_keeps(key, threshold, i)) dx[i] = fmaf(dy[i], scale, dx[i]);
}

static float naive_gelu_slope(float x) {
  float density = naive_exp(x * x * -0.5f) * 0.39894228f;
  return fmaf(x, density, 0.5f * (1.0f + naive_erf(x * 0.70710678f)));
}

static float naive_slope(uint32_t activation, float x) {
  switch (activation) {
    case CK_RELU: return x > 0 ? 1 : 0;
    case CK_RELU_SQUARED: return x > 0 ? x + x : 0;
    case CK_RELU6: return x > 0 && x < 6 ? 1 : 0;
    case CK_LEAKY_RELU: return x > 0 ? 1 : 0.01f;
    case CK_GELU: return naive_gelu_slope(x);
    case CK_GELU_TANH: {
      float t = naive_tanh(fmaf(x * x * x, 0.044715f, x) * 0.79788456f);
      float inner = fmaf(x * x, 0.134145f, 1.0f) * 0.79788456f;
      return fmaf(x * 0.5f * (1.0f - t * t), inner, 0.5f * (1.0f + t));
    }
    case CK_GELU_CLIPPED: {
      float y = naive_gelu(x);
      return y >= -10 && y <= 10 ? naive_gelu_slope(x) : 0;
    }
    case CK_QUICK_GELU: {
      float s = naive_sigmoid(x * 1.702f);
      return fmaf(x * 1.702f * s, 1.0f - s, s);
    }
    case CK_SILU: {
      float s = naive_sigmoid(x);
      return fmaf(x * s, 1.0f - s, s);
    }
    case CK_MISH: {
      float e = naive_exp(x > 20 ? 20 : x), n = e * (e + 2.0f), t = n / (n + 2.0f);
      return fmaf(x * naive_sigmoid(x), 1.0f - t * t, t);
    }
    case CK_TANH: {
      float t = naive_tanh(x);
      return 1.0f - t * t;
    }
    case CK_SIGMOID: {
      float s = naive_sigmoid(x);
      return s * (1.0f - s);
    }
    case CK_HARDSWISH: return x <= -3 ? 0 : x < 3 ? x / 3.0f + 0.5f : 1;
    case CK_LAPLACE: {
      float z = (x - 0.707107f) / 0.39894229f;
      return naive_exp(-z * z) * 1.4142135f;
    }
    case CK_SQRT_SOFTPLUS: return naive_sigmoid(x) / (2.0f * sqrtf(naive_softplus(x)));
    default: return 1;
  }
}

static void naive_activate_back(uint32_t activation, const float *x, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = fmaf(dy[i], naive_slope(activation, x[i]), dx[i]);
}

static void naive_layer_norm_back(
    const float *x, const float *weight, const float *statistics, const float *dy, float *dx, size_t count) {
  float mean = statistics[0], inverse = statistics[1], sums[CK_LANES] = {0}, dots[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) {
    float d = dy[i] * weight[i];
    sums[i % CK_LANES] += d;
    dots[i % CK_LANES] = fmaf(d, (x[i] - mean) * inverse, dots[i % CK_LANES]);
  }
  float a = tree(sums) / (float)count, b = tree(dots) / (float)count;
  for (size_t i = 0; i < count; i++)
    dx[i] = fmaf(fmaf((x[i] - mean) * inverse, -b, dy[i] * weight[i] - a), inverse, dx[i]);
}

static void naive_rms_norm_back(
    const float *x, const float *weight, float inverse, const float *dy, float *dx, size_t count) {
  float dots[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++)
    dots[i % CK_LANES] = fmaf(dy[i] * weight[i], x[i] * inverse, dots[i % CK_LANES]);
  float b = tree(dots) / (float)count;
  for (size_t i = 0; i < count; i++) dx[i] = fmaf(fmaf(x[i] * inverse, -b, dy[i] * weight[i]), inverse, dx[i]);
}

static void naive_norm_weights_back(
    const float *x, float mean, float inverse, const float *dy, float *dweight, float *dbias, size_t count) {
  for (size_t i = 0; i < count; i++) {
    dweight[i] = fmaf(dy[i], (x[i] - mean) * inverse, dweight[i]);
    if (dbias) dbias[i] += dy[i];
  }
}

static void naive_softmax_back(const float *y, const float *dy, float *dx, size_t count) {
  float dots[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) dots[i % CK_LANES] = fmaf(dy[i], y[i], dots[i % CK_LANES]);
  float dot = tree(dots);
  for (size_t i = 0; i < count; i++) dx[i] = fmaf(y[i], dy[i] - dot, dx[i]);
}

static void naive_log_softmax_back(const float *y, const float *dy, float *dx, size_t count) {
  float sums[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) sums[i % CK_LANES] += dy[i];
  float sum = tree(sums);
  for (size_t i = 0; i < count; i++) dx[i] += fmaf(naive_exp(y[i]), -sum, dy[i]);
}

static double naive_cross_entropy(
    const float *x, size_t count, size_t target, float smoothing, float factor, float *gradient) {
  ck_distribution measured;
  measure(x, count, &measured);
  float log_sum = (float)measured.log_sum, share = smoothing / (float)count;
  double sums[CK_LANES] = {0}, own = measured.log_sum - (double)(x[target] - measured.maximum);
  for (size_t i = 0; i < count; i++) {
    float v = x[i] - measured.maximum;
    sums[i % CK_LANES] += (double)v;
    gradient[i] = (naive_exp(v - log_sum) - share) * factor;
  }
  gradient[target] -= (1.0f - smoothing) * factor;
  if (smoothing == 0) return own;
  double mean = measured.log_sum - tree_of_doubles(sums) / (double)count;
  return (1.0 - (double)smoothing) * own + (double)smoothing * mean;
}

static double naive_square_sum(const float *x, size_t count) {
  double sums[CK_LANES] = {0};
  for (size_t i = 0; i < count; i++) sums[i % CK_LANES] += (double)x[i] * (double)x[i];
  return tree_of_doubles(sums);
}

static void naive_adam(
    const ck_adam *a, const float *gradient, float *weights, float *first, float *second, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float g = gradient[i] * a->gradient_factor;
    first[i] = fmaf(g - first[i], 1.0f - a->beta1, first[i]);
    second[i] = fmaf(g * g, 1.0f - a->beta2, second[i] * a->beta2);
    float step = first[i] / (sqrtf(second[i]) * a->second_factor + a->epsilon);
    weights[i] = fmaf(step, -a->step_size, weights[i] * a->decay);
  }
}

/// One query of one head. The gradients of scores are in `scratch`, the probabilities after them.
static void naive_attend_back_query(const ck_attention_gradient *a, size_t head, size_t q) {
  size_t width = a->head_width, column = head * width, limit = a->first_limit + q * a->limit_step;
  if (limit > a->key_count) limit = a->key_count;
  int64_t first = a->first_begin + (int64_t)(q * a->begin_step);
  size_t begin = first < 0 ? 0 : (size_t)first;
  const float *query = a->queries + q * a->query_stride + column;
  const float *output = a->output + q * a->output_stride + column;
  const float *given = a->output_gradient + q * a->output_gradient_stride + column;
  float *ds = a->scratch, *p = a->scratch + a->key_count, dots[CK_LANES] = {0};
  for (size_t d = 0; d < width; d++) dots[d % CK_LANES] = fmaf(given[d], output[d], dots[d % CK_LANES]);
  float dot = tree(dots), log_sum = a->log_sums[q * a->log_sums_stride + head];
  for (size_t i = begin; i < limit; i++) {
    size_t bias = (head * a->query_count + q) * a->key_count + i;
    float s = 0, dp = 0, t = 0;
    for (size_t d = 0; d < width; d++) s = fmaf(query[d], a->keys[i * a->key_stride + d], s);
    for (size_t d = 0; d < width; d++) dp = fmaf(given[d], a->values[i * a->value_stride + d], dp);
    s *= a->scale;
    if (a->soft_cap != 0) {
      t = naive_tanh(s / a->soft_cap);
      s = t * a->soft_cap;
    }
    if (a->slopes && a->slopes[head] != 0) s += (float)((int64_t)i - (int64_t)(limit - 1)) * a->slopes[head];
    if (a->bias) s += a->bias[bias];
    p[i] = naive_exp(s - log_sum);
    float left = p[i];
    if (a->dropout.keys) {
      uint64_t key = a->dropout.keys[q * a->dropout.stride + head];
      bool kept = naive_keeps(key, a->dropout.threshold, i);
      dp = kept ? dp * a->dropout.scale : 0;
      left = kept ? p[i] * a->dropout.scale : 0;
    }
    ds[i] = p[i] * (dp - dot);
    p[i] = left;
    if (a->bias_gradient) a->bias_gradient[bias] += ds[i];
    if (a->soft_cap != 0) ds[i] *= 1.0f - t * t;
    ds[i] *= a->scale;
  }
  for (size_t d = 0; d < width; d++) {
    float sum = 0;
    for (size_t i = begin; i < limit; i++) {
      float *dk = a->key_gradient + i * a->key_gradient_stride + d;
      float *dv = a->value_gradient + i * a->value_gradient_stride + d;
      sum = fmaf(ds[i], a->keys[i * a->key_stride + d], sum);
      *dk = fmaf(ds[i], query[d], *dk);
      *dv = fmaf(p[i], given[d], *dv);
    }
    if (begin < limit) a->query_gradient[q * a->query_gradient_stride + column + d] += sum;
  }
}

static void naive_attend_back(const ck_attention_gradient *a) {
  for (size_t head = 0; head < a->heads; head++)
    for (size_t q = 0; q < a->query_count; q++) naive_attend_back_query(a, head, q);
}

#endif
