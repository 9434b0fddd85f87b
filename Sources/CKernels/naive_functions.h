// Scalar versions of functions.h: the same operations on one number.
#ifndef CKERNELS_NAIVE_FUNCTIONS_H
#define CKERNELS_NAIVE_FUNCTIONS_H

#include <math.h>
#include <string.h>

#include "CKernels.h"

static inline int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float float_of(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint32_t mixed_word(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

static inline bool naive_keeps(uint64_t key, uint32_t threshold, size_t index) {
  uint32_t x = mixed_word((uint32_t)index * 0x9e3779b9u + (uint32_t)key);
  return mixed_word(x ^ (uint32_t)(key >> 32)) >= threshold;
}

static inline float naive_exp(float x) {
  if (x != x) return x;
  if (x < -104.0f) return 0;
  float t = x > 88.8f ? 88.8f : x;
  float shifted = fmaf(t, 1.44269504f, 12582912.0f);
  int32_t n = bits_of(shifted) - bits_of(12582912.0f);
  float whole = shifted - 12582912.0f;
  float r = fmaf(whole, -0.693359375f, t);
  r = fmaf(whole, 2.12194440e-4f, r);
  static const float c[] = {0x1.6dbc68p-10f, 0x1.124148p-7f, 0x1.555454p-5f, 0x1.555486p-3f, 0.5f};
  float p = c[0];
  for (int i = 1; i < 5; i++) p = fmaf(p, r, c[i]);
  p = fmaf(p, r * r, r) + 1.0f;
  int32_t half = n >> 1;
  return (p * float_of((half + 127) << 23)) * float_of((n - half + 127) << 23);
}

static inline float naive_log(float x) {
  if (x != x || x < 0) return NAN;
  if (x == 0) return -INFINITY;
  if (x == INFINITY) return INFINITY;
  int32_t shift = x < 0x1p-126f ? 23 : 0;
  int32_t bits = bits_of(shift ? x * 0x1p23f : x) - 0x3f3504f3;
  float whole = (float)((bits >> 23) - shift);
  float f = float_of((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  static const float c[] = {0x1.1b48cep-4f, -0x1.e2e020p-4f, 0x1.e64858p-4f,  -0x1.fb446ep-4f, 0x1.233378p-3f,
                            -0x1.5562dep-3f, 0x1.99a53ap-3f, -0x1.ffffeep-3f, 0x1.555546p-2f};
  float p = c[0];
  for (int i = 1; i < 9; i++) p = fmaf(p, f, c[i]);
  float square = f * f;
  float tail = fmaf(p * f, square, whole * -2.12194440e-4f);
  tail = fmaf(square, -0.5f, tail);
  return fmaf(whole, 0.693359375f, f + tail);
}

static inline float naive_tanh(float x) {
  float a = fabsf(x);
  if (a < 0.625f) {
    static const float c[] = {-0x1.747fa2p-8f, 0x1.51e25ap-6f, -0x1.b833ecp-5f, 0x1.1106fap-3f, -0x1.555532p-2f};
    float z = x * x, p = c[0];
    for (int i = 1; i < 5; i++) p = fmaf(p, z, c[i]);
    return copysignf(fmaf(p * z, a, a), x);
  }
  return copysignf(1.0f - 2.0f / (naive_exp(a + a) + 1.0f), x);
}

static inline float naive_erf(float x) {
  float a = fabsf(x);
  if (a < 1) {
    static const float c[] = {0x1.4ae4dap-14f, -0x1.a485f0p-11f, 0x1.5419f6p-8f, -0x1.b7fbb4p-6f,
                              0x1.ce2d20p-4f,  -0x1.81273ep-2f,  0x1.06eba8p-3f};
    float z = x * x, p = c[0];
    for (int i = 1; i < 7; i++) p = fmaf(p, z, c[i]);
    return fmaf(p, x, x);
  }
  static const float c[] = {-0x1.6bd7d6p-16f, 0x1.cec5f8p-12f, -0x1.138cbap-8f, 0x1.9d0302p-6f,
                            -0x1.bc1516p-4f,  -0x1.443566p-1f, -0x1.212c0cp+0f, 0x1.8a5728p-13f};
  float b = a > 3.95f ? 3.95f : a, q = c[0];
  for (int i = 1; i < 8; i++) q = fmaf(q, b, c[i]);
  return copysignf(1.0f - naive_exp(q), x);
}

static inline float naive_sigmoid(float x) { return 1.0f / (1.0f + naive_exp(-x)); }

static inline float naive_gelu(float x) { return x * 0.5f * (1.0f + naive_erf(x * 0.70710678f)); }

static inline float naive_softplus(float x) {
  float t = naive_exp(-fabsf(x)), u = 1.0f + t;
  return (x > 0 ? x : 0) + (naive_log(u) + (t - (u - 1.0f)) / u);
}

static inline float naive_clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static inline float naive_activation(uint32_t activation, float x) {
  switch (activation) {
    case CK_RELU: return x < 0 ? 0 : x;
    case CK_RELU_SQUARED: return x < 0 ? 0 : x * x;
    case CK_RELU6: return naive_clamp(x, 0, 6);
    case CK_LEAKY_RELU: return x < 0 ? x * 0.01f : x;
    case CK_GELU: return naive_gelu(x);
    case CK_GELU_TANH: return x * 0.5f * (1.0f + naive_tanh(fmaf(x * x * x, 0.044715f, x) * 0.79788456f));
    case CK_GELU_CLIPPED: return naive_clamp(naive_gelu(x), -10, 10);
    case CK_QUICK_GELU: return x * naive_sigmoid(x * 1.702f);
    case CK_SILU: return x * naive_sigmoid(x);
    case CK_MISH: {
      float e = naive_exp(x > 20 ? 20 : x), n = e * (e + 2.0f);
      return x * (n / (n + 2.0f));
    }
    case CK_TANH: return naive_tanh(x);
    case CK_SIGMOID: return naive_sigmoid(x);
    case CK_HARDSWISH: return x * naive_clamp(x + 3.0f, 0, 6) / 6.0f;
    case CK_LAPLACE: return 0.5f * (1.0f + naive_erf((x - 0.707107f) / 0.39894229f));
    case CK_SQRT_SOFTPLUS: return sqrtf(naive_softplus(x));
    default: return x;
  }
}

#endif
