#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// No core dumps and no ptrace by other processes of the same user (PR_SET_DUMPABLE 0). 0, or errno.
int vault_make_undumpable(void);

/// The uid of the peer of a connected Unix socket (SO_PEERCRED). 0, or errno.
int vault_peer_uid(int descriptor, uid_t *uid);

/// Seconds and nanoseconds of CLOCK_BOOTTIME, which neither jumps nor stops while suspended, as nanoseconds.
uint64_t vault_boot_nanoseconds(void);

/// Raises the soft limit of locked memory (RLIMIT_MEMLOCK, a macro that Swift cannot see) to the hard one.
void vault_raise_locked_memory(void);
