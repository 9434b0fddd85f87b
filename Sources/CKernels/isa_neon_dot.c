// NEON with dot products of groups of four signed bytes (`SDOT`).
#if defined(__aarch64__)

#include <arm_neon.h>

#include "isa.h"
#include "vector.h"

#define KERNEL_TABLE ck_kernels_neon_dot
#define KERNEL_ISA CK_ISA_NEON_DOT
#define KERNEL_NAME "neon"

#define SHAPE_NEON
#include "shapes.h"

#define DOT_BYTES(sum, w, x) dot_bytes(sum, w, x)
#define DOT_TAKES_SIGNED

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

INLINE i16 dot_bytes(i16 sum, i16 weights, i16 inputs) {
  UNROLL for (int i = 0; i < CK_LANES; i += 4) {
    int32x4_t s = {sum[i], sum[i + 1], sum[i + 2], sum[i + 3]};
    int32x4_t w = {weights[i], weights[i + 1], weights[i + 2], weights[i + 3]};
    int32x4_t x = {inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3]};
    s = vdotq_s32(s, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(x));
    UNROLL for (int j = 0; j < 4; j++) sum[i + j] = s[j];
  }
  return sum;
}

#include "kernels.h"

#pragma clang attribute pop

#endif
