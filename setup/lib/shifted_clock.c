/* A program that is started with this library (LD_PRELOAD) reads a clock that differs
 * from the machine's by KPI_CLOCK_SHIFT seconds. Sleeping, waiting, stop watches and
 * the times of files are left alone: what libfaketime does with these breaks them. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static int (*read_machine)(clockid_t, struct timespec *);
static long shift;

__attribute__((constructor)) static void find_machine(void) {
    const char *seconds = getenv("KPI_CLOCK_SHIFT");
    shift = seconds ? atol(seconds) : 0;
    read_machine = dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!read_machine)
        find_machine(); /* called before this library is set up */
    int status = read_machine(clock, now);
    if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift;
    return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone; /* obsolete */
    struct timespec exact;
    int status = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return status;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now)
        *now = exact.tv_sec;
    return exact.tv_sec;
}
