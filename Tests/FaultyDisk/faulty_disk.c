// Loaded before the C library into a daemon under test: while the file that FAULTY_DISK names is there, what the daemon
// writes to its database ends as the first word in it says. `eio`: an error of the disk; `erofs`: a disk that the kernel
// has made read-only; `stuck`: no answer until the file is gone. Reading, and other files, are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_fault(char *kind, size_t size) {
  const char *path = getenv("FAULTY_DISK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 0;
  ssize_t count = read(file, kind, size - 1);
  close(file);
  kind[count > 0 ? count : 0] = 0;
  return count > 0;
}

static int is_database(int file) {
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t count = readlink(link, name, sizeof name - 1);
  if (count < 0) return 0;
  name[count] = 0;
  return strstr(name, "/vault.sqlite") != NULL;
}

static int fails(int file) {
  char kind[16];
  if (!read_fault(kind, sizeof kind) || !is_database(file)) return 0;
  if (!strncmp(kind, "eio", 3)) return errno = EIO, 1;
  if (!strncmp(kind, "erofs", 5)) return errno = EROFS, 1;
  while (read_fault(kind, sizeof kind)) usleep(20000);
  return 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int f, const void *b, size_t n) { return fails(f) ? -1 : NEXT(write)(f, b, n); }
ssize_t pwrite(int f, const void *b, size_t n, off_t o) { return fails(f) ? -1 : NEXT(pwrite)(f, b, n, o); }
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) { return fails(f) ? -1 : NEXT(pwrite64)(f, b, n, o); }
int fsync(int f) { return fails(f) ? -1 : NEXT(fsync)(f); }
int fdatasync(int f) { return fails(f) ? -1 : NEXT(fdatasync)(f); }
