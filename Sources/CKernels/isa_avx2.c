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
/// Six queries are twelve registers of sums, which leaves room for keys or values and a splat one; four fill the rest
/// of the multiply-add's latency just so.
#define ATTENTION_MANY 6
#define ATTENTION_FEW 4
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

/// Half of the first-level cache.
#define CHUNK_BYTES 16384
#define MANY_BLOCKS 4

#define DOT_HALVES(a, b) multiply_add_halves(a, b)
#define SUM_NIBBLES(sum, codes, inputs) add_nibbles(sum, codes, inputs)

/// While bf16 sums run, the processor itself takes subnormal numbers for zero; what stands before and after does not
/// know of it, so the sums are pinned on both sides of each change.
#define BEGIN_FLUSHING(count, sums) \
  uint32_t mode = _mm_getcsr();     \
  _mm_setcsr(mode | 0x9fc0);        \
  pin(count, sums)
#define END_FLUSHING(count, sums) \
  pin(count, sums);               \
  _mm_setcsr(mode);               \
  pin(count, sums)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)

INLINE i16 multiply_add_halves(i16 a, i16 b) {
  i16 sum;
  sum.lo = (i8)_mm256_madd_epi16((__m256i)a.lo, (__m256i)b.lo);
  sum.hi = (i8)_mm256_madd_epi16((__m256i)a.hi, (__m256i)b.hi);
  return sum;
}

/// Adds the products of unsigned and signed bytes, two by two, to sums of 16 bits.
INLINE i16 add_nibbles(i16 sum, i16 codes, i16 inputs) {
  i16 out;
  out.lo = (i8)_mm256_add_epi16(
      (__m256i)sum.lo, _mm256_maddubs_epi16((__m256i)codes.lo, (__m256i)inputs.lo));
  out.hi = (i8)_mm256_add_epi16(
      (__m256i)sum.hi, _mm256_maddubs_epi16((__m256i)codes.hi, (__m256i)inputs.hi));
  return out;
}

/// Makes what is computed with the sums stay on its side of this place.
INLINE void pin(const int count, v16 *sums) {
  UNROLL for (int i = 0; i < count; i++) {
    v8 low = sums[i].lo, high = sums[i].hi;
    __asm__ volatile("" : "+x"(low), "+x"(high));
    sums[i].lo = low;
    sums[i].hi = high;
  }
}

#include "kernels.h"

#pragma clang attribute pop

#endif
