/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/witness_policy.h"

#include <stdio.h>

enum {
    MEMBERS_MAX = ML_POLICY_WITNESSES_MAX + ML_POLICY_GROUPS_MAX,
    WORDS_MAX = 3 + MEMBERS_MAX, /* of a line */
    QUORUM_NONE = -1,
    QUORUM_UNSET = -2,
    SHOWN = 60,
};

/* A witness or a group: one space of names, and groups come after their members. */
struct party {
    char *name;
    char *url;                /* of a witness; "" where it names none */
    bool is_group, is_member; /* of some group already */
    bool is_all;              /* of a group: its threshold is "all" */
    struct ml_vkey vkey;      /* of a witness */
    size_t threshold;         /* of a group */
    size_t n_members;
    size_t *members;
};

struct ml_witness_policy {
    size_t n_logs, n_witnesses, n_groups, n_parties;
    int quorum; /* a party, or one of the two above */
    struct ml_vkey logs[ML_POLICY_LOGS_MAX];
    char *log_urls[ML_POLICY_LOGS_MAX];
    struct party parties[MEMBERS_MAX];
};

/* Where reading is; words borrow the text. */
struct reading {
    struct ml_witness_policy *policy;
    const char *name;
    size_t line;
    size_t n_words;
    struct ml_span words[WORDS_MAX];
};

#define bad_line(reading, ...)                                                                     \
    (ml_fail(MLEDGER_EINVALID, __VA_ARGS__), ml_prefix("%s:%zu", (reading)->name, (reading)->line))

static int shown(struct ml_span word)
{
    return (int)(word.len < SHOWN ? word.len : SHOWN);
}

static bool is(struct ml_span word, const char *text)
{
    return ml_span_equal(word, ML_SPAN(text, strlen(text)));
}

static int find(const struct ml_witness_policy *policy, struct ml_span name)
{
    for (size_t i = 0; i < policy->n_parties; i++)
        if (is(name, policy->parties[i].name))
            return (int)i;
    return QUORUM_UNSET;
}

static int parse_vkey(struct reading *reading, struct ml_span word, enum ml_vkey_type type,
                      struct ml_vkey *ret_vkey)
{
    if (ml_vkey_parse(word, ret_vkey) < 0)
        return ml_prefix("%s:%zu", reading->name, reading->line);
    if (ret_vkey->type != type)
        return bad_line(reading, "the key is of type %d, and a %s's is of type %d",
                        (int)ret_vkey->type, type == ML_VKEY_ED25519 ? "log" : "witness",
                        (int)type);
    return MLEDGER_OK;
}

static bool same_key(const struct ml_vkey *a, const struct ml_vkey *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0;
}

/* The word at `at`, or "" where the line has none, for the policy to keep. */
static int keep_word(const struct reading *reading, size_t at, char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (at < reading->n_words)
        ML_TRY(ml_buf_append(&text, reading->words[at].data, reading->words[at].len));
    return ml_buf_take_text(&text, ret_text);
}

static int parse_log(struct reading *reading)
{
    struct ml_witness_policy *policy = reading->policy;
    struct ml_vkey vkey;
    if (reading->n_words != 2 && reading->n_words != 3)
        return bad_line(reading, "a log is 'log VKEY [URL]'");
    if (policy->n_logs == ML_POLICY_LOGS_MAX)
        return bad_line(reading, "there are more than %d logs", ML_POLICY_LOGS_MAX);
    ML_TRY(parse_vkey(reading, reading->words[1], ML_VKEY_ED25519, &vkey));
    for (size_t i = 0; i < policy->n_logs; i++)
        if (same_key(&policy->logs[i], &vkey))
            return bad_line(reading, "the key of '%s' stands on an earlier line", vkey.name);
    ML_TRY(keep_word(reading, 2, &policy->log_urls[policy->n_logs]));
    policy->logs[policy->n_logs++] = vkey;
    return MLEDGER_OK;
}

/* A new witness or group; its name is checked. NULL: the error is set. */
static struct party *add_party(struct reading *reading)
{
    struct ml_witness_policy *policy = reading->policy;
    struct ml_span name = reading->words[1];
    if (is(name, "none") || find(policy, name) >= 0) {
        (void)bad_line(reading, "the name '%.*s' is taken", shown(name), (const char *)name.data);
        return NULL;
    }
    struct party *party = &policy->parties[policy->n_parties];
    if (keep_word(reading, 1, &party->name) < 0)
        return NULL;
    policy->n_parties++;
    return party;
}

static int parse_witness(struct reading *reading)
{
    struct ml_witness_policy *policy = reading->policy;
    struct ml_vkey vkey;
    if (reading->n_words != 3 && reading->n_words != 4)
        return bad_line(reading, "a witness is 'witness NAME VKEY [URL]'");
    if (policy->n_witnesses == ML_POLICY_WITNESSES_MAX)
        return bad_line(reading, "there are more than %d witnesses", ML_POLICY_WITNESSES_MAX);
    ML_TRY(parse_vkey(reading, reading->words[2], ML_VKEY_COSIGNATURE, &vkey));
    for (size_t i = 0; i < policy->n_parties; i++)
        if (!policy->parties[i].is_group && same_key(&policy->parties[i].vkey, &vkey))
            return bad_line(reading, "the key of '%s' stands on an earlier line", vkey.name);
    struct party *party = add_party(reading);
    if (!party)
        return ml_failed();
    party->vkey = vkey;
    policy->n_witnesses++;
    return keep_word(reading, 3, &party->url);
}

/* "all", "any" or a number from 1 to `members`. */
static int parse_threshold(struct reading *reading, size_t members, size_t *ret_threshold)
{
    struct ml_span word = reading->words[2];
    uint64_t number;
    if (is(word, "all"))
        number = members;
    else if (is(word, "any"))
        number = 1;
    else if (!ml_tlog_number(word, &number) || number == 0 || number > members)
        return bad_line(reading, "'%.*s' is not all, any or a number from 1 to %zu", shown(word),
                        (const char *)word.data, members);
    *ret_threshold = (size_t)number;
    return MLEDGER_OK;
}

static int add_member(struct reading *reading, struct party *group, struct ml_span name)
{
    int at = find(reading->policy, name);
    if (at < 0 || &reading->policy->parties[at] == group)
        return bad_line(reading, "'%.*s' was not defined before", shown(name),
                        (const char *)name.data);
    if (reading->policy->parties[at].is_member)
        return bad_line(reading, "'%.*s' is a member already", shown(name),
                        (const char *)name.data);
    reading->policy->parties[at].is_member = true;
    group->members[group->n_members++] = (size_t)at;
    return MLEDGER_OK;
}

/* Members from the third word on. */
static int add_members(struct reading *reading, struct party *group)
{
    group->members = ml_calloc(reading->n_words - 3, sizeof *group->members);
    if (!group->members)
        return ml_fail_memory();
    for (size_t i = 3; i < reading->n_words; i++)
        ML_TRY(add_member(reading, group, reading->words[i]));
    return MLEDGER_OK;
}

static int parse_group(struct reading *reading)
{
    struct ml_witness_policy *policy = reading->policy;
    size_t threshold = 0;
    if (reading->n_words < 4)
        return bad_line(reading, "a group is 'group NAME all|any|K NAME...'");
    if (policy->n_groups == ML_POLICY_GROUPS_MAX)
        return bad_line(reading, "there are more than %d groups", ML_POLICY_GROUPS_MAX);
    ML_TRY(parse_threshold(reading, reading->n_words - 3, &threshold));
    struct party *group = add_party(reading);
    if (!group)
        return ml_failed();
    group->is_group = true;
    group->is_all = is(reading->words[2], "all");
    group->threshold = threshold;
    policy->n_groups++;
    return add_members(reading, group);
}

static int parse_quorum(struct reading *reading)
{
    struct ml_witness_policy *policy = reading->policy;
    if (reading->n_words != 2)
        return bad_line(reading, "a quorum is 'quorum NAME' or 'quorum none'");
    if (policy->quorum != QUORUM_UNSET)
        return bad_line(reading, "there is a quorum already");
    struct ml_span name = reading->words[1];
    int quorum = is(name, "none") ? QUORUM_NONE : find(policy, name);
    if (quorum == QUORUM_UNSET)
        return bad_line(reading, "'%.*s' was not defined before", shown(name),
                        (const char *)name.data);
    policy->quorum = quorum;
    return MLEDGER_OK;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static int split_words(struct reading *reading, struct ml_span line)
{
    reading->n_words = 0;
    for (size_t i = 0; i < line.len;) {
        size_t begin = i;
        if (is_blank(line.data[i])) {
            i++;
            continue;
        }
        while (i < line.len && !is_blank(line.data[i]))
            i++;
        if (reading->n_words == WORDS_MAX)
            return bad_line(reading, "it has more words than any line can have");
        reading->words[reading->n_words++] = ML_SPAN(line.data + begin, i - begin);
    }
    return MLEDGER_OK;
}

static int parse_line(struct reading *reading, struct ml_span line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((line.data[i] < 0x20 && line.data[i] != '\t') || line.data[i] == 0x7f)
            return bad_line(reading, "it has a control character in it");
    size_t blanks = 0;
    while (blanks < line.len && is_blank(line.data[blanks]))
        blanks++;
    if (blanks == line.len || line.data[blanks] == '#')
        return MLEDGER_OK;
    ML_TRY(split_words(reading, line));
    struct ml_span word = reading->words[0];
    if (is(word, "log"))
        return parse_log(reading);
    if (is(word, "witness"))
        return parse_witness(reading);
    if (is(word, "group"))
        return parse_group(reading);
    if (is(word, "quorum"))
        return parse_quorum(reading);
    return bad_line(reading, "'%.*s' is not log, witness, group or quorum", shown(word),
                    (const char *)word.data);
}

static int parse_lines(struct reading *reading, struct ml_span text)
{
    struct ml_span line;
    if (text.len > ML_POLICY_FILE_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: it is longer than %d bytes", reading->name,
                       ML_POLICY_FILE_MAX);
    while (text.len > 0) {
        reading->line++;
        if (!ml_tlog_line(&text, &line))
            return bad_line(reading, "the last line does not end");
        ML_TRY(parse_line(reading, line));
    }
    if (reading->policy->quorum == QUORUM_UNSET)
        return ml_fail(MLEDGER_EINVALID, "%s: it has no quorum line", reading->name);
    return MLEDGER_OK;
}

int ml_witness_policy_parse(struct ml_span text, const char *name,
                            struct ml_witness_policy **ret_policy)
{
    ML_CLEANUP(ml_witness_policy_freep)
    struct ml_witness_policy *policy = ml_calloc(1, sizeof *policy);
    ML_CLEANUP(ml_freep) struct reading *reading = ml_calloc(1, sizeof *reading);
    if (!policy || !reading)
        return ml_fail_memory();
    policy->quorum = QUORUM_UNSET;
    reading->policy = policy;
    reading->name = name;
    ML_TRY(parse_lines(reading, text));
    *ret_policy = ML_TAKE(policy);
    return MLEDGER_OK;
}

void ml_witness_policy_free(struct ml_witness_policy *policy)
{
    for (size_t i = 0; policy && i < policy->n_parties; i++) {
        free(policy->parties[i].name);
        free(policy->parties[i].url);
        free(policy->parties[i].members);
    }
    for (size_t i = 0; policy && i < policy->n_logs; i++)
        free(policy->log_urls[i]);
    free(policy);
}

size_t ml_witness_policy_witnesses(const struct ml_witness_policy *policy)
{
    return policy->n_witnesses;
}

size_t ml_witness_policy_logs(const struct ml_witness_policy *policy)
{
    return policy->n_logs;
}

struct ml_policy_party ml_witness_policy_log(const struct ml_witness_policy *policy, size_t index)
{
    assert(index < policy->n_logs);
    return (struct ml_policy_party){.name = policy->logs[index].name,
                                    .vkey = &policy->logs[index],
                                    .url = policy->log_urls[index]};
}

struct ml_policy_party ml_witness_policy_witness(const struct ml_witness_policy *policy,
                                                 size_t index)
{
    const struct party *party = policy->parties;
    for (size_t witnesses = 0;; party++) {
        assert(party < policy->parties + policy->n_parties);
        if (!party->is_group && witnesses++ == index)
            break;
    }
    return (struct ml_policy_party){.name = party->name, .vkey = &party->vkey, .url = party->url};
}

bool ml_witness_policy_asks(const struct ml_witness_policy *policy)
{
    return policy->quorum != QUORUM_NONE;
}

int ml_witness_policy_quorum(const struct ml_witness_policy *policy)
{
    if (policy->quorum == QUORUM_NONE)
        return policy->n_groups == 0 ? 0 : ML_POLICY_OTHER;
    const struct party *quorum = &policy->parties[policy->quorum];
    if (!quorum->is_group)
        return policy->n_parties == 1 ? ML_POLICY_ALL : ML_POLICY_OTHER;
    if (policy->n_groups != 1 || quorum->n_members != policy->n_witnesses)
        return ML_POLICY_OTHER;
    return quorum->is_all ? ML_POLICY_ALL : (int)quorum->threshold;
}

static int refuse(const char *what)
{
    return ml_refuse("witness-policy", "%s", what);
}

/* A log is known by its origin too: no log of the list speaks for another. */
static int check_log(const struct ml_witness_policy *policy, const struct ml_note *note,
                     const struct ml_checkpoint *checkpoint)
{
    bool any = policy->n_logs == 0;
    for (size_t i = 0; i < policy->n_logs; i++) {
        const struct ml_vkey *log = &policy->logs[i];
        if (!is(checkpoint->origin, log->name) || !ml_note_names(note, log))
            continue;
        ML_TRY(ml_note_verify(note, log, 1, NULL));
        any = true;
    }
    return any ? MLEDGER_OK : refuse("no log that the policy lists signed the checkpoint");
}

static void count_in(struct ml_witnessed *witnessed, int64_t time)
{
    if (witnessed->count == 0 || time < witnessed->earliest)
        witnessed->earliest = time;
    if (witnessed->count == 0 || time > witnessed->latest)
        witnessed->latest = time;
    witnessed->count++;
}

static int judge_witness(const struct party *witness, const struct ml_note *note, bool *ret_good,
                         struct ml_witnessed *witnessed)
{
    struct ml_note_seal seal;
    *ret_good = false;
    if (!ml_note_names(note, &witness->vkey))
        return MLEDGER_OK;
    ML_TRY(ml_note_verify(note, &witness->vkey, 1, &seal));
    *ret_good = true;
    count_in(witnessed, seal.time);
    return MLEDGER_OK;
}

static bool judge_group(const struct party *group, const bool *good)
{
    size_t count = 0;
    for (size_t i = 0; i < group->n_members; i++)
        count += good[group->members[i]];
    return count >= group->threshold;
}

int ml_witness_policy_check(const struct ml_witness_policy *policy, const struct ml_note *note,
                            const struct ml_checkpoint *checkpoint,
                            struct ml_witnessed *ret_witnessed)
{
    bool good[MEMBERS_MAX];
    struct ml_witnessed witnessed = {0};
    ML_TRY(check_log(policy, note, checkpoint));
    for (size_t i = 0; i < policy->n_parties; i++) {
        const struct party *party = &policy->parties[i];
        if (party->is_group)
            good[i] = judge_group(party, good);
        else
            ML_TRY(judge_witness(party, note, &good[i], &witnessed));
    }
    if (policy->quorum >= 0 && !good[policy->quorum])
        return refuse("the quorum of witnesses has not cosigned the checkpoint");
    *ret_witnessed = witnessed;
    return MLEDGER_OK;
}
