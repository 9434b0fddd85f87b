// AVX2 with FMA.
#if defined(__x86_64__)

#include <immintrin.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx2
#define KERNEL_ISA CK_ISA_AVX2
#define KERNEL_NAME "avx2"

#define SHAPE_AVX2
#include "shapes.h"

#define HALVES(p) load_halves(p)
#define DOT_HALVES(a, b) multiply_add_halves(a, b)
#define SUM_NIBBLES(sum, codes, inputs) add_nibbles(sum, codes, inputs)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)

/// Sixteen f16 as f32.
INLINE v16 load_halves(const void *p) {
  v16 floats;
  floats.lo = (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
  floats.hi = (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1));
  return floats;
}

INLINE i16 multiply_add_halves(i16 a, i16 b) {
  i16 sum;
  sum.lo = (i8)_mm256_madd_epi16((__m256i)a.lo, (__m256i)b.lo);
  sum.hi = (i8)_mm256_madd_epi16((__m256i)a.hi, (__m256i)b.hi);
  return sum;
}

/// Adds pairs of products of unsigned and signed bytes to 16-bit sums (`VPMADDUBSW`).
INLINE i16 add_nibbles(i16 sum, i16 codes, i16 inputs) {
  i16 out;
  out.lo = (i8)_mm256_add_epi16(
      (__m256i)sum.lo, _mm256_maddubs_epi16((__m256i)codes.lo, (__m256i)inputs.lo));
  out.hi = (i8)_mm256_add_epi16(
      (__m256i)sum.hi, _mm256_maddubs_epi16((__m256i)codes.hi, (__m256i)inputs.hi));
  return out;
}

#include "kernels.h"

#pragma clang attribute pop

#endif
