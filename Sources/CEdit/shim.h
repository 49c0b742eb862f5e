#pragma once
#include <histedit.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

// libedit is driven through `el_set`, which is variadic and so invisible to Swift: one inline wrapper for each use.
// The editor proper rather than its imitation of readline: that one has mutable globals and reads a file in the
// user's home.

static inline EditLine *vault_edit_open(const char *name) { return el_init(name, stdin, stdout, stderr); }

typedef char *(*vault_edit_prompt)(EditLine *);
typedef unsigned char (*vault_edit_command)(EditLine *, int);

static inline void vault_edit_set_prompt(EditLine *editor, vault_edit_prompt prompt) {
  el_set(editor, EL_PROMPT, prompt);
}

static inline void vault_edit_set_reader(EditLine *editor, el_rfunc_t reader) { el_wset(editor, EL_GETCFN, reader); }

static inline void vault_edit_use_emacs_keys(EditLine *editor) { el_set(editor, EL_EDITOR, "emacs"); }

/// Binds the tabulator key to `command`.
static inline void vault_edit_set_completion(EditLine *editor, vault_edit_command command) {
  el_set(editor, EL_ADDFN, "vault-complete", "completes the word", command);
  el_set(editor, EL_BIND, "^I", "vault-complete", NULL);
}

/// Ctrl-R searches the lines of this session.
static inline void vault_edit_bind_history_search(EditLine *editor) {
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
}

static inline void vault_edit_set_history(EditLine *editor, History *lines, int count_max) {
  HistEvent event;
  history(lines, &event, H_SETSIZE, count_max);
  history(lines, &event, H_SETUNIQUE, 1);
  el_set(editor, EL_HIST, history, lines);
}

static inline void vault_edit_remember(History *lines, const char *line) {
  HistEvent event;
  history(lines, &event, H_ENTER, line);
}

static inline void vault_edit_forget(History *lines) {
  HistEvent event;
  history(lines, &event, H_CLEAR);
}

// Declared only under feature macros that a module cannot set.
extern int wcwidth(wchar_t);

/// Columns of one character, or -1 for one that does not print.
static inline int vault_edit_columns(wchar_t character) { return wcwidth(character); }
