// Plain C: no target attribute. Fused operations are `fmaf`, so this is right everywhere and fast nowhere.
#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_generic
#define KERNEL_ISA CK_ISA_GENERIC
#define KERNEL_NAME "generic"

#define ROW_BLOCK 4
#define F32_PANELS(rows) 1
#define BF16_PANELS(rows) 1
#define CODE_PANELS(rows) 1
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#include "kernels.h"
