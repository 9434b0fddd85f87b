#include "WideKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "instructions.h"

#define KERNEL_TABLE wide_table
#define KERNEL_ISA CK_ISA_AVX512
#define KERNEL_NAME "wide"

#define SHAPE_AVX512
#include "shapes.h"

#if defined(__x86_64__)
// As with AVX-512, MXCSR flushes subnormal numbers, and bf16 is unpacked once for many rows.
#undef PIN
#define PIN PIN_HALVES
#endif

#include "kernels.h"

const ck_kernels *wide_kernels(void) { return INSTRUCTIONS_ARE_THERE ? &wide_table : NULL; }

#pragma clang attribute pop
#if defined(__x86_64__)
#pragma clang attribute pop
#endif
