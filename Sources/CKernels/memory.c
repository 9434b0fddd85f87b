// Aligned memory. Large blocks use huge pages, because every decoding step reads all weights.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "CKernels.h"

enum { LINE = 64 };
static const size_t kHugePage = 2 << 20;

void *ck_allocate(size_t bytes) {
  if (bytes > SIZE_MAX - 2 * kHugePage) return NULL;
  void *memory = NULL;
#if defined(__linux__)
  if (bytes >= 2 * kHugePage) {
    // Map more than needed, so that the block can begin at a huge page, then unmap the excess.
    size_t whole = (bytes + 4095) / 4096 * 4096;
    char *raw = mmap(NULL, whole + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) return NULL;
    size_t lead = (kHugePage - (uintptr_t)raw % kHugePage) % kHugePage;
    if (lead > 0) munmap(raw, lead);
    if (kHugePage - lead > 0) munmap(raw + lead + whole, kHugePage - lead);
    madvise(raw + lead, whole, MADV_HUGEPAGE);
    return raw + lead;
  }
#endif
  if (posix_memalign(&memory, LINE, bytes > 0 ? bytes : 1) != 0) return NULL;
  return memory;
}

void ck_free(void *memory, size_t bytes) {
#if defined(__linux__)
  if (bytes >= 2 * kHugePage) {
    munmap(memory, (bytes + 4095) / 4096 * 4096);
    return;
  }
#else
  (void)bytes;
#endif
  free(memory);
}

void ck_release_unused(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

bool ck_is_sanitized(void) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return true;
#endif
#endif
  return false;
}
