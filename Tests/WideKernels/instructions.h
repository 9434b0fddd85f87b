// Compile the wide kernels for AVX2 and FMA, so that tests with many sizes are fast.
#include "isa.h"
#include "vector.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#define INSTRUCTIONS_ARE_THERE (ck_kernels_for(CK_ISA_AVX2) != NULL)
#else
#define INSTRUCTIONS_ARE_THERE true
#endif

// These files exist to compare bits. Instrumented by sanitizers, each would take minutes to compile.
#pragma clang attribute push(__attribute__((no_sanitize("address", "undefined"))), apply_to = function)
