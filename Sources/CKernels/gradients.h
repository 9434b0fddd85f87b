// The backward passes of the row kernels, losses and optimizer steps. Included once per instruction set.
//
// Each gradient is added to the numbers at its destination. Sums over rows continue from there in the order of the
// rows, so a batch that is split gives the same bits as a whole one.

/// Adds rows to `out`, one after the other.
static void kernel_add_rows(const float *x, size_t stride, size_t rows, size_t count, float *out) {
  size_t i = 0;
  for (; i + 4 * CK_LANES <= count; i += 4 * CK_LANES) {
    v16 sums[4];
    UNROLL for (int j = 0; j < 4; j++) sums[j] = load(out + i + j * CK_LANES);
    for (size_t r = 0; r < rows; r++)
      UNROLL for (int j = 0; j < 4; j++) sums[j] += load(x + r * stride + i + j * CK_LANES);
    UNROLL for (int j = 0; j < 4; j++) store(out + i + j * CK_LANES, sums[j]);
  }
  for (; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 sum = load_upto(out + i, left, 0);
    for (size_t r = 0; r < rows; r++) sum += load_upto(x + r * stride + i, left, 0);
    store_upto(out + i, sum, left);
  }
}

static void kernel_multiply_add(const float *a, const float *b, float *out, size_t count) {
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES) store(out + i, fma16(load(a + i), load(b + i), load(out + i)));
  for (; i < count; i++) out[i] = __builtin_fmaf(a[i], b[i], out[i]);
}

static void kernel_scale_add(const float *x, float factor, float *out, size_t count) {
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES) store(out + i, fma16(load(x + i), splat(factor), load(out + i)));
  for (; i < count; i++) out[i] = __builtin_fmaf(x[i], factor, out[i]);
}

/// exp(-x^2 / 2) / sqrt(2 pi)
INLINE v16 normal_density16(v16 x) { return exp16(x * x * -0.5f) * 0.39894228f; }

INLINE v16 gelu_slope16(v16 x) {
  return fma16(x, normal_density16(x), 0.5f * (1.0f + erf16(x * 0.70710678f)));
}

/// The derivative of an activation. At a kink it is that of PyTorch.
INLINE v16 slope16(uint32_t activation, v16 x) {
  const v16 one = splat(1), zero = splat(0);
  switch (activation) {
    case CK_RELU: return choose(x > zero, one, zero);
    case CK_RELU_SQUARED: return choose(x > zero, x + x, zero);
    case CK_RELU6: return choose((x > zero) & (x < splat(6)), one, zero);
    case CK_LEAKY_RELU: return choose(x > zero, one, splat(0.01f));
    case CK_GELU: return gelu_slope16(x);
    case CK_GELU_TANH: {
      v16 t = tanh16(fma16(x * x * x, splat(0.044715f), x) * 0.79788456f);
      v16 inner = fma16(x * x, splat(0.134145f), one) * 0.79788456f;
      return fma16(x * 0.5f * (1.0f - t * t), inner, 0.5f * (1.0f + t));
    }
    case CK_GELU_CLIPPED: {
      v16 y = gelu16(x);
      return choose((y >= splat(-10)) & (y <= splat(10)), gelu_slope16(x), zero);
    }
    case CK_QUICK_GELU: {
      v16 s = sigmoid16(x * 1.702f);
      return fma16(x * 1.702f * s, 1.0f - s, s);
    }
    case CK_SILU: {
      v16 s = sigmoid16(x);
      return fma16(x * s, 1.0f - s, s);
    }
    case CK_MISH: {
      v16 e = exp16(choose(x > splat(20), splat(20), x));
      v16 n = e * (e + 2.0f), t = n / (n + 2.0f);
      return fma16(x * sigmoid16(x), 1.0f - t * t, t);
    }
    case CK_TANH: {
      v16 t = tanh16(x);
      return 1.0f - t * t;
    }
    case CK_SIGMOID: {
      v16 s = sigmoid16(x);
      return s * (1.0f - s);
    }
    case CK_HARDSWISH: return choose(x <= splat(-3), zero, choose(x < splat(3), x / 3.0f + 0.5f, one));
    case CK_LAPLACE: {
      v16 z = (x - 0.707107f) / 0.39894229f;
      return exp16(-z * z) * 1.4142135f;
    }
    case CK_SQRT_SOFTPLUS: return sigmoid16(x) / (2.0f * root(softplus16(x)));
    default: return one;
  }
}

static void kernel_activate_back(uint32_t activation, const float *x, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 slope = slope16(activation, load_upto(x + i, left, 0));
    store_upto(dx + i, fma16(load_upto(dy + i, left, 0), slope, load_upto(dx + i, left, 0)), left);
  }
}

static void kernel_layer_norm_back(
    const float *x, const float *weight, const float *statistics, const float *dy, float *dx, size_t count) {
  float mean = statistics[0], inverse = statistics[1];
  v16 sum = splat(0), dots = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 normed = (load_upto(x + i, left, mean) - mean) * inverse;
    v16 d = load_upto(dy + i, left, 0) * load_upto(weight + i, left, 0);
    sum += d;
    dots = fma16(d, normed, dots);
  }
  float a = tree_sum(sum) / (float)count, b = tree_sum(dots) / (float)count;
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 normed = (load_upto(x + i, left, mean) - mean) * inverse;
    v16 d = load_upto(dy + i, left, 0) * load_upto(weight + i, left, 0);
    v16 g = fma16(normed, splat(-b), d - a);
    store_upto(dx + i, fma16(g, splat(inverse), load_upto(dx + i, left, 0)), left);
  }
}

static void kernel_rms_norm_back(
    const float *x, const float *weight, float inverse, const float *dy, float *dx, size_t count) {
  v16 dots = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 d = load_upto(dy + i, left, 0) * load_upto(weight + i, left, 0);
    dots = fma16(d, load_upto(x + i, left, 0) * inverse, dots);
  }
  float b = tree_sum(dots) / (float)count;
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 d = load_upto(dy + i, left, 0) * load_upto(weight + i, left, 0);
    v16 g = fma16(load_upto(x + i, left, 0) * inverse, splat(-b), d);
    store_upto(dx + i, fma16(g, splat(inverse), load_upto(dx + i, left, 0)), left);
  }
}

static void kernel_norm_weights_back(
    const float *x, float mean, float inverse, const float *dy, float *dweight, float *dbias, size_t count) {
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 normed = (load_upto(x + i, left, 0) - mean) * inverse, d = load_upto(dy + i, left, 0);
    store_upto(dweight + i, fma16(d, normed, load_upto(dweight + i, left, 0)), left);
    if (dbias) store_upto(dbias + i, load_upto(dbias + i, left, 0) + d, left);
  }
}

static void kernel_softmax_back(const float *y, const float *dy, float *dx, size_t count) {
  v16 dots = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES)
    dots = fma16(load_upto(dy + i, count - i, 0), load_upto(y + i, count - i, 0), dots);
  float dot = tree_sum(dots);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 d = load_upto(dy + i, left, 0) - dot;
    store_upto(dx + i, fma16(load_upto(y + i, left, 0), d, load_upto(dx + i, left, 0)), left);
  }
}

static void kernel_log_softmax_back(const float *y, const float *dy, float *dx, size_t count) {
  v16 sums = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) sums += load_upto(dy + i, count - i, 0);
  float sum = tree_sum(sums);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 g = fma16(exp16(load_upto(y + i, left, 0)), splat(-sum), load_upto(dy + i, left, 0));
    store_upto(dx + i, load_upto(dx + i, left, 0) + g, left);
  }
}

static double kernel_cross_entropy(
    const float *x, size_t count, size_t target, float smoothing, float factor, float *gradient) {
  ck_distribution measured;
  kernel_measure(x, count, &measured);
  float maximum = measured.maximum, log_sum = (float)measured.log_sum;
  float share = smoothing / (float)count;
  double own = measured.log_sum - (double)(x[target] - maximum);
  d16 total = (d16)0.0;
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 v = load_upto(x + i, left, maximum) - maximum;
    if (smoothing != 0) total += __builtin_convertvector(v, d16);
    store_upto(gradient + i, (exp16(v - log_sum) - share) * factor, left);
  }
  gradient[target] -= (1.0f - smoothing) * factor;
  if (smoothing == 0) return own;
  double mean = measured.log_sum - tree_sum_double(total) / (double)count;
  return (1.0 - (double)smoothing) * own + (double)smoothing * mean;
}

static double kernel_square_sum(const float *x, size_t count) {
  d16 sum = (d16)0.0;
  for (size_t i = 0; i < count; i += CK_LANES) {
    d16 v = __builtin_convertvector(load_upto(x + i, count - i, 0), d16);
    sum += v * v;
  }
  return tree_sum_double(sum);
}

static void kernel_adam(
    const ck_adam *a, const float *gradient, float *weights, float *first, float *second, size_t count) {
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 g = load_upto(gradient + i, left, 0) * a->gradient_factor;
    v16 m = load_upto(first + i, left, 0), v = load_upto(second + i, left, 0);
    m = fma16(g - m, splat(1.0f - a->beta1), m);
    v = fma16(g * g, splat(1.0f - a->beta2), v * a->beta2);
    store_upto(first + i, m, left);
    store_upto(second + i, v, left);
    v16 step = m / (root(v) * a->second_factor + a->epsilon);
    v16 w = load_upto(weights + i, left, 0) * a->decay;
    store_upto(weights + i, fma16(step, splat(-a->step_size), w), left);
  }
}
