// NEON: 32 registers, four of which hold 16 lanes. It is part of every 64-bit ARM processor, so no attribute is needed.
#if defined(__aarch64__)

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_neon
#define KERNEL_ISA CK_ISA_NEON
#define KERNEL_NAME "neon"

#define ROW_BLOCK 6
#define F32_PANELS(rows) ((rows) == 1 ? 4 : (rows) == 2 ? 3 : (rows) == 3 ? 2 : 1)
#define BF16_PANELS(rows) ((rows) == 1 ? 3 : (rows) == 2 ? 2 : 1)
#define CODE_PANELS(rows) ((rows) == 1 ? 2 : 1)
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#include "kernels.h"

#endif
