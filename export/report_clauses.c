/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clauses of regulations, and which records answer each; which exceptions bear on it; and that
 * nothing does where that is so. What a clause asks is told in our own words and in short; whether
 * it applies, and whether these records are enough, is not for a program to say.
 *
 * Sources: Regulation (EU) 2024/1689 (AI Act), articles 12, 18, 19; 21 CFR part 11, sections 11.10,
 * 11.50, 11.70; 17 CFR 240.17a-4(f)(2) as amended in 2022; SR 26-2 of the Federal Reserve,
 * Interagency Guidance on Model Risk Management for Banking Organizations (April 17, 2026), by its
 * themes.
 */
#include <inttypes.h>

#include "export/report_part.h"
#include "ledger/query/standing.h"

/* What there may be in the ledger to answer with. */
enum answer {
    ANSWER_HISTORY,
    ANSWER_STAGES,
    ANSWER_STATEMENTS,
    ANSWER_KEYS,
    ANSWER_VALIDATIONS,
    ANSWER_APPROVALS,
    ANSWER_POLICIES,
    ANSWER_RUN,
    ANSWER_DATA,
    ANSWER_DEPLOYMENTS,
    ANSWER_INCIDENTS,
    ANSWER_PURPOSE,
    ANSWER_ERASURES,
    ANSWER_VERIFICATION,
    ANSWER_CHECKPOINTS,
    ANSWER_COPIES,
    ANSWERS
};
#define WITH(answer) (1u << ANSWER_##answer)

struct clause {
    const char *name, *asks;
    unsigned answers;   /* none: no record can */
    const char *beyond; /* what it asks that no ledger can answer; NULL: nothing */
    const char *checks; /* whose exceptions bear on it, apart by spaces; NULL: none do */
};

#define CHECKS_OF_APPROVAL "production-unapproved approval-late approval-same-person"
#define CHECKS_OF_ORIGIN                                                                           \
    "version-without-run no-commit no-data-digest data-unrecorded dirty-run no-dependency-log"

static const struct clause clauses[] = {
    {"EU AI Act, Art. 12(1)", "Events are recorded automatically over the lifetime of the system.",
     WITH(HISTORY) | WITH(RUN) | WITH(DEPLOYMENTS),
     "Logs of single predictions are kept by what serves the model.",
     "version-without-run run-not-ended recorded-late"},
    {"EU AI Act, Art. 12(2)(a)",
     "The log lets situations be found in which the system may present a risk, and substantial "
     "modifications.",
     WITH(INCIDENTS) | WITH(STAGES) | WITH(VALIDATIONS), NULL, "no-drift-check"},
    {"EU AI Act, Art. 12(2)(b)", "The log supports monitoring after placing on the market.",
     WITH(DEPLOYMENTS) | WITH(VALIDATIONS) | WITH(INCIDENTS),
     "What is measured in operation, where nobody records it here.", "no-drift-check"},
    {"EU AI Act, Art. 12(2)(c)", "The log supports monitoring by those who deploy the system.",
     WITH(DEPLOYMENTS) | WITH(INCIDENTS), "What those who deploy it log themselves.", NULL},
    {"EU AI Act, Art. 12(3)",
     "Of remote biometric identification: each use, the reference database, what matched, and who "
     "verified that.",
     0, "Logs of single uses are kept by what serves the model.", NULL},
    {"EU AI Act, Art. 18",
     "Technical documentation is kept for ten years after the system was placed on the market.",
     WITH(PURPOSE) | WITH(DATA) | WITH(RUN) | WITH(VALIDATIONS) | WITH(ERASURES) |
         WITH(VERIFICATION),
     "How long the ledger itself is kept is for its keeper to see to.", CHECKS_OF_ORIGIN},
    {"EU AI Act, Art. 19", "Logs made automatically are kept for at least six months.",
     WITH(HISTORY) | WITH(ERASURES) | WITH(VERIFICATION),
     "How long the ledger itself is kept is for its keeper to see to.", "recorded-late"},
    {"21 CFR 11.10(a)", "The system is validated, and can discern invalid or altered records.",
     WITH(VERIFICATION), "Validation of the system as installed.", NULL},
    {"21 CFR 11.10(b)", "Accurate and complete copies, for people and for machines.", WITH(COPIES),
     NULL, NULL},
    {"21 CFR 11.10(c)", "Records are protected so that they can be retrieved accurately.",
     WITH(VERIFICATION) | WITH(CHECKPOINTS) | WITH(ERASURES), "Backups and storage.", NULL},
    {"21 CFR 11.10(d)", "Access is limited to authorised individuals.", WITH(KEYS),
     "Access to machines and files.", NULL},
    {"21 CFR 11.10(e)",
     "A secure, computer-generated, time-stamped audit trail of what was created, modified or "
     "deleted, which obscures nothing recorded before.",
     WITH(HISTORY) | WITH(ERASURES) | WITH(VERIFICATION), NULL, "recorded-late"},
    {"21 CFR 11.10(f)", "Steps happen in the permitted sequence.", WITH(POLICIES) | WITH(STAGES),
     NULL, "production-unapproved approval-late production-without-staging no-load-test"},
    {"21 CFR 11.10(g)", "Only authorised individuals can sign, or do what they do.",
     WITH(KEYS) | WITH(POLICIES) | WITH(VERIFICATION), NULL,
     "production-unapproved approval-same-person"},
    {"21 CFR 11.10(h)", "Devices are checked, so that what comes from them is valid.", 0,
     "Checks of terminals and machines.", NULL},
    {"21 CFR 11.10(i)",
     "Who makes, keeps and uses the system has the education, training and experience for it.", 0,
     "Education and training.", NULL},
    {"21 CFR 11.10(j)",
     "Written policies hold individuals accountable for what is done under their signatures.",
     WITH(STATEMENTS), "The policies, and that they are adhered to.", NULL},
    {"21 CFR 11.10(k)", "Documentation of the system is controlled, and so are its changes.", 0,
     "Manuals and procedures.", NULL},
    {"21 CFR 11.50(a)",
     "Signed records show the printed name of the signer, date and time, and what the signature "
     "means.",
     WITH(STATEMENTS) | WITH(APPROVALS), NULL, NULL},
    {"21 CFR 11.50(b)", "The same stands in every readable form of the record.",
     WITH(STATEMENTS) | WITH(COPIES), NULL, NULL},
    {"21 CFR 11.70",
     "Signatures are linked to their records, so that they cannot be removed, copied or moved.",
     WITH(STATEMENTS) | WITH(VERIFICATION), NULL, NULL},
    {"17 CFR 240.17a-4(f)(2)(i)(A)(1)", "The audit trail holds all modifications and deletions.",
     WITH(HISTORY) | WITH(ERASURES), NULL, NULL},
    {"17 CFR 240.17a-4(f)(2)(i)(A)(2)", "… the date and time of each action.", WITH(HISTORY), NULL,
     "recorded-late"},
    {"17 CFR 240.17a-4(f)(2)(i)(A)(3)", "… the identity of the individual, where there is one.",
     WITH(STATEMENTS) | WITH(KEYS), NULL, NULL},
    {"17 CFR 240.17a-4(f)(2)(i)(A)(4)",
     "… what is needed to trust the record and to re-create the original.",
     WITH(VERIFICATION) | WITH(STATEMENTS) | WITH(HISTORY), NULL, NULL},
    {"17 CFR 240.17a-4(f)(2)(ii)",
     "Completeness and accuracy of storing and retaining are verified automatically.",
     WITH(VERIFICATION) | WITH(CHECKPOINTS), "That it is done again and again.", NULL},
    {"17 CFR 240.17a-4(f)(2)(iii)",
     "Units of storage media are serialised and their contents dated, where that applies.",
     WITH(HISTORY), "Media and duplicates of them.", NULL},
    {"17 CFR 240.17a-4(f)(2)(iv), (v)",
     "Records with their audit trail, and what is needed to locate them, can be downloaded.",
     WITH(COPIES), NULL, NULL},
    {"SR 26-2, development and use",
     "Purpose, design, data and testing of a model are sound and documented.",
     WITH(PURPOSE) | WITH(DATA) | WITH(RUN) | WITH(VALIDATIONS),
     "Whether the approach is conceptually sound.",
     CHECKS_OF_ORIGIN " leak leak-derived dirty-tree script-not-tracked"},
    {"SR 26-2, validation", "Models are validated, with effective challenge by others.",
     WITH(VALIDATIONS) | WITH(APPROVALS) | WITH(POLICIES), "How far the challenge went.",
     CHECKS_OF_APPROVAL " leak leak-derived no-load-test"},
    {"SR 26-2, monitoring", "Performance is monitored, and outcomes are analysed.",
     WITH(VALIDATIONS) | WITH(INCIDENTS) | WITH(DEPLOYMENTS),
     "What is measured in operation, where nobody records it here.", "no-drift-check"},
    {"SR 26-2, governance and controls",
     "Roles are assigned, use is approved, models are inventoried, changes are controlled.",
     WITH(KEYS) | WITH(APPROVALS) | WITH(POLICIES) | WITH(STAGES), NULL,
     CHECKS_OF_APPROVAL " production-without-staging"},
};

/* ---- what there is ---- */

/* Whether there is anything, and its records; in the dossier's memory. */
struct found {
    struct report *report;
    uint64_t *seqs;
    size_t count, cap;
    bool any;
};

static void add(struct found *found, uint64_t seq)
{
    struct ml_arena *arena = &found->report->dossier->reader.arena;
    found->any = true;
    if (seq == MLEDGER_NO_SEQ)
        return;
    if (!ml_arena_grow(arena, &found->seqs, &found->cap, found->count, sizeof *found->seqs))
        return; /* ml_paper_check() would say so as well */
    found->seqs[found->count++] = seq;
}

static void find_kinds(struct found *found, Mledger__Event__KindCase a, Mledger__Event__KindCase b)
{
    const struct ml_dossier *dossier = found->report->dossier;
    for (size_t i = 0; i < dossier->n_history; i++) {
        Mledger__Event__KindCase kind = dossier->history[i]->event->kind_case;
        if (kind == a || kind == b)
            add(found, dossier->history[i]->header->seq);
    }
}

static void find_history(struct found *found)
{
    for (size_t i = 0; i < found->report->dossier->n_history; i++)
        add(found, found->report->dossier->history[i]->header->seq);
}

static void find_statements(struct found *found)
{
    const struct ml_dossier *dossier = found->report->dossier;
    for (size_t i = 0; i < dossier->n_history; i++)
        if (dossier->history[i]->signed_statements)
            add(found, dossier->history[i]->header->seq);
}

/* Whose the key is, and by which record. */
static int add_key(struct found *found, const uint8_t *key)
{
    struct ml_standing standing;
    ML_TRY(ml_standing_read(found->report->view, key, &standing));
    if (!standing.known)
        return MLEDGER_OK;
    add(found, standing.actor);
    add(found, standing.since_seq);
    return MLEDGER_OK;
}

/* Of those who signed what the history holds. */
static int find_keys(struct found *found)
{
    const struct ml_dossier *dossier = found->report->dossier;
    for (size_t i = 0; i < dossier->n_history; i++) {
        const struct ml_record *record = dossier->history[i];
        const Mledger__Statements *stated = record->signed_statements;
        ML_TRY(add_key(found, record->header->signer.data));
        for (size_t k = 0; stated && k < stated->n_statements; k++)
            ML_TRY(add_key(found, stated->statements[k]->key.data));
    }
    return MLEDGER_OK;
}

/* The newest. */
static int find_checkpoints(struct found *found)
{
    const struct ml_state_key prefix = ml_index_checkpoint_prefix();
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(
        ml_reader_seqs(&found->report->dossier->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    if (count)
        add(found, seqs[count - 1]);
    return MLEDGER_OK;
}

static void find_run(struct found *found)
{
    const struct ml_run_past *run = &found->report->dossier->run;
    if (!found->report->dossier->has_run)
        return;
    add(found, run->seq);
    for (size_t i = 0; i < run->params.count; i++)
        add(found, run->params.list[i].seq);
    for (size_t i = 0; i < run->metrics.count; i++)
        add(found, run->metrics.list[i].seq);
    add(found, run->ended_seq);
}

static void find_data(struct found *found)
{
    const struct ml_graph *graph = found->report->dossier->graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_node *node = &graph->nodes[i];
        if ((node->kind == ML_NODE_DATASET || node->kind == ML_NODE_FILE) && node->n_digests)
            add(found, node->seq);
    }
}

static void find_purpose(struct found *found)
{
    const struct ml_dossier *dossier = found->report->dossier;
    if (dossier->model_description.text)
        add(found, dossier->model_description.seq);
    if (dossier->description.text)
        add(found, dossier->description.seq);
}

static void find_erasures(struct found *found)
{
    const struct ml_dossier *dossier = found->report->dossier;
    for (size_t i = 0; i < dossier->n_history; i++)
        if (dossier->history[i]->details_erased)
            add(found, dossier->history[i]->header->seq);
}

static void find_told(struct found *found, enum answer answer)
{
    switch (answer) {
    case ANSWER_HISTORY:
        find_history(found);
        return;
    case ANSWER_STAGES:
        find_kinds(found, MLEDGER__EVENT__KIND_STAGE_TRANSITIONED,
                   MLEDGER__EVENT__KIND_STAGE_IMPORTED);
        return;
    case ANSWER_STATEMENTS:
        find_statements(found);
        return;
    case ANSWER_VALIDATIONS:
        find_kinds(found, MLEDGER__EVENT__KIND_VALIDATION_RECORDED,
                   MLEDGER__EVENT__KIND_VALIDATION_RECORDED);
        return;
    case ANSWER_APPROVALS:
        find_kinds(found, MLEDGER__EVENT__KIND_APPROVAL_RECORDED,
                   MLEDGER__EVENT__KIND_APPROVAL_RECORDED);
        return;
    case ANSWER_RUN:
        find_run(found);
        return;
    case ANSWER_DATA:
        find_data(found);
        return;
    case ANSWER_DEPLOYMENTS:
        find_kinds(found, MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED,
                   MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED);
        return;
    case ANSWER_INCIDENTS:
        find_kinds(found, MLEDGER__EVENT__KIND_INCIDENT_RECORDED,
                   MLEDGER__EVENT__KIND_INCIDENT_RECORDED);
        return;
    case ANSWER_PURPOSE:
        find_purpose(found);
        return;
    case ANSWER_ERASURES:
        find_erasures(found);
        return;
    default:
        return;
    }
}

static int find(struct found *found, enum answer answer)
{
    if (answer == ANSWER_KEYS)
        return find_keys(found);
    if (answer == ANSWER_CHECKPOINTS)
        return find_checkpoints(found);
    find_told(found, answer);
    return MLEDGER_OK;
}

/* ---- cells ---- */

static const char *const answer_words[ANSWERS] = {
    [ANSWER_HISTORY] = "every event of the version, with time and signer",
    [ANSWER_STAGES] = "stage transitions",
    [ANSWER_STATEMENTS] = "statements by people's own keys",
    [ANSWER_VALIDATIONS] = "validations",
    [ANSWER_APPROVALS] = "approvals",
    [ANSWER_KEYS] = "who signed, and the records that let them",
    [ANSWER_CHECKPOINTS] = "the newest checkpoint that the ledger notes",
    [ANSWER_RUN] = "the training run, its parameters and metrics",
    [ANSWER_DATA] = "training data and files by their digests",
    [ANSWER_DEPLOYMENTS] = "deployments",
    [ANSWER_INCIDENTS] = "incidents",
    [ANSWER_PURPOSE] = "what the model and the version are for",
    [ANSWER_ERASURES] = "details that were erased",
};

static void say_verification(struct report *report)
{
    const struct ml_report_verification *verified = report->verification;
    if (!verified->was_run)
        ml_paper_line(report->paper, ML_PAPER_WARN,
                      "the verification of the ledger was not run for this report");
    else if (verified->faults)
        ml_paper_line(report->paper, ML_PAPER_BAD, "the verification of the ledger found faults");
    else
        ml_paper_line(report->paper, ML_PAPER_PLAIN,
                      "the verification of all %" PRIu64 " records, without a fault",
                      verified->records);
}

/* Those that its transitions had to meet: a policy that came later says nothing of them. */
static void put_policies(struct report *report)
{
    const struct ml_dossier *dossier = report->dossier;
    struct ml_paper *paper = report->paper;
    bool entered = false;
    for (size_t i = 0; i < dossier->n_policies; i++) {
        const struct ml_dossier_policy *policy = &dossier->policies[i];
        if (policy->entered_seq == MLEDGER_NO_SEQ)
            continue;
        entered = true;
        ml_paper_line(paper, policy->policy ? ML_PAPER_PLAIN : ML_PAPER_WARN, "%s %s",
                      policy->policy ? "the policy in force when it entered"
                                     : "no policy was in force when it entered",
                      policy->stage);
        ml_paper_seq(paper, policy->entered_seq);
        ml_paper_seq(paper, policy->policy ? policy->seq : MLEDGER_NO_SEQ);
    }
    if (!entered)
        ml_paper_text(paper, "it entered no stage that a policy could have kept it from");
}

static void put_nothing(struct report *report, enum answer answer)
{
    struct ml_paper *paper = report->paper;
    if (answer == ANSWER_ERASURES)
        ml_paper_text(paper, "no details of its records were erased");
    else if (answer == ANSWER_INCIDENTS)
        ml_paper_text(paper, "no incident is recorded");
    else
        ml_paper_line(paper, ML_PAPER_WARN, "nothing recorded: %s", answer_words[answer]);
}

static int put_answer(struct report *report, enum answer answer)
{
    struct ml_paper *paper = report->paper;
    struct found found = {.report = report};
    ML_TRY(find(&found, answer));
    if (answer == ANSWER_VERIFICATION) {
        say_verification(report);
    } else if (answer == ANSWER_POLICIES) {
        put_policies(report);
    } else if (answer == ANSWER_COPIES) {
        ml_paper_text(paper, "this report, its JSON, and an evidence bundle:");
        ml_paper_code(paper, "mledger bundle models:/%s -o FILE", report->reference);
    } else if (found.any) {
        ml_paper_text(paper, answer_words[answer]);
    } else {
        put_nothing(report, answer);
    }
    ml_paper_seqs(paper, found.seqs, found.count);
    return MLEDGER_OK;
}

/* Is the name one of the words? */
static bool is_among(const char *words, const char *name)
{
    const size_t len = strlen(name);
    for (const char *at = words; at && (at = strstr(at, name)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* What an auditor would hold against the answers. */
static void put_exceptions(struct report *report, const struct clause *clause)
{
    const struct ml_exceptions *found = &report->dossier->exceptions;
    for (size_t i = 0; i < found->count; i++) {
        const struct ml_exception *exception = &found->list[i];
        if (!report_is_of_version(report, exception) ||
            !is_among(clause->checks, exception->check->name))
            continue;
        ml_paper_line(report->paper, ML_PAPER_WARN, "but %s: %s", exception->check->name,
                      exception->text);
        ml_paper_seqs(report->paper, exception->seqs, exception->n_seqs);
    }
}

static int put_answers(struct report *report, const struct clause *clause)
{
    if (!clause->answers)
        ml_paper_line(report->paper, ML_PAPER_WARN, "no record answers it");
    for (enum answer answer = 0; answer < ANSWERS; answer++)
        if (clause->answers & (1u << answer))
            ML_TRY(put_answer(report, answer));
    put_exceptions(report, clause);
    return MLEDGER_OK;
}

static int clause_row(struct report *report, const struct clause *clause)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, clause->name);
    ml_paper_cell(paper);
    ml_paper_text(paper, clause->asks);
    ml_paper_cell(paper);
    ML_TRY(put_answers(report, clause));
    ml_paper_cell(paper);
    if (clause->beyond)
        ml_paper_text(paper, clause->beyond);
    else
        ml_paper_line(paper, ML_PAPER_QUIET, "nothing");
    return MLEDGER_OK;
}

int report_clauses(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"clause", "Clause"},
                                                     {"asks", "What it asks, in short"},
                                                     {"answer", "What answers it here"},
                                                     {"beyond", "What it asks beyond a ledger"}};
    ml_paper_section(report->paper, "clauses", "Regulations, and what answers them");
    ml_paper_note(report->paper, ML_PAPER_PLAIN,
                  "Whether a clause applies, and whether these records are enough for it, is "
                  "for its reader to judge. \u201cBut\u201d names exceptions that bear on it.");
    REPORT_TABLE(report->paper, "clauses", "Clauses, and the records that answer them", columns);
    for (size_t i = 0; i < ML_COUNT(clauses); i++)
        ML_TRY(clause_row(report, &clauses[i]));
    return MLEDGER_OK;
}
