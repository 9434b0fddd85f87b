/// The AVX-512 kernels for processors without AVX-512: the same block shapes and input layout, with AVX-512's own
/// instructions emulated in plain C. Only the code that the compiler generates for AVX-512 remains untested by them.
#ifndef WIDEKERNELS_H
#define WIDEKERNELS_H

#include "CKernels.h"

/// The tables in the shape of AVX-512, and of AVX-512 with dot products; null if the processor has no FMA instruction.
const ck_kernels *_Nullable wide_kernels(void);
const ck_kernels *_Nullable wide_dot_kernels(void);

#endif
