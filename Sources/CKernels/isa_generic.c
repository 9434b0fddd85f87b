// Plain C without a target attribute, for any processor. Fused multiply-adds call `fmaf`, so this is slow.
#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_generic
#define KERNEL_ISA CK_ISA_GENERIC
#define KERNEL_NAME "generic"

#include "shapes.h"

#include "kernels.h"
