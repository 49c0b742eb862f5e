#pragma once
#include <stdio.h>
#include <editline/readline.h>

// libedit's globals are mutable C variables, which Swift's concurrency checking refuses;
// each is set once, from the main thread, through one of these.
static inline void vault_edit_set_completion(rl_completion_func_t *function) {
  rl_attempted_completion_function = function;
  rl_completion_append_character = ' ';
}
static inline void vault_edit_set_name(const char *name) { rl_readline_name = name; }
static inline void vault_edit_stop_default_completion(void) { rl_attempted_completion_over = 1; }
