/// The AVX-512 kernels for processors without AVX-512: the same block shapes and input layout, with the AVX-512
/// instructions emulated in plain C. They do not test the machine code that the compiler generates for AVX-512.
#ifndef WIDEKERNELS_H
#define WIDEKERNELS_H

#include "CKernels.h"

/// Kernel tables with the shapes of AVX-512, and of AVX-512 with dot products; null if the processor has no FMA.
const ck_kernels *_Nullable wide_kernels(void);
const ck_kernels *_Nullable wide_dot_kernels(void);

#endif
