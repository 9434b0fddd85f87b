// ncursesw for Swift: functions in place of macros, variables and variadic functions.
#ifndef TRIPTYCH_CNCURSES_SHIM_H
#define TRIPTYCH_CNCURSES_SHIM_H

#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "lifeline.h"

// Declared here because <term.h> defines hundreds of short macro names.
extern int setupterm(const char *type, int descriptor, int *problem);

/// Loads a terminal's terminfo entry: 1 if found, 0 if the type is unknown, -1 if there is no database.
static inline int cn_load_description(const char *type) {
  int problem = -1;
  return setupterm(type, STDOUT_FILENO, &problem) == OK ? 1 : problem;
}

/// A string capability of the loaded terminfo entry; NULL if it has none.
static inline const char *cn_capability(const char *name) {
  const char *value = tigetstr((char *)name);
  return value == (const char *)-1 ? NULL : value;
}

/// A string capability with one parameter filled in.
static inline const char *cn_capability_with(const char *name, long parameter) {
  const char *value = cn_capability(name);
  return value ? tparm((char *)value, parameter, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L) : NULL;
}

/// Whether the entry has direct color: the capability RGB, as a flag, a number or a string.
static inline bool cn_has_direct_color(void) {
  if (tigetflag((char *)"RGB") > 0 || tigetnum((char *)"RGB") > 0) return true;
  return cn_capability("RGB") != NULL;
}

/// Initializes the screen; false if ncurses fails.
static inline bool cn_start(const char *type) {
  SCREEN *screen = newterm((char *)type, stdout, stdin);
  if (!screen) return false;
  set_term(screen);
  raw();
  noecho();
  nonl();
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  intrflush(stdscr, FALSE);
  return true;
}

/// Enables colors, with the terminal's default colors as pair 0; returns the number of colors, 0 for none.
static inline int cn_start_colors(void) {
  if (!has_colors() || start_color() == ERR) return 0;
  use_default_colors();
  return COLORS;
}

static inline int cn_pair_limit(void) { return COLOR_PAIRS; }

/// Defines a color pair; -1 is the terminal's default color.
static inline bool cn_define_pair(int pair, int foreground, int background) {
#if defined(NCURSES_EXT_COLORS) && NCURSES_EXT_COLORS && NCURSES_VERSION_PATCH >= 20170401
  return init_extended_pair(pair, foreground, background) != ERR;
#else
  return init_pair((short)pair, (short)foreground, (short)background) != ERR;
#endif
}

/// Writes one character with its combining marks (at most five code points and a terminating zero) at a row and column.
static inline void cn_put(int row, int column, const wchar_t *text, attr_t attributes, int pair) {
  cchar_t cell;
#if defined(NCURSES_EXT_COLORS) && NCURSES_EXT_COLORS && NCURSES_VERSION_PATCH >= 20170401
  if (setcchar(&cell, text, attributes, 0, &pair) == ERR) return;
#else
  if (setcchar(&cell, text, attributes, (short)pair, NULL) == ERR) return;
#endif
  mvwadd_wch(stdscr, row, column, &cell);
}

static inline void cn_move(int row, int column) { wmove(stdscr, row, column); }
static inline void cn_redraw_all(void) { clearok(stdscr, TRUE); }
static inline void cn_refresh(void) { wrefresh(stdscr); }

static inline attr_t cn_bold(void) { return A_BOLD; }
static inline attr_t cn_dim(void) { return A_DIM; }
static inline attr_t cn_underline(void) { return A_UNDERLINE; }
static inline attr_t cn_reverse(void) { return A_REVERSE; }
static inline attr_t cn_italic(void) {
#ifdef A_ITALIC
  return A_ITALIC;
#else
  return A_UNDERLINE;
#endif
}

// <wchar.h> declares this only for X/Open programs.
extern int wcwidth(wchar_t character);

/// The number of columns that the C library, and therefore ncurses, assigns to a character; -1 if unknown.
static inline int cn_character_width(wchar_t character) { return wcwidth(character); }

/// Gets the size of the terminal on standard output; false if it is unknown.
static inline bool cn_window_size(int *columns, int *rows) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}

/// Sets the character locale; returns whether its encoding is UTF-8.
static inline bool cn_use_locale(const char *name) {
  return setlocale(LC_CTYPE, name) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

#endif
