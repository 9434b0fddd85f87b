// Guards of mapped files. Reading a page that lies beyond the end of its file raises SIGBUS; the handler puts a page of
// zeros there and notes it, so that the reader can go on and refuse what it has read afterwards.

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shortage.h"

/// More files than any model has shards.
enum { GUARDS = 1024 };

static struct {
  _Atomic uintptr_t start;
  _Atomic uintptr_t end;
  _Atomic bool is_taken;
  _Atomic bool was_cut;
} guards[GUARDS];

int cs_guard(const void *start, size_t count) {
  cs_watch_bus();
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

bool cs_mend(const void *address) {
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
