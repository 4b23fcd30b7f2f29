/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing disks for tests. fault.c defines write(), pwrite(), writev(), ftruncate(), fsync() and
 * fdatasync() in the test program, which the dynamic linker then gives to the shared libraries too;
 * so the N-th call on a data file can be made to fail, or the process to end there. Nothing reaches
 * a real fsync: the tests would wait for the disk for nothing.
 *
 * Losing power is simulated: what was written since the last sync is undone, all or some of it,
 * before the process ends, as if it had never reached the disk.
 */
#ifndef TESTS_CRASH_FAULT_H
#define TESTS_CRASH_FAULT_H

#include <stdbool.h>

enum fault_kind {
    FAULT_NONE,
    FAULT_EIO,         /* the call fails with EIO and does nothing */
    FAULT_ENOSPC,      /* the same with ENOSPC */
    FAULT_SHORT,       /* a write writes half; what is no write fails with EIO */
    FAULT_EIO_FOREVER, /* this call and all after it fail with EIO */
    FAULT_LANDED,      /* this write is done and yet fails; all after it fail undone */
    FAULT_KILL,        /* the process ends before the call */
    FAULT_POWER_ALL,   /* … and all that was not synced is lost */
    FAULT_POWER_ODD,   /* … and every second write that was not synced is lost */
    FAULT_POWER_EVEN,
};

/* The `at`-th call from now, counted from 1, on a file named data.mdb meets the fault. */
void fault_arm(enum fault_kind kind, unsigned at);
/* No more faults. */
void fault_clear(void);
/* Has it been met since it was armed? */
bool fault_met(void);

#endif
