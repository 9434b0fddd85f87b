// The number of physical cores that this process may use.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "CKernels.h"

#if defined(__linux__)

/// Reads up to `size - 1` bytes of a file into `text`; false if that fails or the file is empty.
static bool read_text(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  if (!file) return false;
  size_t n = fread(text, 1, size - 1, file);
  fclose(file);
  text[n] = 0;
  return n > 0;
}

/// The CPU quota of the control group in whole processors, at least 1; `none` if there is no limit. The lowest limit of
/// the group and its ancestors applies.
static size_t quota(size_t none) {
  char text[4096], path[4400], group[2048] = "";
  if (read_text("/proc/self/cgroup", text, sizeof text)) {
    const char *entry = strstr(text, "0::/");
    if (entry) sscanf(entry + 3, "%2047[^\n]", group);
  }
  double tightest = (double)none;
  for (;;) {
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    double limit, period;
    if (read_text(path, text, sizeof text) && sscanf(text, "%lf %lf", &limit, &period) == 2 && period > 0 &&
        limit / period < tightest)
      tightest = limit / period;
    char *slash = strrchr(group, '/');
    if (!slash) break;
    *slash = 0;
  }
  char other[64];
  if (read_text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", text, sizeof text) &&
      read_text("/sys/fs/cgroup/cpu/cpu.cfs_period_us", other, sizeof other)) {
    double limit = atof(text), period = atof(other);
    if (limit > 0 && period > 0 && limit / period < tightest) tightest = limit / period;
  }
  return tightest < 1 ? 1 : (size_t)tightest;
}

/// Whether a hardware thread of the same core with a lower number is allowed too, so that the core is already counted.
static bool shares_core(int cpu, const cpu_set_t *allowed) {
  char path[128], text[256];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  if (!read_text(path, text, sizeof text)) return false;
  for (char *p = text; *p;) {
    char *end;
    long first = strtol(p, &end, 10), last = first;
    if (end == p) return false;
    if (*end == '-') last = strtol(end + 1, &end, 10);
    for (long i = first; i <= last && i < cpu && i >= 0; i++)
      if (CPU_ISSET((size_t)i, allowed)) return true;
    p = *end == ',' ? end + 1 : end + strlen(end);
  }
  return false;
}

size_t ck_default_threads(void) {
  cpu_set_t allowed;
  size_t cores = 0;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
      if (CPU_ISSET((size_t)cpu, &allowed) && !shares_core(cpu, &allowed)) cores++;
  } else {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cores = online > 0 ? (size_t)online : 1;
  }
  if (cores == 0) cores = 1;
  size_t limit = quota(cores);
  return limit < cores ? limit : cores;
}

#else

size_t ck_default_threads(void) {
#if defined(__APPLE__)
  // Only the performance cores if there are two kinds: every step waits for the slowest thread.
  const char *names[] = {"hw.perflevel0.physicalcpu", "hw.physicalcpu"};
  for (size_t i = 0; i < 2; i++) {
    int count = 0;
    size_t size = sizeof count;
    if (sysctlbyname(names[i], &count, &size, NULL, 0) == 0 && count > 0) return (size_t)count;
  }
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (size_t)online : 1;
}

#endif
