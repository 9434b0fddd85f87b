// AVX-512: 32 registers of 16 lanes.
#if defined(__x86_64__)

#include <immintrin.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx512
#define KERNEL_ISA CK_ISA_AVX512
#define KERNEL_NAME "avx512"

#define SHAPE_AVX512
#include "shapes.h"

#define SCALE_BY_POWER(p, whole, n) ((v16)_mm512_scalef_ps((__m512)(p), (__m512)(whole)))

#define DOT_HALVES(a, b) ((i16)_mm512_madd_epi16((__m512i)(a), (__m512i)(b)))

#define HALVES(p) ((v16)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p))))

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

#endif
