// AVX2 with FMA: 16 registers, two of which hold 16 lanes.
#if defined(__x86_64__)

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_avx2
#define KERNEL_ISA CK_ISA_AVX2
#define KERNEL_NAME "avx2"

#define ROW_BLOCK 6
#define PANELS_FOR_1 4
#define PANELS_FOR_2 2
#define PANELS_FOR_3 2
#define PANELS_FOR_4 1
#define PANELS_FOR_5 1
#define PANELS_FOR_6 1
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

#endif
