#include "WideKernels.h"

#include "instructions.h"

#define KERNEL_TABLE wide_dot_table
#define KERNEL_ISA CK_ISA_AVX512_BF16
#define KERNEL_NAME "wide dot"

#define SHAPE_AVX512
#include "shapes.h"

/// `VDPBF16PS`: two fused multiply-adds, odd elements first, with subnormal results flushed to zero.
INLINE v16 dot_pairs(v16 sum, i16 weights, i16 inputs) {
  for (int i = 0; i < CK_LANES; i++) {
    uint32_t w = (uint32_t)weights[i], x = (uint32_t)inputs[i];
    sum[i] = add_flushed(sum[i], bits_float(x & 0xffff0000), bits_float(w & 0xffff0000));
    sum[i] = add_flushed(sum[i], bits_float(x << 16), bits_float(w << 16));
  }
  return sum;
}
#define DOT_PAIRS(sum, w, x) dot_pairs(sum, w, x)

/// `VPDPBUSD`: four products of unsigned and signed bytes, added without saturation.
INLINE i16 dot_bytes(i16 sum, i16 weights, i16 inputs) {
  for (int i = 0; i < CK_LANES; i++) {
    uint32_t w = (uint32_t)weights[i], x = (uint32_t)inputs[i];
    for (int byte = 0; byte < 32; byte += 8) sum[i] += (int32_t)(uint8_t)(w >> byte) * (int8_t)(x >> byte);
  }
  return sum;
}
#define DOT_BYTES(sum, w, x) dot_bytes(sum, w, x)

#include "kernels.h"

const ck_kernels *wide_dot_kernels(void) { return INSTRUCTIONS_ARE_THERE ? &wide_dot_table : NULL; }

#pragma clang attribute pop
#if defined(__x86_64__)
#pragma clang attribute pop
#endif
