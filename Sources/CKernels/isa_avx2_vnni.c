// AVX2 with AVX-VNNI: dot products of groups of four bytes (`VPDPBUSD`, 256 bits wide).
#if defined(__x86_64__)

#include <immintrin.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx2_vnni
#define KERNEL_ISA CK_ISA_AVX2_VNNI
#define KERNEL_NAME "avx2"

#define SHAPE_AVX2
#include "shapes.h"

#define HALVES(p) load_halves(p)
#define DOT_BYTES(sum, w, x) dot_bytes(sum, w, x)
#define ADD_HALVES(sum, w, x) add_halves(sum, w, x)

#pragma clang attribute push(__attribute__((target("avx2,avxvnni,fma,f16c,bmi,bmi2"))), apply_to = function)

INLINE i16 dot_bytes(i16 sum, i16 weights, i16 inputs) {
  i16 out;
  out.lo = (i8)_mm256_dpbusd_avx_epi32((__m256i)sum.lo, (__m256i)weights.lo, (__m256i)inputs.lo);
  out.hi = (i8)_mm256_dpbusd_avx_epi32((__m256i)sum.hi, (__m256i)weights.hi, (__m256i)inputs.hi);
  return out;
}

/// Adds pairs of products of signed 16-bit numbers (`VPDPWSSD`).
INLINE i16 add_halves(i16 sum, i16 weights, i16 inputs) {
  i16 out;
  out.lo = (i8)_mm256_dpwssd_avx_epi32((__m256i)sum.lo, (__m256i)weights.lo, (__m256i)inputs.lo);
  out.hi = (i8)_mm256_dpwssd_avx_epi32((__m256i)sum.hi, (__m256i)weights.hi, (__m256i)inputs.hi);
  return out;
}

/// Sixteen f16 as f32.
INLINE v16 load_halves(const void *p) {
  v16 floats;
  floats.lo = (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
  floats.hi = (v8)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1));
  return floats;
}

#include "kernels.h"

#pragma clang attribute pop

#endif
