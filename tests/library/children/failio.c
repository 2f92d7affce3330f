/* Makes the Nth write, sync, rename or truncation below a folder fail, as a disk would.
 * Preloaded into a process, which arms it by arm() through ctypes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char armed_call[16], below[4096];
static long at, count;
static int code, sticky;

void arm(const char *call, const char *folder, long n, int error, int again) {
    strncpy(armed_call, call, sizeof armed_call - 1);
    strncpy(below, folder, sizeof below - 1);
    at = n, count = 0, code = error, sticky = again;
}

long disarm(void) {
    at = 0;
    return count;
}

static int fails(const char *call, const char *path) {
    if (!at || strcmp(armed_call, call) || !strstr(path, below)) return 0;
    count++;
    if (count != at && !(sticky && count > at)) return 0;
    errno = code;
    return 1;
}

static int fd_fails(const char *call, int fd) {
    char link[64], path[4096];
    if (!at) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return fails(call, path);
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t n) {
    REAL(write);
    return fd_fails("write", fd) ? -1 : real(fd, data, n);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t where) {
    REAL(pwrite);
    return fd_fails("write", fd) ? -1 : real(fd, data, n, where);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t where) {
    REAL(pwrite64);
    return fd_fails("write", fd) ? -1 : real(fd, data, n, where);
}
int fsync(int fd) {
    REAL(fsync);
    return fd_fails("sync", fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    return fd_fails("sync", fd) ? -1 : real(fd);
}
int ftruncate64(int fd, off64_t n) {
    REAL(ftruncate64);
    return fd_fails("truncate", fd) ? -1 : real(fd, n);
}
int rename(const char *old, const char *new) {
    REAL(rename);
    return fails("rename", new) ? -1 : real(old, new);
}
