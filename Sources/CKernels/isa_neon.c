// NEON. Every 64-bit ARM processor has it, so no target attribute is needed.
#if defined(__aarch64__)

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_neon
#define KERNEL_ISA CK_ISA_NEON
#define KERNEL_NAME "neon"

#define SHAPE_NEON
#include "shapes.h"

#include "kernels.h"

#endif
