/* SPDX-License-Identifier: Apache-2.0 */
/* The command line; --help and the man page come from the same table. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "ledger/core/hex.h"
#include "verify/program.h"

enum { FILE_MAX_BYTES = ML_NOTE_MAX };

struct option_row {
    char letter; /* what getopt_long() gives */
    const char *name, *value, *help;
};

static const struct option_row rows[] = {
    {'k', "vkey", "VKEY",
     "A key that is trusted, of the log or of a witness, as 'mledger key log' prints it. One of "
     "those given must have signed a checkpoint. May be repeated."},
    {'c', "checkpoint", "FILE",
     "A signed checkpoint that was kept elsewhere: these must be the records that it is over. May "
     "be repeated."},
    {'i', "identity", "HEX", "The identity of the ledger, as 'mledger init' prints it."},
    {'w', "witness-policy", "FILE",
     "A policy of witnesses (C2SP tlog-policy) that a checkpoint must meet."},
    {'t', "tsa-roots", "FILE",
     "Certificates (PEM) of the timestamping authorities to believe: the timestamps (RFC 3161) of "
     "noted checkpoints must lead to one of them."},
    {'r', "require", "CODE,...",
     "What is not proven under these codes counts as a fault: anchor, origin, ..."},
    {'j', "json", NULL, "Answer with one JSON object."},
    {'q', "quiet", NULL, "Print nothing; the exit code is the answer."},
    {'h', "help", NULL, "Print this text."},
    {'V', "version", NULL, "Print the version."},
    {'M', "man", NULL, "Print the man page."},
};

static const char *const paragraphs[] = {
    "Checks what came from a ledger of mledger, without that ledger: an evidence bundle ('mledger "
    "bundle'), the lines of 'mledger export', a directory of tiles ('mledger export tiles'). What "
    "it is is told from its content.",
    "Everything is derived again from the records: encoding, numbers, chain, commitments, "
    "signatures, who was allowed to do what, rules, subject tags, the tree and its root. Of tiles "
    "the headers are checked; payloads are hidden there, and said to be. Of a bundle the payloads "
    "that it shows are checked, and that none is withheld that is about what it is about.",
    ("Without a key, an identity or a checkpoint from elsewhere nothing proves whose ledger it is. "
     "That is said, and is no fault unless --require asks for it."),
};

static const struct {
    int code;
    const char *text;
} exit_codes[] = {
    {0, "No fault was found, and what is required is proven."},
    {1, "A fault was found, or what is required is not proven."},
    {2, "The command line makes no sense."},
    {3, "It could not be done: the file cannot be read, or is nothing that is read here."},
};

/* ---- help ---- */

static void print_wrapped(FILE *stream, unsigned indent, const char *text)
{
    unsigned column = indent;
    fprintf(stream, "%*s", (int)indent, "");
    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " ");
        if (column > indent && column + len + 1 > 79) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        }
        column += (unsigned)fprintf(stream, "%s%.*s", column > indent ? " " : "", (int)len, word);
        word += len + (word[len] == ' ');
    }
    fputc('\n', stream);
}

void program_print_help(FILE *stream)
{
    fputs("usage: mledger-verify [OPTION...] FILE|DIR\n", stream);
    for (size_t i = 0; i < ML_COUNT(paragraphs); i++) {
        fputc('\n', stream);
        print_wrapped(stream, 0, paragraphs[i]);
    }
    fputs("\nOptions:\n", stream);
    for (size_t i = 0; i < ML_COUNT(rows); i++) {
        fprintf(stream, "  --%s%s%s\n", rows[i].name, rows[i].value ? " " : "",
                rows[i].value ? rows[i].value : "");
        print_wrapped(stream, 6, rows[i].help);
    }
    fputs("\nExit codes:\n", stream);
    for (size_t i = 0; i < ML_COUNT(exit_codes); i++) {
        fprintf(stream, "  %d\n", exit_codes[i].code);
        print_wrapped(stream, 6, exit_codes[i].text);
    }
}

/* roff takes a dash for a hyphen, and a dot or quote that begins a line for a command. */
static void print_roff(FILE *stream, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text; text++)
        fputs(*text == '-' ? "\\-" : (const char[]){*text, '\0'}, stream);
    fputc('\n', stream);
}

void program_print_man(FILE *stream, const char *version, const char *released)
{
    fprintf(
        stream,
        ".TH MLEDGER\\-VERIFY 1 \"%s\" \"mledger %s\"\n.SH NAME\nmledger\\-verify \\- check what "
        "came from a ledger, without that ledger\n.SH SYNOPSIS\n.B mledger\\-verify\n"
        "[OPTION...] FILE|DIR\n.SH DESCRIPTION\n",
        released, version);
    for (size_t i = 0; i < ML_COUNT(paragraphs); i++) {
        fputs(".PP\n", stream);
        print_roff(stream, paragraphs[i]);
    }
    fputs(".SH OPTIONS\n", stream);
    for (size_t i = 0; i < ML_COUNT(rows); i++) {
        fputs(".TP\n.B ", stream);
        fprintf(stream, "\\-\\-");
        for (const char *at = rows[i].name; *at; at++)
            fputs(*at == '-' ? "\\-" : (const char[]){*at, '\0'}, stream);
        fprintf(stream, "%s%s\n", rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
        print_roff(stream, rows[i].help);
    }
    fputs(".SH EXIT STATUS\n", stream);
    for (size_t i = 0; i < ML_COUNT(exit_codes); i++) {
        fprintf(stream, ".TP\n.B %d\n", exit_codes[i].code);
        print_roff(stream, exit_codes[i].text);
    }
    fputs(".SH SEE ALSO\n.BR mledger (1)\n", stream);
}

/* ---- values ---- */

int program_read_file(const char *path, size_t limit, struct ml_buf *ret_bytes)
{
    FILE *stream = fopen(path, "re");
    if (!stream && (errno == ENOENT || errno == ENOTDIR))
        return ml_fail(MLEDGER_ENOTFOUND, "there is no '%s'", path);
    if (!stream)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    size_t before = ret_bytes->len, got = 1;
    int result = MLEDGER_OK;
    while (result >= 0 && got > 0 && ret_bytes->len - before <= limit) {
        result = ml_buf_reserve(ret_bytes, 4096);
        got = result < 0 ? 0 : fread(ret_bytes->data + ret_bytes->len, 1, 4096, stream);
        ret_bytes->len += got;
    }
    if (result >= 0 && ferror(stream))
        result = ml_fail_errno(errno, "cannot read '%s'", path);
    if (result >= 0 && ret_bytes->len - before > limit)
        result = ml_fail(MLEDGER_EINVALID, "'%s' has more than %zu bytes", path, limit);
    fclose(stream);
    return result;
}

/* A file that is named on the command line and is not there is an error like any other. */
static int read_named(const char *path, struct ml_buf *bytes)
{
    int result = program_read_file(path, FILE_MAX_BYTES, bytes);
    return result == MLEDGER_ENOTFOUND ? ml_fail(MLEDGER_ESYSTEM, "there is no '%s'", path)
                                       : result;
}

static int take_vkey(struct program_request *request, const char *value)
{
    struct ml_verify_anchors *anchors = &request->anchors;
    if (anchors->n_vkeys == PROGRAM_KEYS)
        return ml_fail(MLEDGER_EUSAGE, "more than %d keys", PROGRAM_KEYS);
    ML_TRY(ml_vkey_parse(ML_SPAN(value, strlen(value)), &request->vkeys[anchors->n_vkeys]));
    anchors->n_vkeys++;
    return MLEDGER_OK;
}

static int take_checkpoint(struct program_request *request, const char *value)
{
    struct ml_verify_anchors *anchors = &request->anchors;
    size_t i = anchors->n_notes;
    if (i == PROGRAM_NOTES)
        return ml_fail(MLEDGER_EUSAGE, "more than %d checkpoints", PROGRAM_NOTES);
    ML_TRY(read_named(value, &request->note_bytes[i]));
    request->notes[i] = (struct ml_verify_note){value, ml_buf_span(&request->note_bytes[i])};
    anchors->n_notes++;
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    if (ml_checkpoint_open(request->notes[i].bytes, &note, &checkpoint) < 0)
        return ml_prefix("'%s'", value);
    return MLEDGER_OK;
}

static int take_identity(struct program_request *request, const char *value)
{
    if (strlen(value) != (size_t)2 * ML_HASH_SIZE ||
        ml_hex_decode(value, strlen(value), request->identity, ML_HASH_SIZE) < 0)
        return ml_fail(MLEDGER_EUSAGE, "an identity is 64 digits in hexadecimal");
    request->anchors.identity = request->identity;
    return MLEDGER_OK;
}

static int take_policy(struct program_request *request, const char *value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (request->policy)
        return ml_fail(MLEDGER_EUSAGE, "one policy of witnesses is enough");
    ML_TRY(read_named(value, &text));
    ML_TRY(ml_witness_policy_parse(ml_buf_span(&text), value, &request->policy));
    request->anchors.policy = request->policy;
    return MLEDGER_OK;
}

static int take_roots(struct program_request *request, const char *value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf pem = {0};
    if (request->tsa_roots)
        return ml_fail(MLEDGER_EUSAGE, "one file of certificates is enough");
    ML_TRY(read_named(value, &pem));
    return ml_timestamp_roots_parse(ml_buf_span(&pem), value, &request->tsa_roots);
}

/* Cuts the value, which is argv's, at its commas. */
static int take_required(struct program_request *request, char *value)
{
    for (char *word; (word = strsep(&value, ","));) {
        if (request->n_required == PROGRAM_REQUIRED || !*word ||
            strspn(word, "abcdefghijklmnopqrstuvwxyz-") < strlen(word))
            return ml_fail(MLEDGER_EUSAGE, "--require names codes of findings, such as anchor");
        request->required[request->n_required++] = word;
    }
    return MLEDGER_OK;
}

static int take(struct program_request *request, int letter, char *value)
{
    switch (letter) {
    case 'k':
        return take_vkey(request, value);
    case 'c':
        return take_checkpoint(request, value);
    case 'i':
        return take_identity(request, value);
    case 'w':
        return take_policy(request, value);
    case 't':
        return take_roots(request, value);
    case 'r':
        return take_required(request, value);
    default:
        request->json |= letter == 'j';
        request->quiet |= letter == 'q';
        request->help |= letter == 'h';
        request->version |= letter == 'V';
        request->man |= letter == 'M';
        return MLEDGER_OK;
    }
}

static int parse(int argc, char **argv, struct program_request *request)
{
    struct option options[ML_COUNT(rows) + 1] = {0};
    for (size_t i = 0; i < ML_COUNT(rows); i++)
        options[i] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument,
                                     NULL, rows[i].letter};
    opterr = 0;
    for (;;) {
        int letter = getopt_long(argc, argv, "hqV", options, NULL);
        if (letter < 0)
            break;
        if (letter == '?')
            return ml_fail(MLEDGER_EUSAGE, "'%s' is no option, or its value is missing",
                           argv[optind - 1]);
        ML_TRY(take(request, letter, optarg));
    }
    if (request->help || request->version || request->man)
        return MLEDGER_OK;
    if (argc - optind != 1)
        return ml_fail(MLEDGER_EUSAGE, "expected one FILE or DIR");
    request->path = argv[optind];
    return MLEDGER_OK;
}

int program_request_read(int argc, char **argv, struct program_request *ret_request)
{
    *ret_request = (struct program_request){0};
    ret_request->anchors.notes = ret_request->notes;
    ret_request->anchors.vkeys = ret_request->vkeys;
    return parse(argc, argv, ret_request);
}

void program_request_release(struct program_request *request)
{
    for (size_t i = 0; i < PROGRAM_NOTES; i++)
        ml_buf_release(&request->note_bytes[i]);
    ml_witness_policy_free(request->policy);
    ml_timestamp_roots_free(request->tsa_roots);
}
