// ncursesw for Swift: what is a macro, a variable or variadic in C stands here as a function.
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

// <term.h> defines hundreds of short names as macros; only this function of it is needed.
extern int setupterm(const char *type, int descriptor, int *problem);

/// Loads the description of a terminal: 1 found, 0 unknown type, -1 no database.
static inline int cn_load_description(const char *type) {
  int problem = -1;
  return setupterm(type, STDOUT_FILENO, &problem) == OK ? 1 : problem;
}

/// A string capability of the loaded description, NULL when it has none.
static inline const char *cn_capability(const char *name) {
  const char *value = tigetstr((char *)name);
  return value == (const char *)-1 ? NULL : value;
}

/// A string capability with its one parameter filled in.
static inline const char *cn_capability_with(const char *name, long parameter) {
  const char *value = cn_capability(name);
  return value ? tparm((char *)value, parameter, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L) : NULL;
}

/// Whether the description knows direct colour: the capability RGB, in whichever of its three forms.
static inline bool cn_has_direct_color(void) {
  if (tigetflag((char *)"RGB") > 0 || tigetnum((char *)"RGB") > 0) return true;
  return cn_capability("RGB") != NULL;
}

/// The number of colours of the description; -1 or less for none.
static inline int cn_described_colors(void) { return tigetnum((char *)"colors"); }

/// Takes the screen; false when ncurses cannot.
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

/// Starts colours on the terminal's own ground; the number of colours, 0 for none.
static inline int cn_start_colors(void) {
  if (!has_colors() || start_color() == ERR) return 0;
  use_default_colors();
  return COLORS;
}

static inline int cn_pair_limit(void) { return COLOR_PAIRS; }

/// Defines a pair of colours; -1 is the terminal's own.
static inline bool cn_define_pair(int pair, int foreground, int background) {
#if defined(NCURSES_EXT_COLORS) && NCURSES_EXT_COLORS && NCURSES_VERSION_PATCH >= 20170401
  return init_extended_pair(pair, foreground, background) != ERR;
#else
  return init_pair((short)pair, (short)foreground, (short)background) != ERR;
#endif
}

/// Puts one character with its combining marks (at most five values and a zero) at a row and a column.
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
static inline void cn_erase(void) { werase(stdscr); }
static inline void cn_redraw_all(void) { clearok(stdscr, TRUE); }
static inline void cn_refresh(void) { wrefresh(stdscr); }
static inline int cn_screen_rows(void) { return getmaxy(stdscr); }
static inline int cn_screen_columns(void) { return getmaxx(stdscr); }

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

// Declared by <wchar.h> only for X/Open programs.
extern int wcwidth(wchar_t character);

/// Columns that the C library, and so ncurses, gives a character; -1 when it knows none.
static inline int cn_character_width(wchar_t character) { return wcwidth(character); }

/// The size of the terminal on standard output; false when it tells none.
static inline bool cn_window_size(int *columns, int *rows) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}

/// Tries a locale for characters; true when its encoding is UTF-8.
static inline bool cn_use_locale(const char *name) {
  return setlocale(LC_CTYPE, name) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

#endif
