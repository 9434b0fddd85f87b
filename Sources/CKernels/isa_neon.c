// NEON: 32 registers, four of which hold 16 lanes. It is part of every 64-bit ARM processor, so no attribute is needed.
#if defined(__aarch64__)

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_neon
#define KERNEL_ISA CK_ISA_NEON
#define KERNEL_NAME "neon"

#define ROW_BLOCK 6
#define PANELS_FOR_1 4
#define PANELS_FOR_2 3
#define PANELS_FOR_3 2
#define PANELS_FOR_4 1
#define PANELS_FOR_5 1
#define PANELS_FOR_6 1
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#include "kernels.h"

#endif
