#include "WideKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "instructions.h"

#define KERNEL_TABLE wide_table
#define KERNEL_ISA CK_ISA_AVX512
#define KERNEL_NAME "wide"

#include "shape_avx512.h"

#if defined(__x86_64__)
// As with AVX-512, the processor flushes, and bf16 is unpacked once for many rows.
#undef PIN
#define PIN PIN_HALVES
#include "flushing_x86.h"
#endif

#include "kernels.h"

const ck_kernels *wide_kernels(void) { return INSTRUCTIONS_ARE_THERE ? &wide_table : NULL; }

#if defined(__x86_64__)
#pragma clang attribute pop
#endif
