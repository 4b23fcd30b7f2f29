/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge: the adversary's own tool. It knows a ledger from docs/FORMAT.md alone and shares no line
 * with mledger, so what it forges is what a stranger could forge, and where it agrees with mledger
 * the page is right.
 *
 *   forge LEDGER [LINE…]    carries out the lines of a script, else those on standard input, in one
 *                           transaction
 *   forge forget LEDGER     edits one byte so that LMDB forgets its newest transaction
 *   forge bundle FROM TO [CHANGE…]
 *                           changes an evidence bundle (evidence.h)
 *   forge findings          reads what `verify --json` said: one finding a line, sorted, as
 *                           CODE[/RULE][@SEQ], those not proven with a '~' before them
 *
 * Exits 0, or 99 with the line at fault: a script that fails shows nothing.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/attack/forge/evidence.h"
#include "tests/attack/forge/findings.h"
#include "tests/attack/forge/script.h"

enum { LINE_MAX_BYTES = 8 << 20 };

static const struct {
    const char *name;
    size_t least, most; /* words behind it */
    const char *arguments;
    command *run;
} commands[] = {
    /* The record at hand. */
    {"load", 1, 1, "RECORD", command_load},
    {"take", 2, 8, "RECORD PART…", command_take},
    {"set", 2, 2, "TARGET VALUE", command_set},
    {"add", 2, 2, "TARGET VALUE", command_add},
    {"cut", 1, 1, "TARGET", command_cut},
    {"alter", 1, 1, "TARGET", command_alter},
    {"whole", 2, 2, "PART VALUE", command_whole},
    {"drop", 1, 1, "PART", command_drop},
    {"flip-part", 3, 3, "PART BYTE BIT", command_flip_part},
    {"pack", 0, 0, "", command_pack},
    {"save", 0, 1, "[SEQ]", command_save},
    {"store", 1, 1, "SEQ", command_store},
    {"print", 1, 1, "TARGET", command_print},
    {"print-text", 1, 1, "TARGET", command_print_text},
    {"fields", 0, 0, "", command_fields},
    /* Its encoding, otherwise than docs/FORMAT.md allows. */
    {"displace", 1, 1, "TARGET", command_displace},
    {"repeat", 1, 1, "TARGET", command_repeat},
    {"stretch", 2, 2, "TARGET tag|length|value", command_stretch},
    {"replace", 2, 2, "TARGET HEX", command_replace},
    {"append", 2, 2, "TARGET HEX", command_append},
    /* What follows from its parts. */
    {"seal", 0, 0, "", command_seal},
    {"chain", 0, 0, "", command_chain},
    {"tags", 0, 64, "SUBJECT…", command_tags},
    {"sign", 1, 1, "KEY", command_sign},
    {"signature", 1, 1, "KEY", command_signature},
    {"state", 2, 8, "KEY MEANING [seen=… link=… nonce=… ledger=… expiry=…]", command_state},
    {"restate", 2, 2, "WHICH KEY", command_restate},
    {"rebuild", 2, 2, "SEQ KEYS", command_rebuild},
    /* What travels: signed notes, lines of an export. */
    {"note", 2, 3, "FILE KEY [NAME]", command_note},
    {"cosign", 4, 4, "FILE KEY NAME TIME", command_cosign},
    {"witness", 2, 2, "KEY NAME", command_witness},
    {"base64", 1, 1, "VALUE", command_base64},
    {"export", 0, 1, "[SEQ]", command_export},
    /* The store. */
    {"delete", 1, 64, "SEQ…", command_delete},
    {"swap", 2, 2, "SEQ SEQ", command_swap},
    {"move", 2, 2, "SEQ SEQ", command_move},
    {"close-gaps", 0, 0, "", command_close_gaps},
    {"put", 3, 3, "TABLE KEY VALUE", command_put},
    {"erase", 2, 2, "TABLE KEY", command_erase},
    {"flip", 4, 4, "TABLE KEY BYTE BIT", command_flip},
    {"table", 1, 1, "TABLE", command_table},
    {"untable", 1, 1, "TABLE", command_untable},
    {"frontier", 0, 0, "", command_frontier},
    {"count", 1, 1, "TABLE", command_count},
    {"keys", 1, 1, "TABLE", command_keys},
    {"value", 1, 1, "VALUE", command_value},
};

/* Splits at blanks; a word that begins a text takes the rest of the line. Ends at a '#'. */
static struct line split(char *text)
{
    struct line line = {0};
    text[strcspn(text, "\n")] = '\0';
    while (*(text += strspn(text, " \t")) != '\0' && *text != '#') {
        if (line.count == SCRIPT_WORDS)
            die("too many words");
        line.words[line.count++] = text;
        if (strncmp(text, "text:", 5) == 0)
            break;
        text += strcspn(text, " \t");
        if (*text != '\0')
            *text++ = '\0';
    }
    return line;
}

static void carry_out(struct forge *forge, char *text)
{
    const struct line line = split(text);
    if (line.count == 0)
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(line.words[0], commands[i].name) != 0)
            continue;
        if (line.count - 1 < commands[i].least || line.count - 1 > commands[i].most)
            die("%s %s", commands[i].name, commands[i].arguments);
        commands[i].run(forge, &line);
        return;
    }
    die("there is no command '%s'", line.words[0]);
}

static void carry_out_all(struct forge *forge, char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        die_line++;
        carry_out(forge, lines[i]);
    }
    if (count > 0)
        return;
    char *text = bytes_alloc(LINE_MAX_BYTES);
    while (fgets(text, LINE_MAX_BYTES, stdin)) {
        die_line++;
        carry_out(forge, text);
    }
}

static void run_script(const char *dir, char **lines, size_t count)
{
    struct forge forge = {.store = store_open(dir, true)};
    carry_out_all(&forge, lines, count);
    store_commit(forge.store);
    store_close(forge.store);
}

int main(int argc, char **argv)
{
    if (argc < 2 || sodium_init() < 0)
        die("forge LEDGER [LINE…] | forge forget LEDGER | forge bundle FROM TO [CHANGE…] | "
            "forge findings");
    if (strcmp(argv[1], "forget") == 0 && argc == 3)
        store_forget_newest(argv[2]);
    else if (strcmp(argv[1], "bundle") == 0 && argc >= 4)
        evidence_change(argv[2], argv[3], argv + 4, (size_t)argc - 4);
    else if (strcmp(argv[1], "findings") == 0 && argc == 2)
        findings_print(stdin);
    else
        run_script(argv[1], argv + 2, (size_t)argc - 2);
    bytes_release();
    if (fflush(stdout) != 0)
        die("cannot write");
    return 0;
}
