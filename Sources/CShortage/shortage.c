// Turns exhausted resources into an error line and exit code 1, and protects readers of mapped files that are
// truncated.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <malloc.h>
#endif
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "CShortage.h"

/// An exhausted resource.
enum cs_resource { CS_NOTHING, CS_MEMORY, CS_DESCRIPTORS, CS_THREADS };

static const int kFatal[] = {SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSYS};
enum { FATAL = sizeof kFatal / sizeof *kFatal };

static void watch(int number);

static struct sigaction previous[65];
static void (*_Atomic farewell)(void);
static _Atomic bool is_watching;
/// The exit code of a program that has written all of its output; negative before.
static _Atomic int exit_code = -1;
/// The buffered message of an uncaught C++ exception; it is written unless the cause is exhausted memory.
static char held[1024];
static size_t held_count;
/// Whether the Swift runtime has printed a reason for its trap that is not a shortage.
static _Atomic bool has_other_reason;

void cs_set_farewell(void (*function)(void)) { atomic_store(&farewell, function); }

void cs_set_exit_code(int code) { atomic_store(&exit_code, code); }

static void call_farewell(void) {
  void (*function)(void) = atomic_exchange(&farewell, NULL);
  if (function) function();
}

static void write_all(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(STDERR_FILENO, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

/// The lowest memory limit in KiB; 0 if there is none.
static unsigned long memory_limit(void) {
  rlim_t lowest = RLIM_INFINITY;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < lowest) lowest = limit.rlim_cur;
  if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur < lowest) lowest = limit.rlim_cur;
  return lowest == RLIM_INFINITY ? 0 : (unsigned long)(lowest / 1024);
}

static unsigned long descriptor_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (unsigned long)limit.rlim_cur : 0;
}

static _Noreturn void end_process(enum cs_resource resource) {
  // If two threads fail at the same time, one reports and the others wait for the end. If the reporting thread fails
  // again inside the farewell function, on the same stack, it ends the process at once.
  static _Atomic bool is_ending;
  static _Thread_local volatile bool is_reporting;
  if (is_reporting) _exit(1);
  if (atomic_exchange(&is_ending, true)) {
    for (;;) pause();
  }
  is_reporting = true;
  call_farewell();
  int code = atomic_load(&exit_code);
  if (code >= 0) _exit(code);
  char text[400];
  unsigned long memory = memory_limit();
  int count = 0;
  switch (resource) {
    case CS_DESCRIPTORS:
      count = snprintf(
          text, sizeof text,
          "error: out of file descriptors, this process: expected a free one, found a limit of %lu\n"
          "hint: raise the limit (ulimit -n)\n",
          descriptor_limit());
      break;
    case CS_THREADS:
      count = snprintf(
          text, sizeof text,
          "error: out of threads, this process: expected a new thread, found none within two seconds\n"
          "hint: raise the limits on processes and memory (ulimit -u, ulimit -v)\n");
      break;
    default:
      count = memory > 0 ? snprintf(
                               text, sizeof text,
                               "error: out of memory, this process: expected memory for the work, found a limit of "
                               "%lu KiB\nhint: raise the limit (ulimit -v), or use a smaller model or number format\n",
                               memory)
                         : snprintf(
                               text, sizeof text,
                               "error: out of memory, this process: expected memory for the work, found none left\n"
                               "hint: use a smaller model or number format\n");
  }
  if (count > 0) write_all(text, (size_t)count);
  _exit(1);
}

// ------------------------------------------------------------------------------------------------------- mapped files
//
// Reading a mapped page beyond the end of its file raises SIGBUS. For a guarded mapping, the handler maps a page of
// zeros there and sets a flag, so that the reader can continue and reject the data afterwards.

/// Larger than the number of shards of any model.
enum { GUARDS = 1024 };

static struct {
  _Atomic uintptr_t start;
  _Atomic uintptr_t end;
  _Atomic bool is_taken;
  _Atomic bool was_cut;
} guards[GUARDS];

int cs_guard(const void *start, size_t count) {
  watch(SIGBUS);
  for (int i = 0; i < GUARDS; i++) {
    if (atomic_exchange(&guards[i].is_taken, true)) continue;
    atomic_store(&guards[i].was_cut, false);
    atomic_store(&guards[i].end, (uintptr_t)start + count);
    atomic_store(&guards[i].start, (uintptr_t)start);
    return i;
  }
  return -1;
}

bool cs_was_cut(int guard) { return guard >= 0 && guard < GUARDS && atomic_load(&guards[guard].was_cut); }

void cs_unguard(int guard) {
  if (guard < 0 || guard >= GUARDS) return;
  atomic_store(&guards[guard].start, 0);
  atomic_store(&guards[guard].end, 0);
  atomic_store(&guards[guard].is_taken, false);
}

static bool mend_page(const void *address) {
  uintptr_t place = (uintptr_t)address;
  for (int i = 0; i < GUARDS; i++) {
    uintptr_t start = atomic_load(&guards[i].start);
    if (start == 0 || place < start || place >= atomic_load(&guards[i].end)) continue;
    atomic_store(&guards[i].was_cut, true);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *begin = (void *)(place / page * page);
    return mmap(begin, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
  }
  return false;
}

// ------------------------------------------------------------------------------------------------------- fatal signals

/// Whether the process has no file descriptor left. Async-signal-safe.
static bool lacks_descriptors(void) {
  int spare = dup(STDERR_FILENO);
  if (spare < 0) return errno == EMFILE || errno == ENFILE;
  close(spare);
  return false;
}

/// Determines the resource whose exhaustion caused a signal: by `errno` of the last failed call, or by the C++
/// runtime's message. `errno` may be left over from a failure that was handled. So it does not count after the Swift
/// runtime has printed another reason; a memory fault counts only near address 0, where a failed allocation was
/// dereferenced; and descriptors must still be exhausted.
static enum cs_resource shortage(int number, const siginfo_t *info, int error) {
  if ((number == SIGSEGV || number == SIGBUS) && (size_t)info->si_addr >= 4096) return CS_NOTHING;
  if (strstr(held, "bad_alloc")) return CS_MEMORY;
  if (atomic_load(&has_other_reason)) return CS_NOTHING;
  if (error == ENOMEM) return CS_MEMORY;
  if ((error == EMFILE || error == ENFILE) && lacks_descriptors()) return CS_DESCRIPTORS;
  return CS_NOTHING;
}

static void on_fatal(int number, siginfo_t *info, void *context) {
  (void)context;
  int error = errno;
  if (number == SIGBUS && mend_page(info->si_addr)) {
    errno = error;
    return;
  }
  enum cs_resource resource = shortage(number, info, error);
  if (resource != CS_NOTHING) end_process(resource);
  call_farewell();
  write_all(held, held_count);
  sigaction(number, &previous[number], NULL);
  raise(number);
}

#if defined(__GLIBC__)

static bool has_prefix(const char *text, size_t count, const char *words) {
  size_t length = strlen(words);
  return count >= length && memcmp(text, words, length) == 0;
}

static bool contains(const char *text, size_t count, const char *words) {
  size_t length = strlen(words);
  for (size_t start = 0; start + length <= count; start++) {
    if (memcmp(text + start, words, length) == 0) return true;
  }
  return false;
}

/// Write callback of the stream that replaces `stderr`. Only the Swift and C++ runtimes write to it.
static ssize_t write_standard_error(void *cookie, const char *text, size_t count) {
  (void)cookie;
  // The Swift runtime prints this before it aborts, and fails again while printing the rest.
  if (has_prefix(text, count, "Fatal error: failed to allocate")) end_process(CS_MEMORY);
  if (contains(text, count, "Fatal error: ")) atomic_store(&has_other_reason, true);
  if (held_count > 0 || has_prefix(text, count, "terminate called")) {
    size_t room = sizeof held - 1 - held_count;
    size_t taken = count < room ? count : room;
    memcpy(held + held_count, text, taken);
    held_count += taken;
  } else {
    write_all(text, count);
  }
  return (ssize_t)count;
}

static void replace_standard_error(void) {
  FILE *file = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_standard_error});
  if (!file) return;
  setvbuf(file, NULL, _IONBF, 0);
  stderr = file;
}

#else

static void replace_standard_error(void) {}

#endif

static void watch(int number) {
  struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_ONSTACK | SA_SIGINFO};
  struct sigaction before;
  if (sigaction(number, NULL, &before) != 0 || before.sa_sigaction == on_fatal) return;
  previous[number] = before;
  sigaction(number, &action, NULL);
}

// glibc reserves 64 MiB of address space for each thread that allocates. Under a limit (ulimit -v) that fails, and each
// allocation tries again; with one arena for all threads the limit holds what is allocated.
static void share_one_arena(void) {
#if defined(__GLIBC__)
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
#endif
}

// Below this limit, whether libdispatch gets the descriptors that it needs is a matter of timing; without one it ends
// the process by an illegal instruction, on whatever thread needs it.
enum { LEAST_DESCRIPTORS = 16 };

static void require_descriptors(void) {
  unsigned long limit = descriptor_limit();
  if (limit == 0 || limit >= LEAST_DESCRIPTORS) return;
  char text[200];
  int count = snprintf(
      text, sizeof text,
      "error: too few file descriptors, this process: expected a limit of at least %d, found %lu\n"
      "hint: raise the limit (ulimit -n)\n",
      LEAST_DESCRIPTORS, limit);
  if (count > 0) write_all(text, (size_t)count);
  _exit(1);
}

void cs_watch(void) {
  if (atomic_exchange(&is_watching, true)) return;
  require_descriptors();
  // An alternate signal stack for the calling (main) thread, so that its stack overflow can be handled too.
  static char stack[65536];
  stack_t now;
  if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE)) {
    stack_t ours = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&ours, NULL);
  }
  for (size_t i = 0; i < FATAL; i++) watch(kFatal[i]);
  replace_standard_error();
  share_one_arena();
}

// ------------------------------------------------------------------------------------------------ waiting for threads
//
// If libdispatch cannot get a thread or memory, it calls `sleep(1)` and tries again, without end. On Linux this
// definition of `sleep` replaces the C library's and limits the number of tries.

#if defined(__linux__)

/// The number of consecutive calls, each a tenth as long as requested, after which the process ends with an error line.
enum { MAX_SLEEPS = 20 };

static int64_t now_in_milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/// Whether an address is in the object that contains libdispatch: a shared library, or the program itself if the
/// runtime is linked statically.
static bool is_dispatch(const void *address) {
  void *dispatch = dlsym(RTLD_DEFAULT, "dispatch_async_f");
  Dl_info caller, library;
  return dispatch && dladdr(address, &caller) && dladdr(dispatch, &library) && caller.dli_fbase == library.dli_fbase;
}

/// The C library's `sleep`, except that calls by libdispatch take a tenth of the time, and `MAX_SLEEPS` of them in a
/// row end the process.
unsigned sleep(unsigned seconds) {
  struct timespec rest = {.tv_sec = seconds};
  if (seconds == 0 || !is_dispatch(__builtin_return_address(0))) {
    return nanosleep(&rest, &rest) == 0 ? 0 : (unsigned)rest.tv_sec;
  }
  static _Atomic int calls;
  static _Atomic int64_t last;
  int64_t now = now_in_milliseconds();
  // The previous shortage is over.
  if (now - atomic_exchange(&last, now) > 1000) atomic_store(&calls, 0);
  if (atomic_fetch_add(&calls, 1) >= MAX_SLEEPS) end_process(CS_THREADS);
  rest = (struct timespec){.tv_sec = seconds / 10, .tv_nsec = (long)(seconds % 10) * 100000000};
  while (nanosleep(&rest, &rest) != 0) {
  }
  atomic_store(&last, now_in_milliseconds());
  return 0;
}

#endif
