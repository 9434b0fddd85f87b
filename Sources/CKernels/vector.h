// Vectors of sixteen floats, in the compiler's portable vector types: one register with AVX-512, two with AVX2, four
// with NEON, sixteen scalars in plain C. All kernels are written once with these types, so instruction sets cannot
// differ in order or rounding. Everything is inlined, so the ABI of vector arguments does not matter.
#ifndef CKERNELS_VECTOR_H
#define CKERNELS_VECTOR_H

#include <math.h>
#include <string.h>

#include "block_panels.h"
#include "formats.h"

#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float v16 __attribute__((ext_vector_type(16)));
typedef float v8 __attribute__((ext_vector_type(8)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef double d16 __attribute__((ext_vector_type(16)));
typedef double d8 __attribute__((ext_vector_type(8)));
typedef double d4 __attribute__((ext_vector_type(4)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t n16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16 __attribute__((ext_vector_type(16)));
typedef int32_t i8 __attribute__((ext_vector_type(8)));

#endif
