/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/filesystem.h"

#include <errno.h>
#include <sys/vfs.h>

/* f_type of statfs(2). VirtioFS says that it is FUSE. */
static const struct {
    uint32_t type;
    const char *name;
} refused[] = {
    {0x00006969, "NFS"},
    {0x0000517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x65735546, "FUSE"},
    {0x01021997, "9P"},
    {0x5346414F, "AFS"},
    {0x6B414653, "AFS"},
    {0x73757245, "Coda"},
    {0x00C36400, "Ceph"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x01161970, "GFS2"},
    {0x7461636F, "OCFS2"},
    {0x19830326, "BeeGFS"},
    {0x20030528, "PVFS2"},
    {0x786F4256, "VirtualBox shared folder"},
    {0xBACBACBC, "VMware shared folder"},
    {0x0000564C, "NCP"},
};

const char *ml_filesystem_refused(uint64_t type)
{
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        if (refused[i].type == (uint32_t)type)
            return refused[i].name;
    return NULL;
}

int ml_filesystem_check(int fd, const char *dir)
{
    struct statfs info;
    if (fstatfs(fd, &info) != 0)
        return ml_fail_errno(errno, "cannot open ledger '%s'", dir);
    const char *name = ml_filesystem_refused((uint64_t)info.f_type);
    if (name == NULL)
        return MLEDGER_OK;
    ml_fail(
        MLEDGER_ESYSTEM,
        "cannot open ledger '%s': it is on a %s file system, where memory maps and locks do not "
        "hold between processes and records could be lost",
        dir, name);
    return ml_hint("keep the ledger on a local disk (ext4, XFS, Btrfs, ZFS, …)");
}
