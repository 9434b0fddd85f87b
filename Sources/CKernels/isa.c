// Detects the instruction sets of the processor and the operating system, and selects the kernels.

#include "isa.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
#include <cpuid.h>

/// The register sets that the operating system saves on a context switch (XCR0).
static uint64_t saved_registers(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static bool has_bits(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

static bool supports(uint32_t isa) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  bool saves = (c & bit_OSXSAVE) != 0;
  bool fma = has_bits(c, (uint64_t)bit_FMA | bit_F16C | bit_AVX);
  if (!saves || !fma || !has_bits(saved_registers(), 0x6)) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  if (!has_bits(b, (uint64_t)bit_AVX2 | bit_BMI | bit_BMI2)) return false;
  bool has_avx512 = has_bits(b, (uint64_t)bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL) &&
                    has_bits(saved_registers(), 0xe6);
  bool has_avx512_vnni = has_avx512 && has_bits(c, bit_AVX512VNNI);
  uint32_t more = 0;
  if (!__get_cpuid_count(7, 1, &more, &b, &c, &d)) more = 0;
  switch (isa) {
    case CK_ISA_AVX2: return true;
    case CK_ISA_AVX2_VNNI: return has_bits(more, bit_AVXVNNI);
    case CK_ISA_AVX512: return has_avx512;
    case CK_ISA_AVX512_VNNI: return has_avx512_vnni;
    case CK_ISA_AVX512_BF16: return has_avx512_vnni && has_bits(more, bit_AVX512BF16);
    default: return false;
  }
}

/// Whether `VDPBF16PS` is faster than the two multiply-adds it replaces. On AMD's Zen 5 it is twice as fast; on Intel's
/// fifth-generation Xeon it takes 1.7 times as long.
static bool has_fast_pairs(void) {
  uint32_t a, b, c, d;
  return __get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx && c == signature_AMD_ecx && d == signature_AMD_edx;
}
#elif defined(__aarch64__)
/// Whether `SDOT` is available: at compile time on Apple's processors, otherwise as the operating system reports.
static bool has_dot_products(void) {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}
#endif

const ck_kernels *ck_kernels_for(uint32_t isa) {
  switch (isa) {
    case CK_ISA_NAIVE: return &ck_kernels_naive;
    case CK_ISA_GENERIC: return &ck_kernels_generic;
#if defined(__x86_64__)
    case CK_ISA_AVX2: return supports(isa) ? &ck_kernels_avx2 : NULL;
    case CK_ISA_AVX2_VNNI: return supports(isa) ? &ck_kernels_avx2_vnni : NULL;
    case CK_ISA_AVX512: return supports(isa) ? &ck_kernels_avx512 : NULL;
    case CK_ISA_AVX512_VNNI: return supports(isa) ? &ck_kernels_avx512_vnni : NULL;
    case CK_ISA_AVX512_BF16: return supports(isa) ? &ck_kernels_avx512_bf16 : NULL;
#elif defined(__aarch64__)
    case CK_ISA_NEON: return &ck_kernels_neon;
    case CK_ISA_NEON_DOT: return has_dot_products() ? &ck_kernels_neon_dot : NULL;
#endif
    default: return NULL;
  }
}

static const ck_kernels *_Atomic active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose_kernels(void) {
  const char *wanted = getenv("TRIPTYCH_ISA");
  const ck_kernels *named = NULL, *best = NULL;
  for (uint32_t isa = CK_ISA_GENERIC; isa < CK_ISA_COUNT; isa++) {
    const ck_kernels *kernels = ck_kernels_for(isa);
    if (!kernels) continue;
#if defined(__x86_64__)
    if (isa == CK_ISA_AVX512_BF16 && !has_fast_pairs()) continue;
#endif
    best = kernels;
    if (wanted && strcmp(wanted, kernels->name) == 0) named = kernels;
  }
  atomic_store(&active, named ? named : best);
}

const ck_kernels *ck_active(void) {
  pthread_once(&once, choose_kernels);
  return atomic_load_explicit(&active, memory_order_relaxed);
}

bool ck_activate(uint32_t isa) {
  const ck_kernels *kernels = ck_kernels_for(isa);
  if (!kernels) return false;
  pthread_once(&once, choose_kernels);
  atomic_store(&active, kernels);
  return true;
}
