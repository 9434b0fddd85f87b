// The kernel tables of this build.
#ifndef CKERNELS_ISA_H
#define CKERNELS_ISA_H

#include "CKernels.h"

extern const ck_kernels ck_kernels_naive;
extern const ck_kernels ck_kernels_generic;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx2_vnni;
extern const ck_kernels ck_kernels_avx512;
extern const ck_kernels ck_kernels_avx512_vnni;
extern const ck_kernels ck_kernels_avx512_bf16;
#elif defined(__aarch64__)
extern const ck_kernels ck_kernels_neon;
extern const ck_kernels ck_kernels_neon_dot;
#endif

#endif
