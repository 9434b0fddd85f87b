#include "AllocationCount.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#if defined(__linux__) && !defined(SANITIZED)
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>

#if defined(__GLIBC__)
#define COUNTS
static _Thread_local bool counting;
static _Thread_local long count;
static _Thread_local long bytes_asked;

static void note(size_t bytes) {
  if (!counting) return;
  count++;
  bytes_asked += (long)bytes;
}

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t number, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
  note(bytes);
  return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes) {
  note(number * bytes);
  return __libc_calloc(number, bytes);
}

void *realloc(void *memory, size_t bytes) {
  note(bytes);
  return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  note(bytes);
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  note(bytes);
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}
#endif
#endif

#ifdef COUNTS
bool allocation_count_works(void) { return true; }

void allocation_count_begin(void) {
  count = 0;
  bytes_asked = 0;
  counting = true;
}

long allocation_count_end(void) {
  counting = false;
  return count;
}

long allocation_count_bytes(void) { return bytes_asked; }
#else
bool allocation_count_works(void) { return false; }
void allocation_count_begin(void) {}
long allocation_count_end(void) { return 0; }
long allocation_count_bytes(void) { return 0; }
#endif
