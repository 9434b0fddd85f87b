/// Counts the memory allocations of a thread, by replacing glibc's `malloc` in the test program.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdbool.h>

/// Whether this build counts: on Linux with glibc, without a sanitizer.
bool allocation_count_works(void);

/// Starts counting the allocations of the calling thread.
void allocation_count_begin(void);

/// Stops counting and returns the number of allocations.
long allocation_count_end(void);

/// The bytes of the allocations counted last.
long allocation_count_bytes(void);

#endif
