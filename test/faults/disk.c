/*
 * A disk that breaks, for one process: preloaded, it stands before the C library's writes to SQLite's files.
 *
 * What breaks is the first letter in the file that TRENT_FAULTS_DISK names, looked at with every call; nothing, while there is none:
 *   w  writes fail with EIO
 *   h  every second write is done by half, the others fail
 *   s  what was written stays, but fsync fails
 *   l  fsync fails, and what was written since the last that did not is gone
 *   f  fsync fails, and what was written since then reads as if it were there, later fsyncs are well, and yet it never comes to the disk:
 *      that shows when the power goes. So does Linux: https://wiki.postgresql.org/wiki/Fsync_Errors
 *   p  the power goes: of what was written since, some is there and some is not, and the process ends
 * As a capital, it breaks for one call of three.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A file, by a descriptor of our own. It is never closed: with any descriptor of a file, all locks of the process on it would go. */
struct known {
  struct known *before;
  dev_t device;
  ino_t inode;
  int fd;
};

/* What a change of a file has covered, since that was last synced. */
struct covered {
  struct covered *before;
  const struct known *file;
  off_t offset, size;
  size_t changed, length;
  int truncates, forgotten;
  char bytes[];
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static struct known *files;
static struct covered *last;
static unsigned writes;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void find(void) {
  struct timespec now;
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_write = dlsym(RTLD_NEXT, "write");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
  clock_gettime(CLOCK_MONOTONIC, &now);
  srand((unsigned)now.tv_nsec ^ (unsigned)getpid());
}

/* A database or its log. */
static int concerns(int fd, struct stat *file) {
  char link[64], name[4096];
  ssize_t length;
  if (fstat(fd, file) != 0 || !S_ISREG(file->st_mode)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, name, sizeof name - 1);
  if (length < 4) return 0;
  name[length] = 0;
  return strcmp(name + length - 3, ".db") == 0 || (length > 7 && strcmp(name + length - 7, ".db-wal") == 0);
}

static char broken(void) {
  const char *path = getenv("TRENT_FAULTS_DISK");
  char letter = 0;
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  if (read(fd, &letter, 1) != 1) letter = 0;
  close(fd);
  if (isupper(letter)) return rand() % 3 == 0 ? (char)tolower(letter) : 0;
  return letter;
}

static const struct known *known(int fd, const struct stat *file) {
  char path[64];
  struct known *one;
  for (one = files; one != NULL; one = one->before)
    if (one->device == file->st_dev && one->inode == file->st_ino) return one;
  one = malloc(sizeof *one);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (one == NULL || (one->fd = open(path, O_RDWR | O_CLOEXEC)) < 0) abort();
  one->device = file->st_dev;
  one->inode = file->st_ino;
  one->before = files;
  return files = one;
}

/* Remembers what a change of a file covers. */
static void cover(int fd, const struct stat *file, off_t offset, size_t length, int truncates) {
  struct covered *one = malloc(sizeof *one + length);
  ssize_t had;
  if (one == NULL) abort();
  one->file = known(fd, file);
  had = pread(one->file->fd, one->bytes, length, offset);
  one->offset = offset;
  one->size = file->st_size;
  one->changed = length;
  one->truncates = truncates;
  one->forgotten = 0;
  one->length = had > 0 ? (size_t)had : 0;
  one->before = last;
  last = one;
}

/* As if it had never been written; or as a disk shows what it has room for and was never given: as zeros. */
static void take_back(const struct covered *one, int zeros) {
  static const char nothing[4096];
  size_t at = one->length;
  if (real_pwrite(one->file->fd, one->bytes, one->length, one->offset) < 0) abort();
  if (!zeros) {
    if (real_ftruncate(one->file->fd, one->size) != 0) abort();
    return;
  }
  while (at < one->changed) {
    size_t part = one->changed - at < sizeof nothing ? one->changed - at : sizeof nothing;
    if (real_pwrite(one->file->fd, nothing, part, one->offset + (off_t)at) < 0) abort();
    at += part;
  }
}

/* Whether a file has not been cut off before what was covered. */
static int is_there(const struct covered *one) {
  struct stat file;
  return fstat(one->file->fd, &file) == 0 && one->offset < file.st_size;
}

static void drop(struct covered **at) {
  struct covered *one = *at;
  *at = one->before;
  free(one);
}

/* Takes back what was covered of a file, or of all, the last first: all of it or some, and whatever was forgotten. */
static void lose(const struct known *file, int some) {
  struct covered **at = &last;
  while (*at != NULL) {
    if (file != NULL && (*at)->file != file) {
      at = &(*at)->before;
      continue;
    }
    if ((*at)->forgotten ? is_there(*at) : !(some && rand() % 2)) take_back(*at, some);
    drop(at);
  }
}

/* What is still to come to the disk never will; where a file ends is known all the same. */
static void forget(const struct known *file) {
  struct covered *one;
  for (one = last; one != NULL; one = one->before)
    if (one->file == file) one->forgotten = !one->truncates;
}

/* What was covered of a file is on the disk; of what was forgotten only that which it covers once more. */
static void keep(const struct known *file) {
  struct covered **at = &last, **under;
  while (*at != NULL) {
    const struct covered *one = *at;
    if (one->file != file || one->forgotten) {
      at = &(*at)->before;
      continue;
    }
    for (under = &(*at)->before; *under != NULL;) {
      const struct covered *other = *under;
      if (other->file == file && other->forgotten && other->offset >= one->offset &&
          other->offset + (off_t)other->changed <= one->offset + (off_t)one->changed)
        drop(under);
      else
        under = &(*under)->before;
    }
    drop(at);
  }
}

static void power(void) {
  lose(NULL, 1);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int fail(void) {
  pthread_mutex_unlock(&turn);
  errno = EIO;
  return -1;
}

static ssize_t written(int fd, const void *bytes, size_t length, off_t offset, int moves) {
  struct stat file;
  ssize_t done;
  char how;
  if (!concerns(fd, &file)) return moves ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&turn);
  how = broken();
  writes += 1;
  if (how == 'p') power();
  if (how == 'w' || (how == 'h' && writes % 2)) return fail();
  if (how == 'h' && length > 1) length /= 2;
  if (moves) offset = lseek(fd, 0, SEEK_CUR);
  cover(fd, &file, offset, length, 0);
  done = moves ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, offset);
  pthread_mutex_unlock(&turn);
  return done;
}

static int synced(int fd, int (*sync)(int)) {
  struct stat file;
  int done;
  char how;
  if (!concerns(fd, &file)) return sync(fd);
  pthread_mutex_lock(&turn);
  how = broken();
  if (how == 'p') power();
  if (how == 'l') lose(known(fd, &file), 0);
  if (how == 'f') forget(known(fd, &file));
  if (how == 'l' || how == 's' || how == 'f') return fail();
  done = sync(fd);
  if (done == 0) keep(known(fd, &file));
  pthread_mutex_unlock(&turn);
  return done;
}

static int truncated(int fd, off_t size) {
  struct stat file;
  int done;
  char how;
  if (!concerns(fd, &file)) return real_ftruncate(fd, size);
  pthread_mutex_lock(&turn);
  how = broken();
  if (how == 'p') power();
  if (how == 'w' || how == 'h') return fail();
  if (size < file.st_size) cover(fd, &file, size, (size_t)(file.st_size - size), 1);
  done = real_ftruncate(fd, size);
  pthread_mutex_unlock(&turn);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return written(fd, bytes, length, offset, 0); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return written(fd, bytes, length, offset, 0); }
ssize_t write(int fd, const void *bytes, size_t length) { return written(fd, bytes, length, 0, 1); }
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }
int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated(fd, size); }
