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

#define DOT_BYTES(sum, w, x) dot_bytes(sum, w, x)

#pragma clang attribute push(__attribute__((target("avx2,avxvnni,fma,f16c,bmi,bmi2"))), apply_to = function)

INLINE i16 dot_bytes(i16 sum, i16 weights, i16 inputs) {
  i16 out;
  out.lo = (i8)_mm256_dpbusd_avx_epi32((__m256i)sum.lo, (__m256i)weights.lo, (__m256i)inputs.lo);
  out.hi = (i8)_mm256_dpbusd_avx_epi32((__m256i)sum.hi, (__m256i)weights.hi, (__m256i)inputs.hi);
  return out;
}

#include "kernels.h"

#pragma clang attribute pop

#endif
