// libdispatch answers every failure to get a thread or memory with `sleep(1)` and another try, without end. On Linux
// this definition of `sleep` replaces the C library's and limits the number of tries.

#if defined(__linux__)

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "shortage.h"

/// Calls in a row, each a tenth as long as requested, after which the process ends with an error line.
enum { PATIENCE = 20 };

static int64_t milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/// Whether an address lies in the object that holds libdispatch: a shared library, or the program itself where the
/// runtime is linked statically.
static bool is_dispatch(const void *address) {
  void *dispatch = dlsym(RTLD_DEFAULT, "dispatch_async_f");
  Dl_info caller, library;
  return dispatch && dladdr(address, &caller) && dladdr(dispatch, &library) && caller.dli_fbase == library.dli_fbase;
}

/// The C library's `sleep`, except that calls by libdispatch take a tenth of the time and end the process after
/// `PATIENCE` of them in a row.
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
