/// How often a thread asks for memory: stands in front of glibc's `malloc` in the test program.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdbool.h>

/// Whether this build counts: Linux with glibc, without a sanitizer.
bool allocation_count_works(void);

/// Begins to count what the calling thread asks for.
void allocation_count_begin(void);

/// Ends that.
/// Returns how many times memory was asked for.
long allocation_count_end(void);

#endif
