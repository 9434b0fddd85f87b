// AVX-512 with dot products of groups of four bytes (`VPDPBUSD`).
#if defined(__x86_64__)

#include <immintrin.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx512_vnni
#define KERNEL_ISA CK_ISA_AVX512_VNNI
#define KERNEL_NAME "avx512"

#define SHAPE_AVX512
#include "shapes.h"

#define SCALE_BY_POWER(p, whole, n) ((v16)_mm512_scalef_ps((__m512)(p), (__m512)(whole)))

#define DOT_BYTES(sum, w, x) ((i16)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(x)))

#define HALVES(p) ((v16)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p))))
#define ADD_HALVES(sum, w, x) ((i16)_mm512_dpwssd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(x)))

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,bmi,bmi2"))), \
    apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

#endif
