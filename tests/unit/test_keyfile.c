/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/keyfile.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/hex.h"
#include "ledger/store/keytext.h"
#include "ledger/store/secret.h"
#include "tests/unit/cmocka_all.h"

/* RFC 8032 section 7.1, test 2. */
#define SEED_BASE64 "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs="
static const uint8_t seed[ML_ED25519_SEED_SIZE] = {
    0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
    0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
#define PUBLIC_HEX "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"

/* Every test runs in a directory of its own. */
static char directory[] = "/tmp/mledger-test-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static int remove_directory(void **state)
{
    (void)state;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    return chdir("/") == 0 ? nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) : -1;
}

static struct mledger_key *new_key(enum mledger_key_purpose purpose)
{
    struct mledger_key *key = NULL;
    assert_int_equal(ml_key_from_seed(purpose, "alice, laptop", seed, &key), MLEDGER_OK);
    return key;
}

static struct mledger_secret *new_secret(const char *text)
{
    struct mledger_secret *secret = NULL;
    assert_int_equal(mledger_secret_new(&secret), MLEDGER_OK);
    assert_int_equal(mledger_secret_set(secret, text, strlen(text)), MLEDGER_OK);
    return secret;
}

/* As cheap as Argon2id can be. */
static struct mledger_key_saving cheaply(const struct mledger_secret *passphrase)
{
    return (struct mledger_key_saving){.passphrase = passphrase, .passes = 1, .memory_kib = 8};
}

static void save(const char *path, const char *passphrase)
{
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(MLEDGER_KEY_SIGNER);
    ML_CLEANUP(ml_secret_freep)
    struct mledger_secret *secret = passphrase ? new_secret(passphrase) : NULL;
    struct mledger_key_saving saving = cheaply(secret);
    assert_int_equal(mledger_key_save(key, path, &saving), MLEDGER_OK);
}

static size_t read_file(const char *path, char *ret_bytes, size_t size)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, ret_bytes, size);
    assert_true(len >= 0);
    return (size_t)len;
}

static void write_file(const char *path, const void *bytes, size_t len, mode_t mode)
{
    unlink(path);
    ML_CLEANUP(ml_closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(fchmod(fd, mode), 0);
}

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text), 0600);
}

/* What a passphrase callback is told to answer, and how often it was asked. */
struct asked {
    const char *answer; /* NULL: none */
    unsigned times;
    char label[MLEDGER_KEY_LABEL_MAX + 1];
};

static int answer(void *ctx, const char *label, struct mledger_secret *secret)
{
    struct asked *asked = ctx;
    asked->times++;
    snprintf(asked->label, sizeof asked->label, "%s", label);
    if (!asked->answer)
        return -1;
    return mledger_secret_set(secret, asked->answer, strlen(asked->answer));
}

static void assert_is_the_key(const struct mledger_key *key)
{
    char text[ML_HEX_SIZE(MLEDGER_KEY_PUBLIC_SIZE)];
    ml_hex_encode(text, mledger_key_public(key), MLEDGER_KEY_PUBLIC_SIZE);
    assert_string_equal(text, PUBLIC_HEX);
    assert_memory_equal(ml_key_seed(key), seed, sizeof seed);
    assert_string_equal(mledger_key_label(key), "alice, laptop");
    assert_int_equal(mledger_key_purpose_of(key), MLEDGER_KEY_SIGNER);
}

static void a_plain_file_has_one_text(void **state)
{
    (void)state;
    save("alice.key", NULL);
    char bytes[ML_KEYTEXT_MAX + 1] = "";
    read_file("alice.key", bytes, ML_KEYTEXT_MAX);
    assert_string_equal(bytes, "mledger-key 1\n"
                               "purpose signer\n"
                               "label alice, laptop\n"
                               "public " PUBLIC_HEX "\n"
                               "seed " SEED_BASE64 "\n");
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    struct asked asked = {0};
    assert_int_equal(mledger_key_load("alice.key", answer, &asked, &key), MLEDGER_OK);
    assert_is_the_key(key);
    assert_int_equal(asked.times, 0);
}

static void a_sealed_file_opens_with_its_passphrase(void **state)
{
    (void)state;
    save("alice.key", "correct horse");
    char bytes[ML_KEYTEXT_MAX + 1] = "";
    size_t len = read_file("alice.key", bytes, ML_KEYTEXT_MAX);
    assert_null(memmem(bytes, len, SEED_BASE64, 40));
    assert_non_null(strstr(bytes, "\nargon2id 1 8 "));
    struct asked asked = {.answer = "correct horse"};
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    assert_int_equal(mledger_key_load("alice.key", answer, &asked, &key), MLEDGER_OK);
    assert_is_the_key(key);
    assert_int_equal(asked.times, 1);
    assert_string_equal(asked.label, "alice, laptop");
}

static void two_sealed_files_share_nothing(void **state)
{
    (void)state;
    char a[ML_KEYTEXT_MAX + 1] = "";
    char b[ML_KEYTEXT_MAX + 1] = "";
    save("a.key", "same");
    save("b.key", "same");
    read_file("a.key", a, ML_KEYTEXT_MAX);
    read_file("b.key", b, ML_KEYTEXT_MAX);
    static const char *const lines[] = {"\nargon2id 1 8 ", "\nnonce ", "\nsealed "};
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        assert_memory_not_equal(strstr(a, lines[i]) + strlen(lines[i]),
                                strstr(b, lines[i]) + strlen(lines[i]), 32);
}

static int fail_with_words(void *ctx, const char *label, struct mledger_secret *secret)
{
    (void)ctx;
    (void)label;
    return mledger_secret_read(secret, -1);
}

static int answer_nothing(void *ctx, const char *label, struct mledger_secret *secret)
{
    (void)ctx;
    (void)label;
    (void)secret;
    return 0;
}

static void a_sealed_file_stays_closed(void **state)
{
    (void)state;
    save("alice.key", "correct horse");
    struct asked wrong = {.answer = "correct hors"};
    struct asked none = {0};
    const struct {
        mledger_passphrase_fn ask;
        void *ctx;
        const char *error;
    } cases[] = {
        {answer, &wrong,
         "cannot open key 'alice, laptop' in 'alice.key': wrong passphrase, or the "
         "file is damaged"},
        {answer, &none, "no passphrase was given for key 'alice, laptop' in 'alice.key'"},
        {answer_nothing, NULL, "no passphrase was given for key 'alice, laptop' in 'alice.key'"},
        {NULL, NULL, "key 'alice, laptop' in 'alice.key' is sealed and needs its passphrase"},
        {fail_with_words, NULL, "cannot read the passphrase: Bad file descriptor"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct mledger_key *key = NULL;
        assert_int_equal(mledger_key_load("alice.key", cases[i].ask, cases[i].ctx, &key),
                         MLEDGER_ESYSTEM);
        assert_string_equal(mledger_error_text(), cases[i].error);
        assert_null(key);
    }
}

/* Loads the changed bytes. Whatever comes of it, never another key. */
static bool loads(const char *bytes, size_t len, bool sealed)
{
    write_file("changed.key", bytes, len, 0600);
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    struct asked asked = {.answer = "correct horse"};
    if (mledger_key_load("changed.key", answer, &asked, &key) < 0) {
        assert_non_null(strstr(mledger_error_text(), "'changed.key'"));
        return false;
    }
    assert_memory_equal(ml_key_seed(key), seed, sizeof seed);
    if (sealed)
        assert_is_the_key(key);
    return true;
}

/* In a sealed file no bit may change. In a plain one only the label may (nothing protects what
 * whoever can write the file could as well replace), and never to another key. */
static void flips_are_seen(const char *passphrase)
{
    save("alice.key", passphrase);
    char bytes[ML_KEYTEXT_MAX];
    size_t len = read_file("alice.key", bytes, sizeof bytes);
    size_t label = strlen("mledger-key 1\npurpose signer\nlabel ");
    size_t label_end = label + strlen("alice, laptop");
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        bool in_label = bit / 8 >= label && bit / 8 < label_end;
        if (loads(bytes, len, passphrase != NULL) && (passphrase || !in_label))
            fail_msg("bit %zu of byte %zu may be flipped", bit % 8, bit / 8);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t shorter = 0; shorter < len; shorter++)
        assert_false(loads(bytes, shorter, true));
    bytes[len] = '\n';
    assert_false(loads(bytes, len + 1, true));
    assert_true(loads(bytes, len, true));
}

static void no_bit_of_a_sealed_file_may_change(void **state)
{
    (void)state;
    flips_are_seen("correct horse");
}

static void no_bit_of_a_plain_file_makes_another_key(void **state)
{
    (void)state;
    flips_are_seen(NULL);
}

#define HEAD "mledger-key 1\npurpose signer\nlabel a\npublic " PUBLIC_HEX "\n"
#define SALT "00112233445566778899aabbccddeeff"
#define NONCE "00112233445566778899aabbccddeeff0011223344556677"

static void malformed_texts_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "line 1: it does not begin with 'mledger-key '"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\n", "line 1: it does not begin with 'mledger-key '"},
        {"mledger-key 2\n", "line 1: the file has another format than 1; a newer mledger wrote it"},
        {"mledger-key 1\r\n",
         "line 1: the file has another format than 1; a newer mledger wrote it"},
        {"mledger-key 1\npurpose signer", "line 2: it is cut short"},
        {"mledger-key 1\npurpose  signer\n", "line 2: there is no such purpose"},
        {"mledger-key 1\npurpose admin\n", "line 2: there is no such purpose"},
        {"mledger-key 1\npurpose log\nlabel \n",
         "line 3: the label is empty, too long, or no plain UTF-8"},
        {"mledger-key 1\npurpose log\nlabel a\npublic abc\n",
         "line 4: 3 hexadecimal digits where 64 belong"},
        {"mledger-key 1\npurpose log\nlabel a\npublic "
         "0100000000000000000000000000000000000000000000000000000000000000\n",
         "line 4: public key 0100000000000000000000000000000000000000000000000000000000000000 is "
         "no "
         "canonical point of Ed25519's prime-order group"},
        {HEAD "seed TM0I\n", "line 5: base64 of 3 bytes where 32 belong"},
        {HEAD "seed " SEED_BASE64 "\n\n", "line 6: nothing may follow here"},
        {HEAD "argon2id 3 262144\n", "line 5: passes and memory are no plain numbers"},
        {HEAD "argon2id 03 262144 " SALT "\n", "line 5: passes and memory are no plain numbers"},
        {HEAD "argon2id -3 262144 " SALT "\n", "line 5: passes and memory are no plain numbers"},
        {HEAD "argon2id 3 99999999999 " SALT "\n",
         "line 5: passes and memory are no plain numbers"},
        {HEAD "argon2id 3 4294967296 " SALT "\n", "line 5: passes and memory are no plain numbers"},
        {HEAD "argon2id 0 8 " SALT "\n", "line 5: the number of passes is not 1 to 16"},
        {HEAD "argon2id 17 8 " SALT "\n", "line 5: the number of passes is not 1 to 16"},
        {HEAD "argon2id 4294967295 4294967295 " SALT "\n",
         "line 5: the number of passes is not 1 to 16"},
        {HEAD "argon2id 1 7 " SALT "\n", "line 5: the memory is not 8 to 1048576 KiB"},
        {HEAD "argon2id 1 1048577 " SALT "\n", "line 5: the memory is not 8 to 1048576 KiB"},
        {HEAD "argon2id 1 4294967295 " SALT "\n", "line 5: the memory is not 8 to 1048576 KiB"},
        {HEAD "argon2id 1 8 " SALT "00\n", "line 5: 34 hexadecimal digits where 32 belong"},
        {HEAD "argon2id 1 8 " SALT "\nnonce " SALT "\n",
         "line 6: 32 hexadecimal digits where 48 belong"},
        {HEAD "argon2id 1 8 " SALT "\nnonce " NONCE "\nsealed AAAA\n",
         "line 7: base64 of 3 bytes where 48 belong"},
        {HEAD "argon2id 1 8 " SALT "\nnonce " NONCE "\nseed " SEED_BASE64 "\n",
         "line 7: it does not begin with 'sealed '"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        char expected[512];
        struct mledger_key *key = NULL;
        struct mledger_key_info info;
        snprintf(expected, sizeof expected, "'x.key' is no key file, or damaged: %s",
                 cases[i].error);
        write_text("x.key", cases[i].text);
        assert_int_equal(mledger_key_load("x.key", NULL, NULL, &key), MLEDGER_EINVALID);
        assert_string_equal(mledger_error_text(), expected);
        assert_int_equal(mledger_key_peek("x.key", &info), MLEDGER_EINVALID);
        assert_null(key);
    }
}

static void a_seed_of_another_key_is_seen(void **state)
{
    (void)state;
    struct mledger_key *key = NULL;
    write_text("x.key", HEAD "seed AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    assert_int_equal(mledger_key_load("x.key", NULL, NULL, &key), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "key file 'x.key' is damaged: its seed and its "
                                              "public key do not belong together");
}

static void long_files_are_no_key_files(void **state)
{
    (void)state;
    char bytes[ML_KEYTEXT_MAX + 1];
    struct mledger_key *key = NULL;
    memset(bytes, 'x', sizeof bytes);
    write_file("x.key", bytes, sizeof bytes, 0600);
    assert_int_equal(mledger_key_load("x.key", NULL, NULL, &key), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "'x.key' is no key file: it is longer than 1024 bytes");
}

static void files_open_to_others_are_refused(void **state)
{
    (void)state;
    save("alice.key", NULL);
    for (mode_t mode = 0400; mode <= 0700; mode += 0100) {
        for (mode_t others = 0; others <= 077; others++) {
            struct mledger_key *key = NULL;
            assert_int_equal(chmod("alice.key", mode | others), 0);
            int result = mledger_key_load("alice.key", NULL, NULL, &key);
            assert_int_equal(result, others ? MLEDGER_ESYSTEM : MLEDGER_OK);
            mledger_key_free(key);
        }
    }
    struct mledger_key *key = NULL;
    assert_int_equal(chmod("alice.key", 0640), 0);
    assert_int_equal(mledger_key_load("alice.key", NULL, NULL, &key), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "key file 'alice.key' is open to other users (mode 0640)");
    assert_string_equal(mledger_error_hint(), "chmod 600 'alice.key'");
}

static void files_of_others_are_refused(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: only root can give a file away\n");
        skip();
    }
    save("alice.key", NULL);
    assert_int_equal(chown("alice.key", 12345, (gid_t)-1), 0);
    struct mledger_key *key = NULL;
    assert_int_equal(mledger_key_load("alice.key", NULL, NULL, &key), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "key file 'alice.key' belongs to another user, who could read it");
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    struct mledger_key *key = NULL;
    assert_int_equal(mledger_key_load("none.key", NULL, NULL, &key), MLEDGER_ENOTFOUND);
    assert_string_equal(mledger_error_text(), "there is no key file 'none.key'");
    assert_int_equal(mkfifo("fifo.key", 0600), 0);
    assert_int_equal(mledger_key_load("fifo.key", NULL, NULL, &key), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "key file 'fifo.key' is no regular file");
    assert_int_equal(mkdir("dir.key", 0700), 0);
    assert_int_equal(mledger_key_load("dir.key", NULL, NULL, &key), MLEDGER_EINVALID);
    assert_int_equal(symlink("loop.key", "loop.key"), 0);
    assert_int_equal(mledger_key_load("loop.key", NULL, NULL, &key), MLEDGER_ESYSTEM);
}

static void links_are_followed_to_what_is_private(void **state)
{
    (void)state;
    save("alice.key", NULL);
    assert_int_equal(symlink("alice.key", "link.key"), 0);
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    assert_int_equal(mledger_key_load("link.key", NULL, NULL, &key), MLEDGER_OK);
    assert_is_the_key(key);
    assert_int_equal(chmod("alice.key", 0644), 0);
    struct mledger_key *open_key = NULL;
    assert_int_equal(mledger_key_load("link.key", NULL, NULL, &open_key), MLEDGER_ESYSTEM);
}

static void a_descriptor_will_do(void **state)
{
    (void)state;
    save("alice.key", "correct horse");
    char bytes[ML_KEYTEXT_MAX];
    size_t len = read_file("alice.key", bytes, sizeof bytes);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), len);
    close(ends[1]);
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    struct asked asked = {.answer = "correct horse"};
    assert_int_equal(mledger_key_load_fd(ends[0], "descriptor 3", answer, &asked, &key),
                     MLEDGER_OK);
    close(ends[0]);
    assert_is_the_key(key);
    struct mledger_key *none = NULL;
    assert_int_equal(mledger_key_load_fd(-1, "descriptor 3", NULL, NULL, &none), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot read key file 'descriptor 3': Bad file descriptor");
}

static unsigned files_seen;

static int see_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)path;
    (void)status;
    (void)type;
    files_seen += where->level > 0;
    return 0;
}

/* In the directory of the test, hidden and temporary ones too. */
static unsigned count_files(void)
{
    files_seen = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    assert_int_equal(nftw(directory, see_entry, 8, FTW_PHYS), 0);
    return files_seen;
}

static void saving_never_overwrites_unasked(void **state)
{
    (void)state;
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(MLEDGER_KEY_LOG);
    struct mledger_key_saving saving = {0};
    write_text("alice.key", "precious");
    assert_int_equal(mledger_key_save(key, "alice.key", &saving), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "key file 'alice.key' exists already");
    char bytes[16] = "";
    assert_int_equal(read_file("alice.key", bytes, sizeof bytes - 1), 8);
    assert_string_equal(bytes, "precious");
    assert_int_equal(count_files(), 1);
    saving.replace = true;
    assert_int_equal(mledger_key_save(key, "alice.key", &saving), MLEDGER_OK);
    struct mledger_key_info info;
    assert_int_equal(mledger_key_peek("alice.key", &info), MLEDGER_OK);
    assert_int_equal(info.purpose, MLEDGER_KEY_LOG);
    assert_int_equal(count_files(), 1);
}

static void the_mode_does_not_depend_on_the_umask(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 0277, 0777};
    for (size_t i = 0; i < ML_COUNT(masks); i++) {
        mode_t before = umask(masks[i]);
        unlink("alice.key");
        save("alice.key", NULL);
        umask(before);
        struct stat status;
        assert_int_equal(stat("alice.key", &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
    }
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(MLEDGER_KEY_SIGNER);
    struct mledger_key_saving saving = {0};
    assert_int_equal(mledger_key_save(key, "none/alice.key", &saving), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot write key file 'none/alice.key': No such file or directory");
    assert_int_equal(mledger_key_save(key, "none/", &saving), MLEDGER_ESYSTEM);
    assert_int_equal(mledger_key_save(key, "", &saving), MLEDGER_ESYSTEM);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){10, before.rlim_max}), 0);
    int result = mledger_key_save(key, "alice.key", &saving);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(result, MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot write key file 'alice.key': File too large");
    assert_int_equal(count_files(), 0);
}

static void paths_of_all_kinds_are_written(void **state)
{
    (void)state;
    char absolute[sizeof directory + 16];
    snprintf(absolute, sizeof absolute, "%s/a.key", directory);
    assert_int_equal(mkdir("sub", 0700), 0);
    const char *const paths[] = {absolute, "./b.key", "sub/c.key", "sub/../d.key"};
    for (size_t i = 0; i < ML_COUNT(paths); i++) {
        struct mledger_key_info info;
        save(paths[i], NULL);
        assert_int_equal(mledger_key_peek(paths[i], &info), MLEDGER_OK);
    }
    assert_int_equal(access("d.key", F_OK), 0);
}

static void absurd_costs_are_refused(void **state)
{
    (void)state;
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(MLEDGER_KEY_SIGNER);
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *secret = new_secret("x");
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *empty = NULL;
    assert_int_equal(mledger_secret_new(&empty), MLEDGER_OK);
    const struct mledger_key_saving savings[] = {
        {.passphrase = secret, .passes = 17, .memory_kib = 8},
        {.passphrase = secret, .passes = 1, .memory_kib = 7},
        {.passphrase = secret, .passes = 1, .memory_kib = 1048577},
        {.passphrase = empty, .passes = 1, .memory_kib = 8},
    };
    for (size_t i = 0; i < ML_COUNT(savings); i++)
        assert_int_equal(mledger_key_save(key, "x.key", &savings[i]), MLEDGER_EUSAGE);
    assert_int_equal(count_files(), 0);
}

static void too_little_memory_is_said(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("skipped: sanitizers need the address space\n");
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    print_message("skipped: sanitizers need the address space\n");
    skip();
#endif
#endif
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(MLEDGER_KEY_SIGNER);
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *secret = new_secret("x");
    struct mledger_key_saving saving = {.passphrase = secret, .passes = 1, .memory_kib = 1048576};
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_AS, &(struct rlimit){256U << 20, before.rlim_max}), 0);
    int result = mledger_key_save(key, "x.key", &saving);
    setrlimit(RLIMIT_AS, &before);
    assert_int_equal(result, MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "out of memory: the passphrase of this key takes 1024 MiB to try");
    assert_int_equal(count_files(), 0);
}

static void secrets_are_read_line_by_line(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    static const char lines[] = "one\ntwo words \n\nlast";
    assert_int_equal(write(ends[1], lines, sizeof lines - 1), sizeof lines - 1);
    close(ends[1]);
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *secret = new_secret("before");
    static const char *const expected[] = {"one", "two words ", "", "last", ""};
    for (size_t i = 0; i < ML_COUNT(expected); i++) {
        struct ml_span line = ML_SPAN(expected[i], strlen(expected[i]));
        assert_int_equal(mledger_secret_read(secret, ends[0]),
                         line.len ? MLEDGER_OK : MLEDGER_EUSAGE);
        assert_true(ml_span_equal(ml_secret_span(secret), line));
    }
    close(ends[0]);
}

static void secrets_have_a_limit(void **state)
{
    (void)state;
    char text[MLEDGER_KEY_PASSPHRASE_MAX + 1];
    memset(text, 'x', sizeof text);
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *a = new_secret("before");
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *b = new_secret("x");
    assert_int_equal(mledger_secret_set(a, text, sizeof text), MLEDGER_EUSAGE);
    assert_int_equal(ml_secret_span(a).len, 6);
    assert_int_equal(mledger_secret_set(a, text, 0), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "the passphrase is empty");
    assert_int_equal(mledger_secret_set(a, text, sizeof text - 1), MLEDGER_OK);
    assert_false(mledger_secret_equal(a, b));
    assert_int_equal(mledger_secret_set(a, "x", 1), MLEDGER_OK);
    assert_true(mledger_secret_equal(a, b));
    write_file("long", text, sizeof text, 0600);
    ML_CLEANUP(ml_closep) int fd = open("long", O_RDONLY | O_CLOEXEC);
    assert_int_equal(mledger_secret_read(a, fd), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "the passphrase is longer than 1024 bytes");
    assert_int_equal(ml_secret_span(a).len, 0);
}

/* What a listing showed: one line for each file. */
static int note_entry(void *ctx, const struct mledger_key_entry *entry)
{
    struct ml_buf *lines = ctx;
    if (entry->result < 0)
        return ml_buf_printf(lines, "%s: %s\n", entry->file, entry->error);
    return ml_buf_printf(lines, "%s: %s %s %s\n", entry->file,
                         mledger_key_purpose_name(entry->info.purpose), entry->info.label,
                         entry->info.sealed ? "sealed" : "plain");
}

static int stop_at_second(void *ctx, const struct mledger_key_entry *entry)
{
    unsigned *seen = ctx;
    return ++*seen == 2 ? (entry->file[0] == 'b' ? 42 : 43) : 0;
}

static void a_directory_is_listed(void **state)
{
    (void)state;
    assert_int_equal(mkdir("keys", 0700), 0);
    save("keys/b.key", "x");
    save("keys/a.key", NULL);
    write_text("keys/c.key", "nonsense");
    write_text("keys/notes.txt", "x");
    write_text("keys/.hidden.key", "x");
    write_text("keys/.key", "x");
    ML_CLEANUP(ml_buf_release) struct ml_buf lines = {0};
    assert_int_equal(mledger_keys_list("keys", note_entry, &lines), MLEDGER_OK);
    char *text = NULL;
    assert_int_equal(ml_buf_take_text(&lines, &text), MLEDGER_OK);
    assert_string_equal(text, "a.key: signer alice, laptop plain\n"
                              "b.key: signer alice, laptop sealed\n"
                              "c.key: 'keys/c.key' is no key file, or damaged: line 1: it does "
                              "not begin with 'mledger-key '\n");
    free(text);
    unsigned seen = 0;
    assert_int_equal(mledger_keys_list("keys", stop_at_second, &seen), 42);
    assert_int_equal(seen, 2);
}

static void missing_and_unreadable_directories(void **state)
{
    (void)state;
    unsigned seen = 0;
    assert_int_equal(mledger_keys_list("none", stop_at_second, &seen), MLEDGER_OK);
    assert_int_equal(seen, 0);
    write_text("file", "x");
    assert_int_equal(mledger_keys_list("file", stop_at_second, &seen), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot read directory 'file': Not a directory");
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_plain_file_has_one_text),
        IN_DIRECTORY(a_sealed_file_opens_with_its_passphrase),
        IN_DIRECTORY(two_sealed_files_share_nothing),
        IN_DIRECTORY(a_sealed_file_stays_closed),
        IN_DIRECTORY(no_bit_of_a_sealed_file_may_change),
        IN_DIRECTORY(no_bit_of_a_plain_file_makes_another_key),
        IN_DIRECTORY(malformed_texts_are_named),
        IN_DIRECTORY(a_seed_of_another_key_is_seen),
        IN_DIRECTORY(long_files_are_no_key_files),
        IN_DIRECTORY(files_open_to_others_are_refused),
        IN_DIRECTORY(files_of_others_are_refused),
        IN_DIRECTORY(only_regular_files_are_read),
        IN_DIRECTORY(links_are_followed_to_what_is_private),
        IN_DIRECTORY(a_descriptor_will_do),
        IN_DIRECTORY(saving_never_overwrites_unasked),
        IN_DIRECTORY(the_mode_does_not_depend_on_the_umask),
        IN_DIRECTORY(what_cannot_be_written_leaves_nothing),
        IN_DIRECTORY(paths_of_all_kinds_are_written),
        IN_DIRECTORY(absurd_costs_are_refused),
        IN_DIRECTORY(too_little_memory_is_said),
        cmocka_unit_test(secrets_are_read_line_by_line),
        IN_DIRECTORY(secrets_have_a_limit),
        IN_DIRECTORY(a_directory_is_listed),
        IN_DIRECTORY(missing_and_unreadable_directories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
