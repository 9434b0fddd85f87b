// Restores the terminal however the process ends, and delivers non-fatal signals as bytes in a pipe.
//
// All memory used by the signal handler is static and prepared in advance. Call these functions from only one Swift
// file, because `static` state in a header exists once per file that includes it.
#ifndef TRIPTYCH_CNCURSES_LIFELINE_H
#define TRIPTYCH_CNCURSES_LIFELINE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
  char restore[1024];
  size_t restore_count;
  struct termios modes;
  bool has_modes;
  volatile sig_atomic_t active;
  int signal_pipe[2];
  int standard_error;
  int held_errors;
  struct sigaction previous[65];
} cn_lifeline = {.signal_pipe = {-1, -1}, .standard_error = -1, .held_errors = -1};

/// Writes all bytes to standard output, handling partial writes and EINTR.
static inline void cn_write(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

/// Prints the standard error output buffered in full-screen mode, and restores standard error.
static inline void cn_release_errors(void) {
  if (cn_lifeline.standard_error < 0) return;
  dup2(cn_lifeline.standard_error, STDERR_FILENO);
  char part[1024];
  ssize_t count;
  lseek(cn_lifeline.held_errors, 0, SEEK_SET);
  while ((count = read(cn_lifeline.held_errors, part, sizeof part)) > 0) {
    if (write(STDERR_FILENO, part, (size_t)count) < 0) break;
  }
  close(cn_lifeline.standard_error);
  close(cn_lifeline.held_errors);
  cn_lifeline.standard_error = cn_lifeline.held_errors = -1;
}

/// Restores the terminal; does nothing outside full-screen mode. Async-signal-safe.
static inline void cn_give_back(void) {
  if (!cn_lifeline.active) return;
  cn_lifeline.active = 0;
  cn_write(cn_lifeline.restore, cn_lifeline.restore_count);
  if (cn_lifeline.has_modes) tcsetattr(STDIN_FILENO, TCSANOW, &cn_lifeline.modes);
  cn_release_errors();
}

/// Saves the terminal's current modes, before ncurses changes them.
static inline void cn_remember_modes(void) {
  cn_lifeline.has_modes = tcgetattr(STDIN_FILENO, &cn_lifeline.modes) == 0;
}

/// Sets the bytes, at most 1,024, that restore the screen.
static inline void cn_set_restore(const char *bytes, size_t count) {
  if (count > sizeof cn_lifeline.restore) count = sizeof cn_lifeline.restore;
  memcpy(cn_lifeline.restore, bytes, count);
  cn_lifeline.restore_count = count;
}

/// Enters or leaves full-screen mode. In full-screen mode, output to standard error is buffered in a file if standard
/// error is a terminal.
static inline void cn_set_active(bool active) {
  cn_lifeline.active = active;
  if (!active) {
    cn_release_errors();
    return;
  }
  if (cn_lifeline.standard_error >= 0 || !isatty(STDERR_FILENO)) return;
  FILE *file = tmpfile();
  if (!file) return;
  int held = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
  fclose(file);
  if (held < 0) return;
  cn_lifeline.standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  cn_lifeline.held_errors = held;
  if (cn_lifeline.standard_error < 0) {
    close(held);
    cn_lifeline.held_errors = -1;
  } else {
    dup2(held, STDERR_FILENO);
  }
}

/// Writes the signal's number to the pipe, for the event loop.
static void cn_on_signal(int number) {
  int saved = errno;
  char byte = (char)number;
  if (write(cn_lifeline.signal_pipe[1], &byte, 1) < 0) { /* The pipe is full, so the event loop will wake up anyway. */ }
  errno = saved;
}

/// Registers `cn_give_back` to run at exit.
static inline void cn_give_back_at_exit(void) {
  static bool is_registered = false;
  if (!is_registered) atexit(cn_give_back);
  is_registered = true;
}

/// Opens the signal pipe; returns the descriptor to read from, or -1.
static inline int cn_open_signal_pipe(void) {
  if (cn_lifeline.signal_pipe[0] >= 0) return cn_lifeline.signal_pipe[0];
  if (pipe(cn_lifeline.signal_pipe) != 0) return -1;
  for (int end = 0; end < 2; end++) {
    fcntl(cn_lifeline.signal_pipe[end], F_SETFD, FD_CLOEXEC);
    fcntl(cn_lifeline.signal_pipe[end], F_SETFL, O_NONBLOCK);
  }
  return cn_lifeline.signal_pipe[0];
}

/// Redirects a signal to the pipe. A signal that the process ignores, as under nohup, stays ignored.
static inline void cn_watch_signal(int number) {
  struct sigaction action = {.sa_handler = cn_on_signal, .sa_flags = SA_RESTART};
  struct sigaction before;
  if (number <= 0 || number > 64) return;
  if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(number, &action, &before);
  if (before.sa_handler != cn_on_signal) cn_lifeline.previous[number] = before;
}

/// Restores the disposition that a signal had before `cn_watch_signal`.
static inline void cn_unwatch_signal(int number) {
  struct sigaction now;
  if (number <= 0 || number > 64 || sigaction(number, NULL, &now) != 0 || now.sa_handler != cn_on_signal) return;
  sigaction(number, &cn_lifeline.previous[number], NULL);
}

#endif
