// The process's team of worker threads. After a piece of work its members spin briefly, because the next operation of a
// forward pass usually follows within microseconds. Then they sleep, so that an idle program uses no processor time.
//
// A member joins a piece of work by incrementing the count in `state`. The caller takes items too; when none are left
// it closes the work and waits only for the members that joined. It never waits for a member that the system has not
// scheduled.

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "CKernels.h"

enum { MAX_THREADS = 256 };

/// Bit 0: open for joining. Bits 1 to 15: number of members at work. Other bits: generation, incremented for every
/// piece of work.
enum { OPEN = 1, MEMBER = 2, MEMBERS = 0xfffe, GENERATION = 0x10000 };

static const int64_t kSpinNanoseconds = 80000;

static struct {
  _Alignas(64) _Atomic uint64_t state;
  _Alignas(64) _Atomic size_t next;
  _Alignas(64) ck_body body;
  void *context;
  size_t count, grain;
  _Alignas(64) _Atomic size_t sleepers;
  _Atomic bool stopping;
  _Atomic size_t size;
  pthread_t threads[MAX_THREADS];
  pthread_mutex_t lock;
  pthread_cond_t wake;
  /// Held by the thread that distributes work or resizes the team.
  pthread_mutex_t owner;
} team = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .owner = PTHREAD_MUTEX_INITIALIZER};

/// Whether this thread is executing items.
static _Thread_local bool inside;

static void pause_thread(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void take_items(size_t worker) {
  size_t count = team.count, grain = team.grain;
  for (;;) {
    size_t begin = atomic_fetch_add_explicit(&team.next, grain, memory_order_relaxed);
    if (begin >= count) return;
    size_t end = count - begin < grain ? count : begin + grain;
    team.body(team.context, begin, end, worker);
  }
}

/// Sleeps until the state differs from `seen` or the team is stopping.
static void sleep_on(uint64_t seen) {
  pthread_mutex_lock(&team.lock);
  atomic_fetch_add(&team.sleepers, 1);
  while (atomic_load(&team.state) == seen && !atomic_load(&team.stopping)) pthread_cond_wait(&team.wake, &team.lock);
  atomic_fetch_sub(&team.sleepers, 1);
  pthread_mutex_unlock(&team.lock);
}

static void wake_sleepers(void) {
  if (atomic_load(&team.sleepers) == 0) return;
  pthread_mutex_lock(&team.lock);
  pthread_cond_broadcast(&team.wake);
  pthread_mutex_unlock(&team.lock);
}

static void *run_member(void *argument) {
  size_t worker = (size_t)argument;
  inside = true;
  uint64_t state = atomic_load(&team.state), done = ~(uint64_t)0;
  int64_t since = now();
  for (size_t turn = 1; !atomic_load_explicit(&team.stopping, memory_order_relaxed); turn++) {
    state = atomic_load_explicit(&team.state, memory_order_acquire);
    uint64_t generation = state / GENERATION;
    if ((state & OPEN) && generation != done) {
      if (!atomic_compare_exchange_weak(&team.state, &state, state + MEMBER)) continue;
      take_items(worker);
      atomic_fetch_sub_explicit(&team.state, MEMBER, memory_order_release);
      done = generation;
      since = now();
      continue;
    }
    pause_thread();
    if (turn % 64 != 0) continue;
    // On an oversubscribed processor, let other threads run.
    if (turn % 1024 == 0) sched_yield();
    if (now() - since < kSpinNanoseconds) continue;
    sleep_on(state);
    since = now();
  }
  return NULL;
}

/// Requires the owner's lock.
static void stop_members(void) {
  size_t size = atomic_load(&team.size);
  if (size <= 1) return;
  pthread_mutex_lock(&team.lock);
  atomic_store(&team.stopping, true);
  pthread_cond_broadcast(&team.wake);
  pthread_mutex_unlock(&team.lock);
  for (size_t i = 1; i < size; i++) pthread_join(team.threads[i], NULL);
  atomic_store(&team.stopping, false);
}

/// Requires the owner's lock.
static void start_members(size_t threads) {
  if (threads > MAX_THREADS) threads = MAX_THREADS;
  size_t size = 1;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  while (size < threads && pthread_create(&team.threads[size], &attributes, run_member, (void *)size) == 0) size++;
  pthread_attr_destroy(&attributes);
  atomic_store(&team.size, size);
}

void ck_team_resize(size_t threads) {
  if (inside) return;
  if (threads == 0) threads = ck_default_threads();
  pthread_mutex_lock(&team.owner);
  if (threads != atomic_load(&team.size)) {
    stop_members();
    start_members(threads);
  }
  pthread_mutex_unlock(&team.owner);
}

size_t ck_team_size(void) {
  size_t size = atomic_load_explicit(&team.size, memory_order_acquire);
  if (size > 0) return size;
  pthread_mutex_lock(&team.owner);
  if (atomic_load(&team.size) == 0) start_members(ck_default_threads());
  size = atomic_load(&team.size);
  pthread_mutex_unlock(&team.owner);
  return size;
}

void ck_parallel(size_t count, size_t grain, ck_body body, void *context) {
  if (count == 0) return;
  if (grain == 0) grain = 1;
  if (count <= grain || inside || ck_team_size() == 1 || pthread_mutex_trylock(&team.owner) != 0) {
    body(context, 0, count, 0);
    return;
  }
  team.body = body;
  team.context = context;
  team.count = count;
  team.grain = grain;
  atomic_store_explicit(&team.next, 0, memory_order_relaxed);
  uint64_t closed = atomic_load_explicit(&team.state, memory_order_relaxed);
  atomic_store(&team.state, closed + GENERATION + OPEN);
  wake_sleepers();

  inside = true;
  take_items(0);
  inside = false;

  atomic_fetch_and(&team.state, ~(uint64_t)OPEN);
  for (size_t turn = 1; atomic_load_explicit(&team.state, memory_order_acquire) & MEMBERS; turn++) {
    pause_thread();
    if (turn % 1024 == 0) sched_yield();
  }
  pthread_mutex_unlock(&team.owner);
}
