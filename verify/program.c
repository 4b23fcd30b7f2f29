/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ledger/core/time.h"

enum { EXIT_GOOD = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

static int report_error(void)
{
    fprintf(stderr, "mledger-verify: %s\n", mledger_error_text());
    switch (mledger_error_code()) {
    case MLEDGER_EUSAGE:
        fputs("  try: mledger-verify --help\n", stderr);
        return EXIT_USAGE;
    case MLEDGER_ENOTFOUND:
        return EXIT_NO;
    default:
        return EXIT_FAILED;
    }
}

static int answer(const struct program_request *request)
{
    struct program_report report = {.request = request, .findings = json_array()};
    const struct ml_verify_options options = {
        .level = ML_VERIFY_FULL,
        .visit = program_take_finding,
        .visit_context = &report,
        .anchors = &request->anchors,
        .tsa_roots = request->tsa_roots,
        .now_us = ml_time_now_us(),
    };
    int result = report.findings ? program_verify(&report, &options) : ml_fail_memory();
    if (result >= 0)
        result = program_print_report(&report, stdout);
    json_decref(report.findings);
    json_decref(report.bundle);
    if (result < 0)
        return report_error();
    return program_is_good(&report) ? EXIT_GOOD : EXIT_NO;
}

/* Someone may start us with a standard stream closed; the next file opened would take its number.
 */
static bool secure_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    static struct program_request request;
    if (!secure_streams())
        return EXIT_FAILED;
    signal(SIGPIPE, SIG_IGN);
    int code = EXIT_GOOD;
    if (program_request_read(argc, argv, &request) < 0)
        code = report_error();
    else if (request.help)
        program_print_help(stdout);
    else if (request.man)
        program_print_man(stdout, MLEDGER_VERSION, MLEDGER_RELEASED);
    else if (request.version)
        printf("mledger-verify %s\n", MLEDGER_VERSION);
    else
        code = answer(&request);
    if (code == EXIT_GOOD && (fflush(stdout) != 0 || ferror(stdout)))
        code = EXIT_FAILED;
    program_request_release(&request);
    return code;
}
