// What happens where memory, threads or file descriptors run out, and where a mapped file is cut while it is read.
//
// The Swift runtime and libdispatch have no way to report these failures to their callers: the runtime writes a trace
// and aborts, libdispatch sleeps a second and tries again for ever. Here both become one error line and exit code 1.
#ifndef TRIPTYCH_CSHORTAGE_H
#define TRIPTYCH_CSHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

/// Handles the fatal signals from now on. A signal that follows a failed allocation, or a failure to get a file
/// descriptor, ends the process with an error line and exit code 1. Any other one is passed on to the handler that was
/// there before, so a fault of the program stays visible as one.
///
/// Where the C library is glibc, what the Swift runtime writes to `stderr` about a shortage is left out.
void cs_watch(void);

/// Sets a function that is called once before the process ends by one of the signals above or by a shortage. It may be
/// called inside a signal handler.
void cs_set_farewell(void (*farewell)(void));

/// Guards a mapping of a file against the file being cut: pages beyond its new end read as zeros, instead of ending the
/// process with SIGBUS.
/// - Returns: the number of the guard; negative where there is no room for another one.
int cs_guard(const void *start, size_t count);

/// Whether pages of a guarded mapping were missing when they were read.
bool cs_was_cut(int guard);

/// Ends a guard; comes before the mapping is removed.
void cs_unguard(int guard);

#endif
