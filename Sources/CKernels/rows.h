// Elementwise arithmetic, norms, softmax, statistics of logits and rotations. Included once per instruction set.

static void kernel_add(const float *a, const float *b, float *out, size_t count) {
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES) store(out + i, load(a + i) + load(b + i));
  for (; i < count; i++) out[i] = a[i] + b[i];
}

static void kernel_multiply(const float *a, const float *b, float *out, size_t count) {
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES) store(out + i, load(a + i) * load(b + i));
  for (; i < count; i++) out[i] = a[i] * b[i];
}

static void kernel_scale(const float *x, float factor, float *out, size_t count) {
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES) store(out + i, load(x + i) * factor);
  for (; i < count; i++) out[i] = x[i] * factor;
}

static void kernel_layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t count,
    float *statistics) {
  v16 sum = splat(0), squares = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) sum += load_upto(x + i, count - i, 0);
  float mean = tree_sum(sum) / (float)count;
  for (size_t i = 0; i < count; i += CK_LANES) {
    v16 d = load_upto(x + i, count - i, mean) - mean;
    squares = fma16(d, d, squares);
  }
  float inverse = 1.0f / sqrtf(tree_sum(squares) / (float)count + epsilon);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    v16 d = (load_upto(x + i, left, 0) - mean) * inverse;
    store_upto(out + i, fma16(d, load_upto(weight + i, left, 0), load_upto(bias + i, left, 0)), left);
  }
  if (!statistics) return;
  statistics[0] = mean;
  statistics[1] = inverse;
}

static void kernel_rms_norm(
    const float *x, const float *weight, float epsilon, float *out, size_t count, float *statistics) {
  v16 squares = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) {
    v16 v = load_upto(x + i, count - i, 0);
    squares = fma16(v, v, squares);
  }
  float inverse = 1.0f / sqrtf(tree_sum(squares) / (float)count + epsilon);
  for (size_t i = 0; i < count; i += CK_LANES) {
    size_t left = count - i;
    store_upto(out + i, load_upto(x + i, left, 0) * inverse * load_upto(weight + i, left, 0), left);
  }
  if (statistics) statistics[0] = inverse;
}

INLINE float maximum_of(const float *x, size_t count) {
  v16 best = splat(-INFINITY);
  for (size_t i = 0; i < count; i += CK_LANES) best = greater(load_upto(x + i, count - i, -INFINITY), best);
  return tree_maximum(best);
}

static void kernel_softmax(const float *x, float *out, size_t count) {
  float maximum = maximum_of(x, count);
  v16 sum = splat(0);
  for (size_t i = 0; i < count; i += CK_LANES) {
    v16 e = exp16(load_upto(x + i, count - i, -INFINITY) - maximum);
    sum += choose(first_lanes(count - i), e, splat(0));
    store_upto(out + i, e, count - i);
  }
  float total = tree_sum(sum);
  for (size_t i = 0; i < count; i += CK_LANES)
    store_upto(out + i, load_upto(out + i, count - i, 0) / total, count - i);
}

static void kernel_measure(const float *x, size_t count, ck_distribution *result) {
  float maximum = maximum_of(x, count);
  // Sum in double: in float, the rounding errors of a whole vocabulary's small terms would be visible.
  d16 sum = (d16)0.0, weighted = (d16)0.0;
  for (size_t i = 0; i < count; i += CK_LANES) {
    v16 d = load_upto(x + i, count - i, -INFINITY) - maximum;
    v16 e = choose(first_lanes(count - i), exp16(d), splat(0));
    sum += __builtin_convertvector(e, d16);
    // Terms with probability zero are 0, although the logarithm is infinite.
    v16 product = choose(e == splat(0), splat(0), e * d);
    weighted += __builtin_convertvector(product, d16);
  }
  double total = tree_sum_double(sum);
  int64_t argmax = count == 0 ? -1 : 0;
  for (size_t i = 0; i < count; i++) {
    if (x[i] == maximum) {
      argmax = (int64_t)i;
      break;
    }
  }
  result->maximum = maximum;
  result->argmax = argmax;
  result->log_sum = ck_log(total);
  result->entropy = result->log_sum - tree_sum_double(weighted) / total;
}

static void kernel_log_softmax(const float *x, float *out, size_t count) {
  ck_distribution measured;
  kernel_measure(x, count, &measured);
  float maximum = measured.maximum, log_sum = (float)measured.log_sum;
  for (size_t i = 0; i < count; i += CK_LANES)
    store_upto(out + i, (load_upto(x + i, count - i, 0) - maximum) - log_sum, count - i);
}

static size_t kernel_rank(const float *x, size_t count, size_t index) {
  float value = x[index];
  size_t above = 0;
  for (size_t i = 0; i < index; i++) above += x[i] >= value;
  for (size_t i = index + 1; i < count; i++) above += x[i] > value;
  return above;
}

static void kernel_rotate(
    const float *x, const float *cosines, const float *sines, size_t pairs, bool interleaved, float *out) {
  size_t i = 0;
  for (; i + CK_LANES <= pairs; i += CK_LANES) {
    v16 c = load(cosines + i), s = load(sines + i), a, b;
    if (interleaved) {
      v16 low = load(x + 2 * i), high = load(x + 2 * i + CK_LANES);
      a = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      b = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    } else {
      a = load(x + i);
      b = load(x + i + pairs);
    }
    v16 first = a * c - b * s, second = b * c + a * s;
    if (interleaved) {
      store(
          out + 2 * i,
          __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
      store(
          out + 2 * i + CK_LANES,
          __builtin_shufflevector(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
    } else {
      store(out + i, first);
      store(out + i + pairs, second);
    }
  }
  for (; i < pairs; i++) {
    size_t first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + pairs;
    float a = x[first], b = x[second];
    out[first] = a * cosines[i] - b * sines[i];
    out[second] = b * cosines[i] + a * sines[i];
  }
}
