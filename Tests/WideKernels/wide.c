#include "WideKernels.h"

#include "instructions.h"

#define KERNEL_TABLE wide_table
#define KERNEL_ISA CK_ISA_AVX512
#define KERNEL_NAME "wide"

#include "shape_avx512.h"

#include "kernels.h"

const ck_kernels *wide_kernels(void) { return INSTRUCTIONS_ARE_THERE ? &wide_table : NULL; }

#if defined(__x86_64__)
#pragma clang attribute pop
#endif
