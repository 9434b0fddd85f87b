/// The kernels as AVX-512 runs them, for processors without it: its blocks and its arrangement of inputs, with each of
/// its own instructions said in plain C. What only that processor can show is that the compiler's code for it is right.
#ifndef WIDEKERNELS_H
#define WIDEKERNELS_H

#include "CKernels.h"

/// The table of AVX-512 and of AVX-512 with dot products, or null where the processor has no fast multiply-add.
const ck_kernels *_Nullable wide_kernels(void);
const ck_kernels *_Nullable wide_dot_kernels(void);

#endif
