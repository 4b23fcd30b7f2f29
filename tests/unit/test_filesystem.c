/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/filesystem.h"

#include <fcntl.h>
#include <linux/magic.h>

#include "tests/unit/cmocka_all.h"

static void shared_and_user_space_ones_are_refused(void **state)
{
    (void)state;
    assert_string_equal(ml_filesystem_refused(NFS_SUPER_MAGIC), "NFS");
    assert_string_equal(ml_filesystem_refused(V9FS_MAGIC), "9P");
    assert_string_equal(ml_filesystem_refused(SMB_SUPER_MAGIC), "SMB");
    assert_string_equal(ml_filesystem_refused(0xFE534D42), "SMB2");
    assert_string_equal(ml_filesystem_refused(0x65735546), "FUSE");
    assert_string_equal(ml_filesystem_refused(CODA_SUPER_MAGIC), "Coda");
    assert_string_equal(ml_filesystem_refused(0x00C36400), "Ceph");
}

static void a_type_extended_by_its_sign_is_recognised(void **state)
{
    (void)state;
    assert_string_equal(ml_filesystem_refused((uint64_t)(int64_t)(int32_t)0xFF534D42), "CIFS");
}

static void local_and_unknown_ones_are_not(void **state)
{
    (void)state;
    static const uint64_t local[] = {EXT4_SUPER_MAGIC,
                                     XFS_SUPER_MAGIC,
                                     BTRFS_SUPER_MAGIC,
                                     TMPFS_MAGIC,
                                     OVERLAYFS_SUPER_MAGIC,
                                     0x2FC12FC1,
                                     12345};
    for (size_t i = 0; i < ML_COUNT(local); i++)
        assert_null(ml_filesystem_refused(local[i]));
}

static void a_descriptor_that_is_none_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(ml_filesystem_check(-1, "x"), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot open ledger 'x': Bad file descriptor");
}

static void the_root_directory_is_asked(void **state)
{
    (void)state;
    ML_CLEANUP(ml_closep) int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ml_filesystem_check(fd, "/dev"), MLEDGER_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_and_user_space_ones_are_refused),
        cmocka_unit_test(a_type_extended_by_its_sign_is_recognised),
        cmocka_unit_test(local_and_unknown_ones_are_not),
        cmocka_unit_test(a_descriptor_that_is_none_is_an_error),
        cmocka_unit_test(the_root_directory_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
