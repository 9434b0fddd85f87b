// AVX2 with FMA: 16 registers, two of which hold 16 lanes.
#if defined(__x86_64__)

#include <immintrin.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx2
#define KERNEL_ISA CK_ISA_AVX2
#define KERNEL_NAME "avx2"

#define ROW_BLOCK 6
#define F32_PANELS(rows) ((rows) == 1 ? 4 : (rows) <= 3 ? 2 : 1)
#define BF16_PANELS(rows) ((rows) == 1 ? 3 : (rows) == 2 ? 2 : 1)
#define CODE_PANELS(rows) ((rows) == 1 ? 3 : 1)
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#define DOT_HALVES(a, b) multiply_add_halves(a, b)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)

INLINE i16 multiply_add_halves(i16 a, i16 b) {
  i16 sum;
  sum.lo = (i8)_mm256_madd_epi16((__m256i)a.lo, (__m256i)b.lo);
  sum.hi = (i8)_mm256_madd_epi16((__m256i)a.hi, (__m256i)b.hi);
  return sum;
}

#include "kernels.h"

#pragma clang attribute pop

#endif
