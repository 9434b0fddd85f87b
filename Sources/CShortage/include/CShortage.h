// Handling of exhausted memory, threads and file descriptors, and of mapped files that are truncated while they are
// read.
//
// The Swift runtime and libdispatch cannot report these failures to their callers: the runtime prints a trace and
// aborts; libdispatch sleeps for a second and retries forever. This module replaces both by one error line and exit
// code 1.
#ifndef TRIPTYCH_CSHORTAGE_H
#define TRIPTYCH_CSHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

/// Installs handlers for the fatal signals. A signal that follows a failed allocation, or a failure to get a file
/// descriptor, ends the process with an error line and exit code 1. Any other signal is passed on to the previous
/// handler, so that bugs in the program stay visible.
///
/// If the limit on file descriptors is below 16, it ends the process at once with an error line and exit code 1: the
/// libraries cannot work with so few.
///
/// With glibc, what the Swift runtime prints to `stderr` about exhausted memory is suppressed.
void cs_watch(void);

/// Sets a function that is called once before the process ends because of a fatal signal or a shortage. It must be
/// async-signal-safe.
void cs_set_farewell(void (*farewell)(void));

/// Sets the exit code of a program that has written all of its output. From then on, a shortage ends the process with
/// this code and without an error line.
void cs_set_exit_code(int code);

/// Guards a mapped file against truncation: pages beyond its new end read as zeros instead of ending the process with
/// SIGBUS.
/// - Returns: the guard's index, or a negative number if all guards are in use.
int cs_guard(const void *start, size_t count);

/// Whether pages of a guarded mapping were missing when they were read.
bool cs_was_cut(int guard);

/// Removes a guard. Call this before unmapping the file.
void cs_unguard(int guard);

#endif
