// exp, log, tanh, erf and the activations on sixteen lanes. The polynomials are minimax fits (Remez exchange) computed
// for these kernels; each is valid on the interval given in its comment. Included once per instruction set.

#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f

#ifndef SCALE_BY_POWER
/// p * 2^n, rounded once, for p near 1. `whole` and `n` are the same integer as float and as int. Scaling in two
/// multiplications keeps both factors in the range of normal numbers.
INLINE v16 scale_by_power(v16 p, v16 whole, i16 n) {
  (void)whole;
  i16 half = n >> 1;
  return (p * (v16)((half + 127) << 23)) * (v16)((n - half + 127) << 23);
}
#define SCALE_BY_POWER scale_by_power
#endif

INLINE v16 exp16(v16 x) {
  // exp underflows to 0 below -104. min and max propagate NaN.
  const v16 low = splat(-104.0f), high = splat(88.8f);
  v16 t = choose(high < x, high, x);
  t = choose(low > t, low, t);
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits; unlike a conversion, this is defined for NaN.
  const v16 shift = splat(12582912.0f);
  v16 shifted = fma16(t, splat(1.44269504f), shift), whole = shifted - shift;
  v16 r = fma16(whole, splat(-LN2_HIGH), t);
  r = fma16(whole, splat(-LN2_LOW), r);
  // (exp(r) - 1 - r) / r^2 on |r| <= 0.35
  v16 p = splat(0x1.6dbc68p-10f);
  p = fma16(p, r, splat(0x1.124148p-7f));
  p = fma16(p, r, splat(0x1.555454p-5f));
  p = fma16(p, r, splat(0x1.555486p-3f));
  p = fma16(p, r, splat(0.5f));
  p = fma16(p, r * r, r) + 1.0f;
  return SCALE_BY_POWER(p, whole, (i16)shifted - (i16)shift);
}

INLINE v16 log16(v16 x) {
  i16 subnormal = x < splat(0x1p-126f);
  v16 scaled = choose(subnormal, x * 0x1p23f, x);
  // The exponent for which the fraction is in [sqrt(1/2), sqrt(2)).
  i16 bits = (i16)scaled - 0x3f3504f3;
  i16 e = (bits >> 23) - (subnormal & 23);
  v16 f = (v16)((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  v16 whole = __builtin_convertvector(e, v16);
  // (log(1 + f) - f + f^2 / 2) / f^3 on [sqrt(1/2) - 1, sqrt(2) - 1]
  v16 p = splat(0x1.1b48cep-4f);
  p = fma16(p, f, splat(-0x1.e2e020p-4f));
  p = fma16(p, f, splat(0x1.e64858p-4f));
  p = fma16(p, f, splat(-0x1.fb446ep-4f));
  p = fma16(p, f, splat(0x1.233378p-3f));
  p = fma16(p, f, splat(-0x1.5562dep-3f));
  p = fma16(p, f, splat(0x1.99a53ap-3f));
  p = fma16(p, f, splat(-0x1.ffffeep-3f));
  p = fma16(p, f, splat(0x1.555546p-2f));
  v16 square = f * f;
  v16 tail = fma16(p * f, square, whole * LN2_LOW);
  tail = fma16(square, splat(-0.5f), tail);
  v16 y = fma16(whole, splat(LN2_HIGH), f + tail);
  y = choose(x == splat(0), splat(-INFINITY), y);
  y = choose(x == splat(INFINITY), splat(INFINITY), y);
  return choose((x < splat(0)) | (x != x), splat(NAN), y);
}

INLINE v16 tanh16(v16 x) {
  v16 a = magnitude(x);
  // (tanh(x) / x - 1) / x^2 on |x| <= 0.63
  v16 z = x * x;
  v16 p = splat(-0x1.747fa2p-8f);
  p = fma16(p, z, splat(0x1.51e25ap-6f));
  p = fma16(p, z, splat(-0x1.b833ecp-5f));
  p = fma16(p, z, splat(0x1.1106fap-3f));
  p = fma16(p, z, splat(-0x1.555532p-2f));
  v16 small = fma16(p * z, a, a);
  v16 large = 1.0f - 2.0f / (exp16(a + a) + 1.0f);
  return with_sign_of(choose(a < splat(0.625f), small, large), x);
}

INLINE v16 erf16(v16 x) {
  v16 a = magnitude(x);
  // erf(x) / x - 1 on |x| <= 1
  v16 z = x * x;
  v16 p = splat(0x1.4ae4dap-14f);
  p = fma16(p, z, splat(-0x1.a485f0p-11f));
  p = fma16(p, z, splat(0x1.5419f6p-8f));
  p = fma16(p, z, splat(-0x1.b7fbb4p-6f));
  p = fma16(p, z, splat(0x1.ce2d20p-4f));
  p = fma16(p, z, splat(-0x1.81273ep-2f));
  p = fma16(p, z, splat(0x1.06eba8p-3f));
  v16 small = fma16(p, x, x);
  // log(1 - erf(x)) on [1, 3.95]; beyond that, erf rounds to 1
  v16 b = choose(a > splat(3.95f), splat(3.95f), a);
  v16 q = splat(-0x1.6bd7d6p-16f);
  q = fma16(q, b, splat(0x1.cec5f8p-12f));
  q = fma16(q, b, splat(-0x1.138cbap-8f));
  q = fma16(q, b, splat(0x1.9d0302p-6f));
  q = fma16(q, b, splat(-0x1.bc1516p-4f));
  q = fma16(q, b, splat(-0x1.443566p-1f));
  q = fma16(q, b, splat(-0x1.212c0cp+0f));
  q = fma16(q, b, splat(0x1.8a5728p-13f));
  v16 large = 1.0f - exp16(q);
  return choose(a < splat(1), small, with_sign_of(large, x));
}

INLINE v16 sigmoid16(v16 x) { return 1.0f / (1.0f + exp16(-x)); }

INLINE v16 gelu16(v16 x) { return x * 0.5f * (1.0f + erf16(x * 0.70710678f)); }

/// log(1 + exp(x)). log(1 + t) is computed as log(u) + (t - (u - 1)) / u with u = 1 + t, which stays accurate for small
/// t.
INLINE v16 softplus16(v16 x) {
  v16 t = exp16(-magnitude(x));
  v16 u = 1.0f + t;
  return choose(x > splat(0), x, splat(0)) + (log16(u) + (t - (u - 1.0f)) / u);
}

INLINE v16 clamp16(v16 x, float low, float high) {
  return choose(x < splat(low), splat(low), choose(x > splat(high), splat(high), x));
}

INLINE v16 activate16(uint32_t activation, v16 x) {
  switch (activation) {
    case CK_RELU: return choose(x < splat(0), splat(0), x);
    case CK_RELU_SQUARED: {
      v16 r = choose(x < splat(0), splat(0), x);
      return r * r;
    }
    case CK_RELU6: return clamp16(x, 0, 6);
    case CK_LEAKY_RELU: return choose(x < splat(0), x * 0.01f, x);
    case CK_GELU: return gelu16(x);
    case CK_GELU_TANH: {
      v16 inner = fma16(x * x * x, splat(0.044715f), x) * 0.79788456f;
      return x * 0.5f * (1.0f + tanh16(inner));
    }
    case CK_GELU_CLIPPED: return clamp16(gelu16(x), -10, 10);
    case CK_QUICK_GELU: return x * sigmoid16(x * 1.702f);
    case CK_SILU: return x * sigmoid16(x);
    case CK_MISH: {
      // tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2) with e = exp(x); it is 1 for x above 20.
      v16 e = exp16(choose(x > splat(20), splat(20), x));
      v16 n = e * (e + 2.0f);
      return x * (n / (n + 2.0f));
    }
    case CK_TANH: return tanh16(x);
    case CK_SIGMOID: return sigmoid16(x);
    case CK_HARDSWISH: return x * clamp16(x + 3.0f, 0, 6) / 6.0f;
    case CK_LAPLACE: return 0.5f * (1.0f + erf16((x - 0.707107f) / 0.39894229f));
    case CK_SQRT_SOFTPLUS: return root(softplus16(x));
    default: return x;
  }
}

#define MAP_KERNEL(name, expression)                               \
  static void name(const float *x, float *out, size_t count) {     \
    for (size_t i = 0; i < count; i += CK_LANES) {                 \
      v16 v = load_upto(x + i, count - i, 0);                      \
      store_upto(out + i, (expression), count - i);                \
    }                                                              \
  }

MAP_KERNEL(kernel_exp, exp16(v))
MAP_KERNEL(kernel_log, log16(v))
MAP_KERNEL(kernel_tanh, tanh16(v))
MAP_KERNEL(kernel_erf, erf16(v))

static void kernel_activate(uint32_t activation, const float *x, float *out, size_t count) {
  if (activation == CK_IDENTITY) {
    if (out != x) memmove(out, x, count * sizeof(float));
    return;
  }
  for (size_t i = 0; i < count; i += CK_LANES)
    store_upto(out + i, activate16(activation, load_upto(x + i, count - i, 0)), count - i);
}
