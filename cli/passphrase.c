/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "cli/display.h"
#include "ledger/store/secret.h"

static bool has_option(const struct ml_invocation *invocation, const char *name)
{
    return ml_option_find(invocation->command, name, strlen(name)) != NULL;
}

int ml_passphrases_init(struct ml_passphrases *passphrases, const struct ml_invocation *invocation)
{
    *passphrases = (struct ml_passphrases){.fd = -1};
    if (!has_option(invocation, "passphrase-file"))
        return MLEDGER_OK;
    passphrases->file = ml_option_text(invocation, "passphrase-file", NULL);
    if (!ml_option_given(invocation, "passphrase-fd"))
        return MLEDGER_OK;
    if (passphrases->file)
        return ml_fail(MLEDGER_EUSAGE, "--passphrase-file and --passphrase-fd are both given");
    passphrases->fd = (int)ml_option_number(invocation, "passphrase-fd", 0);
    return MLEDGER_OK;
}

void ml_passphrases_release(struct ml_passphrases *passphrases)
{
    if (passphrases->owns_fd)
        ml_closep(&passphrases->fd);
    mledger_secret_free(passphrases->last);
    *passphrases = (struct ml_passphrases){.fd = -1};
}

/* The terminal whose echo is off, for the signal handler. */
static struct {
    int fd;
    struct termios before;
} silenced = {.fd = -1};

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* Whoever ends us in the middle of typing gets a terminal back that shows what is typed. */
static void restore_and_die(int signal_number)
{
    tcsetattr(silenced.fd, TCSAFLUSH, &silenced.before);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Calls mledger_secret_read() without echo. */
static int read_silently(int tty, struct mledger_secret *secret)
{
    struct sigaction before[ML_COUNT(ending_signals)];
    struct sigaction ending = {.sa_handler = restore_and_die};
    silenced.fd = tty;
    if (tcgetattr(tty, &silenced.before) < 0)
        return ml_fail_errno(errno, "cannot ask for a passphrase");
    struct termios quiet = silenced.before;
    quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    for (size_t i = 0; i < ML_COUNT(ending_signals); i++)
        sigaction(ending_signals[i], &ending, &before[i]);
    int result = MLEDGER_OK;
    if (tcsetattr(tty, TCSAFLUSH, &quiet) < 0)
        result = ml_fail_errno(errno, "cannot ask for a passphrase without showing it");
    else
        result = mledger_secret_read(secret, tty);
    tcsetattr(tty, TCSAFLUSH, &silenced.before);
    for (size_t i = 0; i < ML_COUNT(ending_signals); i++)
        sigaction(ending_signals[i], &before[i], NULL);
    return result;
}

static int write_all(int fd, const struct ml_buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t written = write(fd, text->data + done, text->len - done);
        if (written < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot ask for a passphrase");
        done += written > 0 ? (size_t)written : 0;
    }
    return MLEDGER_OK;
}

/* What is asked for: of a key or of a user. */
struct subject {
    const char *what, *of; /* "passphrase", "key" */
    const char *label;
};

enum asking { ASK_FOR, ASK_NEW, ASK_AGAIN };

static int append_prompt(struct ml_buf *text, enum asking asking, const struct subject *subject)
{
    if (asking == ASK_AGAIN)
        ML_TRY(ml_buf_printf(text, "The same again for %s '", subject->of));
    else if (asking == ASK_NEW)
        ML_TRY(ml_buf_printf(text, "New %s for %s '", subject->what, subject->of));
    else
        ML_TRY(ml_buf_printf(text, "Passphrase of %s '", subject->of));
    ML_TRY(ml_display_escape(text, subject->label, strlen(subject->label)));
    return ml_buf_append_text(text, "': ");
}

static int ask_terminal(enum asking asking, const struct subject *subject,
                        struct mledger_secret *secret)
{
    ML_CLEANUP(ml_closep) int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0) {
        ml_fail(MLEDGER_ESYSTEM, "cannot ask for the %s of %s '%s': no terminal", subject->what,
                subject->of, subject->label);
        return ml_hint("--passphrase-file FILE, or --passphrase-fd N");
    }
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(append_prompt(&text, asking, subject));
    ML_TRY(write_all(tty, &text));
    int result = read_silently(tty, secret);
    ml_buf_clear(&text);
    ML_TRY(ml_buf_append_char(&text, '\n'));
    ML_TRY(write_all(tty, &text));
    return result;
}

static int open_file(struct ml_passphrases *passphrases)
{
    passphrases->fd = open(passphrases->file, O_RDONLY | O_CLOEXEC);
    if (passphrases->fd < 0)
        return ml_fail_errno(errno, "cannot open passphrase file '%s'", passphrases->file);
    passphrases->owns_fd = true;
    return MLEDGER_OK;
}

/* The next line, or the last one again where there is no more. */
static int next_line(struct ml_passphrases *passphrases, const struct subject *subject,
                     struct mledger_secret *secret)
{
    if (passphrases->fd < 0)
        ML_TRY(open_file(passphrases));
    int result = mledger_secret_read(secret, passphrases->fd);
    if (result == MLEDGER_EUSAGE && passphrases->last) {
        struct ml_span last = ml_secret_span(passphrases->last);
        return mledger_secret_set(secret, last.data, last.len);
    }
    if (result < 0)
        return ml_prefix("%s of %s '%s'", subject->what, subject->of, subject->label);
    if (!passphrases->last)
        ML_TRY(mledger_secret_new(&passphrases->last));
    struct ml_span line = ml_secret_span(secret);
    return mledger_secret_set(passphrases->last, line.data, line.len);
}

static bool is_asked(const struct ml_passphrases *passphrases)
{
    return passphrases->fd < 0 && !passphrases->file;
}

int ml_passphrases_ask(void *context, const char *label, struct mledger_secret *secret)
{
    struct ml_passphrases *passphrases = context;
    const struct subject subject = {"passphrase", "key", label};
    return is_asked(passphrases) ? ask_terminal(ASK_FOR, &subject, secret)
                                 : next_line(passphrases, &subject, secret);
}

static int ask_new(struct ml_passphrases *passphrases, const struct subject *subject,
                   struct mledger_secret *secret)
{
    if (!is_asked(passphrases))
        return next_line(passphrases, subject, secret);
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *again = NULL;
    ML_TRY(mledger_secret_new(&again));
    ML_TRY(ask_terminal(ASK_NEW, subject, secret));
    ML_TRY(ask_terminal(ASK_AGAIN, subject, again));
    if (!mledger_secret_equal(secret, again))
        return ml_fail(MLEDGER_EUSAGE, "the two %ss for %s '%s' differ", subject->what, subject->of,
                       subject->label);
    return MLEDGER_OK;
}

int ml_passphrases_new(struct ml_passphrases *passphrases, const char *label,
                       struct mledger_secret *secret)
{
    const struct subject subject = {"passphrase", "key", label};
    return ask_new(passphrases, &subject, secret);
}

int ml_passphrases_new_password(struct ml_passphrases *passphrases, const char *user,
                                struct mledger_secret *secret)
{
    const struct subject subject = {"password", "user", user};
    return ask_new(passphrases, &subject, secret);
}
