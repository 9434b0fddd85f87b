// AVX-512: 32 registers of 16 lanes.
#if defined(__x86_64__)

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx512
#define KERNEL_ISA CK_ISA_AVX512
#define KERNEL_NAME "avx512"

#define ROW_BLOCK 8
#define PANELS_FOR_1 4
#define PANELS_FOR_2 4
#define PANELS_FOR_3 4
#define PANELS_FOR_4 4
#define PANELS_FOR_5 4
#define PANELS_FOR_6 3
#define PANELS_FOR_7 3
#define PANELS_FOR_8 3
#define ATTENTION_WIDE_MANY 2
#define ATTENTION_DEEP_MANY 2

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

#endif
