// libdispatch answers every failure to get a thread or memory by calling `sleep(1)` and trying again, without end. On
// Linux this definition takes the place of the C library's for it, and so limits how often that happens.

#if defined(__linux__)

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shortage.h"

/// Calls in a row, each of a tenth of the time asked for, after which waiting has no more sense.
enum { PATIENCE = 20 };

static int64_t milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/// Whether an address lies in libdispatch, which may be a part of the program itself.
static bool is_dispatch(const void *address) {
  Dl_info place;
  if (!dladdr(address, &place) || !place.dli_fname) return false;
  return strstr(place.dli_fname, "libdispatch") || !strstr(place.dli_fname, ".so");
}

/// `sleep` as ever for everybody but libdispatch, whose seconds are a tenth as long and come to an end.
unsigned sleep(unsigned seconds) {
  struct timespec rest = {.tv_sec = seconds};
  if (seconds == 0 || !is_dispatch(__builtin_return_address(0))) {
    return nanosleep(&rest, &rest) == 0 ? 0 : (unsigned)rest.tv_sec;
  }
  static _Atomic int calls;
  static _Atomic int64_t last;
  int64_t now = milliseconds();
  // The shortage before this one has passed.
  if (now - atomic_exchange(&last, now) > 1000) atomic_store(&calls, 0);
  if (atomic_fetch_add(&calls, 1) >= PATIENCE) cs_end(CS_THREADS);
  rest = (struct timespec){.tv_sec = seconds / 10, .tv_nsec = (long)(seconds % 10) * 100000000};
  while (nanosleep(&rest, &rest) != 0) {
  }
  atomic_store(&last, milliseconds());
  return 0;
}

#endif
