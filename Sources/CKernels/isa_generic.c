// Plain C: no target attribute. Fused operations are `fmaf`, so this is right everywhere and fast nowhere.
#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_generic
#define KERNEL_ISA CK_ISA_GENERIC
#define KERNEL_NAME "generic"

#include "shapes.h"

#include "kernels.h"
