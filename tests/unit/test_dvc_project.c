/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DVC projects written here to the last byte: what is read of them, what is found to disagree,
 * what is refused. Then the sample project with its history, and projects made by real DVC with
 * their data, against which every hash must hold.
 */
#include "tests/unit/test_mlflow_tree.h"

#include "ingest/dvc/path.h"
#include "ingest/dvc/project.h"
#include "tests/unit/shared.h"

static struct ml_dvc_project *read_with(const struct ml_dvc_options *options)
{
    struct ml_dvc_project *project = NULL;
    if (ml_dvc_project_read(tree_root, options, &project) < 0)
        fail_msg("%s", mledger_error_text());
    return project;
}

static void refuse(const char *sentence)
{
    struct ml_dvc_project *project = NULL;
    assert_int_equal(ml_dvc_project_read(tree_root, NULL, &project), MLEDGER_EINVALID);
    assert_null(project);
    assert_string_equal(mledger_error_text(), sentence);
}

static const struct ml_dvc_stage *stage_of(const struct ml_dvc_project *project,
                                           const char *address)
{
    for (size_t i = 0; i < project->stages_count; i++)
        if (strcmp(project->stages[i].address, address) == 0)
            return &project->stages[i];
    fail_msg("no stage '%s'", address);
    return NULL;
}

static size_t count_findings(const struct ml_dvc_project *project, enum ml_dvc_finding_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < project->findings_count; i++)
        count += project->findings[i].kind == kind;
    return count;
}

static const struct ml_dvc_finding *finding_of(const struct ml_dvc_project *project,
                                               enum ml_dvc_finding_kind kind)
{
    for (size_t i = 0; i < project->findings_count; i++)
        if (project->findings[i].kind == kind)
            return &project->findings[i];
    fail_msg("no finding '%s'", ml_dvc_finding_name(kind));
    return NULL;
}

/* ---- reading ---- */

static void a_stage_with_everything(void **state)
{
    (void)state;
    tree_file("sub/dvc.yaml", "stages:\n"
                              "  train:\n"
                              "    cmd: [echo a, train]\n"
                              "    wdir: ..\n"
                              "    desc: learns\n"
                              "    frozen: true\n"
                              "    deps: [in.csv, s3://b/x, ../other/y]\n"
                              "    params: [lr, {p.json: [a.b]}, {q.yaml: }]\n"
                              "    outs: [model.bin: {cache: false, persist: true}]\n"
                              "    metrics: [m.json]\n"
                              "    plots: [p.csv]\n");
    tree_file("sub/dvc.lock",
              "schema: '2.0'\n"
              "stages:\n"
              "  train:\n"
              "    cmd: [echo a, train]\n"
              "    deps:\n"
              "    - {path: in.csv, hash: md5, md5: ABCDEF, size: 7, isexec: true}\n"
              "    - {path: s3://b/x, etag: '\"E\"', size: 1, version_id: v1}\n"
              "    - {path: ../other/y, md5: 12345}\n"
              "    params:\n"
              "      params.yaml: {lr: 0.1}\n"
              "      p.json: {a.b: [1, 2]}\n"
              "      q.yaml: {x: 1}\n"
              "    outs:\n"
              "    - {path: model.bin, md5: cc.dir, size: 9, nfiles: 3, cloud: {r: {etag: z,"
              " version_id: v2}}}\n"
              "    - {path: m.json, hash: md5, md5: dd}\n"
              "    - {path: p.csv, hash: md5, md5: '', files: [{relpath: f, md5: ee, size: 2}]}\n");
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(project->stages_count, 1);
    const struct ml_dvc_stage *stage = stage_of(project, "sub/dvc.yaml:train");
    assert_string_equal(stage->file, "sub/dvc.yaml");
    assert_string_equal(stage->wdir, ".");
    assert_string_equal(stage->desc, "learns");
    assert_true(stage->is_frozen && stage->is_locked && !stage->is_stale);
    assert_false(stage->command_changed);
    assert_true(stage->command.is_list && stage->command.count == 2);
    assert_string_equal(stage->locked_command.lines[1], "train");

    assert_int_equal(stage->deps_count, 3);
    assert_string_equal(stage->deps[0].hash_name, "md5");
    assert_string_equal(stage->deps[0].hash, "abcdef");
    assert_int_equal(stage->deps[0].size, 7);
    assert_int_equal(stage->deps[0].nfiles, -1);
    assert_true(stage->deps[0].is_exec && !stage->deps[0].is_outside);
    assert_string_equal(stage->deps[1].hash_name, "etag");
    assert_string_equal(stage->deps[1].hash, "\"E\"");
    assert_string_equal(stage->deps[1].version_id, "v1");
    assert_true(stage->deps[1].is_outside);
    assert_string_equal(stage->deps[2].hash_name, "md5-dos2unix");
    assert_string_equal(stage->deps[2].hash, "12345");
    assert_string_equal(stage->deps[2].full, "../other/y");

    assert_int_equal(stage->outs_count, 3);
    assert_true(stage->outs[0].is_dir && stage->outs[0].persist && !stage->outs[0].cache);
    assert_string_equal(stage->outs[0].cloud_remote, "r");
    assert_string_equal(stage->outs[0].version_id, "v2");
    assert_true(stage->outs[1].metric && !stage->outs[1].plot);
    assert_true(stage->outs[2].plot && !stage->outs[2].hash);
    assert_int_equal(stage->outs[2].files_count, 1);
    assert_string_equal(stage->outs[2].files[0].hash, "ee");

    assert_int_equal(stage->params_count, 4);
    assert_string_equal(stage->params[0].key, "lr");
    assert_string_equal(stage->params[0].locked->text, "0.1");
    assert_int_equal(stage->params[1].locked->count, 2);
    assert_null(stage->params[2].key);
    assert_string_equal(stage->params[3].key, "x");
    assert_false(stage->params[3].is_tracked);
    assert_int_equal(project->findings_count, 0);
    ml_dvc_project_free(project);
}

static void dvc_files_old_and_new(void **state)
{
    (void)state;
    tree_folder(".dvc");
    tree_file(".dvc/config", "[core]\n    remote = a  # why\n['remote \"a\"']\n    url = s3://x\n"
                             "['remote \"b\"']\n    url = /y\n    version_aware = true\n");
    tree_file("data/raw.dvc", "outs:\n- md5: aa.dir\n  size: 1\n  nfiles: 1\n  path: raw\n");
    tree_file("imp.csv.dvc", "md5: ff\nfrozen: true\ndeps:\n- path: sub/b.txt\n  repo:\n"
                             "    url: ../w1\n    rev: main\n    rev_lock: 0123\nouts:\n"
                             "- {md5: bb, path: imp.csv}\n");
    tree_file("old.dvc", "cmd: make\nwdir: data\ndeps:\n- {md5: aa.dir, path: raw}\nouts:\n"
                         "- {md5: cc, path: m.json, metric: true, cache: false}\n");
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(project->stages_count, 3);
    const struct ml_dvc_stage *imported = stage_of(project, "imp.csv.dvc");
    assert_true(imported->is_frozen);
    assert_string_equal(imported->recorded_md5, "ff");
    assert_string_equal(imported->deps[0].repo_url, "../w1");
    assert_string_equal(imported->deps[0].repo_rev, "main");
    assert_string_equal(imported->deps[0].repo_rev_lock, "0123");
    assert_true(imported->deps[0].is_outside);
    const struct ml_dvc_stage *old = stage_of(project, "old.dvc");
    assert_string_equal(old->command.lines[0], "make");
    assert_string_equal(old->outs[0].full, "data/m.json");
    assert_true(old->outs[0].metric && !old->outs[0].cache);
    assert_int_equal(project->edges_count, 1);
    assert_string_equal(project->stages[project->edges[0].from].address, "data/raw.dvc");
    assert_string_equal(project->stages[project->edges[0].to].address, "old.dvc");
    assert_int_equal(project->remotes_count, 2);
    assert_string_equal(project->remotes[0].url, "s3://x");
    assert_true(project->remotes[0].is_default && !project->remotes[1].is_default);
    assert_true(project->remotes[1].version_aware);
    ml_dvc_project_free(project);
}

static void groups_and_matrices_expand(void **state)
{
    (void)state;
    tree_file("params.yaml", "names: [a, b]\nseed: 3\n");
    tree_file("dvc.yaml", "vars: [{sizes: {s: {n: 1}, m: {n: 2}}}]\n"
                          "stages:\n"
                          "  one:\n    foreach: ${names}\n    do:\n      cmd: run ${item} ${seed}\n"
                          "      outs: ['${item}.txt']\n"
                          "  two:\n    foreach: ${sizes}\n    do:\n      cmd: ${key} ${item.n}\n"
                          "  three:\n    foreach: [{x: 1}, {x: 2}]\n    do: {cmd: 'n ${item.x}'}\n"
                          "  four:\n    matrix: {m: [p, q], n: [1, 1.50]}\n"
                          "    cmd: ${item.m}${item.n} ${key}\n");
    struct ml_dvc_project *project = read_with(NULL);
    static const char *const commands[][2] = {
        {"one@a", "run a 3"},   {"one@b", "run b 3"},
        {"two@s", "s 1"},       {"two@m", "m 2"},
        {"three@0", "n 1"},     {"three@1", "n 2"},
        {"four@p-1", "p1 p-1"}, {"four@p-1.5", "p1.5 p-1.5"},
        {"four@q-1", "q1 q-1"}, {"four@q-1.5", "q1.5 q-1.5"},
    };
    assert_int_equal(project->stages_count, ML_COUNT(commands));
    for (size_t i = 0; i < ML_COUNT(commands); i++) {
        const struct ml_dvc_stage *stage = stage_of(project, commands[i][0]);
        assert_string_equal(stage->command.lines[0], commands[i][1]);
        assert_false(stage->is_locked);
    }
    assert_int_equal(count_findings(project, ML_DVC_STAGE_NOT_LOCKED), ML_COUNT(commands));
    ml_dvc_project_free(project);
}

static void old_locks_and_lists_beside_the_stages(void **state)
{
    (void)state;
    tree_file("d/dvc.yaml", "stages:\n  s: {cmd: x, outs: [o]}\n"
                            "artifacts:\n  m: {path: o, type: model, desc: d, labels: [l]}\n"
                            "params: [p.yaml]\nmetrics: [m.json]\n"
                            "plots: [p.csv, {q: {y: {r.csv: c}}}]\n"
                            "datasets: [{name: n, url: u, type: dvc, path: p}]\n");
    tree_file("d/dvc.lock", "s:\n  cmd: x\n  outs:\n  - {path: o, md5: ab}\n");
    struct ml_dvc_project *project = read_with(NULL);
    assert_string_equal(stage_of(project, "d/dvc.yaml:s")->outs[0].hash, "ab");
    assert_int_equal(project->artifacts_count, 1);
    assert_string_equal(project->artifacts[0].full, "d/o");
    assert_string_equal(project->artifacts[0].type, "model");
    assert_int_equal(project->listed_count, 4);
    assert_string_equal(project->listed[0].full, "d/p.yaml");
    assert_string_equal(project->listed[3].path, "r.csv");
    assert_int_equal(project->datasets_count, 1);
    assert_string_equal(project->datasets[0].url, "u");
    assert_int_equal(project->findings_count, 0);
    ml_dvc_project_free(project);
}

static void what_is_not_walked(void **state)
{
    (void)state;
    static const char stage[] = "stages: {s: {cmd: x}}\n";
    tree_folder(".dvc/tmp");
    tree_file(".dvc/tmp/dvc.yaml", "broken: [");
    tree_file(".git/dvc.yaml", "broken: [");
    tree_folder("nested/.dvc");
    tree_file("nested/dvc.yaml", "broken: [");
    tree_file("skipped/dvc.yaml", "broken: [");
    tree_file(".dvcignore", "/skipped\n");
    tree_file("dvc.yaml", "stages: {s: {cmd: x, outs: [out]}}\n");
    tree_file("out/dvc.yaml", "broken: [");
    tree_file("a/dvc.yaml", stage);
    tree_link("a", "link");
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(project->stages_count, 2);
    (void)stage_of(project, "a/dvc.yaml:s");
    ml_dvc_project_free(project);
}

/* ---- disagreements ---- */

static void lock_against_definition(void **state)
{
    (void)state;
    tree_file("params.yaml", "lr: 0.2\nkept: 1.0\nn: {a: 1}\n");
    tree_file("dvc.yaml", "stages:\n"
                          "  s:\n    cmd: new\n    deps: [d1]\n    outs: [o1]\n"
                          "    params: [lr, kept, n, fresh]\n"
                          "  t: {cmd: y, outs: [o1/inner]}\n"
                          "  u: {cmd: z, outs: [o1], deps: [o1/inner]}\n");
    tree_file("dvc.lock", "schema: '2.0'\nstages:\n"
                          "  s:\n    cmd: old\n    deps:\n    - {path: d0, md5: aa}\n"
                          "    params: {params.yaml: {lr: 0.1, kept: 1, n: {a: 2}, gone: 1}}\n"
                          "    outs:\n    - {path: o1, md5: bb}\n"
                          "  gone: {cmd: x}\n"
                          "  u:\n    cmd: z\n    deps:\n    - {path: o1/inner, md5: cc}\n"
                          "    outs:\n    - {path: o1, md5: bb}\n");
    struct ml_dvc_project *project = read_with(NULL);
    const struct ml_dvc_finding *finding = finding_of(project, ML_DVC_COMMAND_CHANGED);
    assert_string_equal(finding->stage, "s");
    assert_string_equal(finding->recorded, "old");
    assert_string_equal(finding->found, "new");
    assert_string_equal(finding_of(project, ML_DVC_STAGE_NOT_IN_YAML)->stage, "gone");
    assert_true(stage_of(project, "gone")->is_stale);
    assert_string_equal(finding_of(project, ML_DVC_STAGE_NOT_LOCKED)->stage, "t");
    assert_string_equal(finding_of(project, ML_DVC_ITEM_NOT_LOCKED)->path, "d1");
    assert_int_equal(count_findings(project, ML_DVC_ITEM_NOT_IN_YAML), 2); /* d0, gone */
    assert_string_equal(finding_of(project, ML_DVC_PARAM_NOT_LOCKED)->path, "fresh");
    finding = finding_of(project, ML_DVC_PARAM_CHANGED);
    assert_int_equal(count_findings(project, ML_DVC_PARAM_CHANGED), 3); /* lr, n, gone */
    assert_string_equal(finding->path, "params.yaml:lr");
    assert_string_equal(finding->recorded, "0.1");
    assert_string_equal(finding->found, "0.2");
    finding = finding_of(project, ML_DVC_OUTPUT_DUPLICATE);
    assert_string_equal(finding->path, "o1");
    assert_string_equal(finding->recorded, "s");
    assert_string_equal(finding->found, "u");
    assert_string_equal(finding_of(project, ML_DVC_OUTPUT_OVERLAP)->path, "o1/inner");
    assert_true(count_findings(project, ML_DVC_CYCLE) > 0); /* u needs what lies in its output */
    ml_dvc_project_free(project);
}

static void hashes_that_do_not_fit_together(void **state)
{
    (void)state;
    tree_file("raw.dvc", "outs:\n- {md5: bb, hash: md5, path: raw}\n");
    tree_file("dvc.yaml", "stages: {s: {cmd: x, deps: [raw]}}\n");
    tree_file("dvc.lock", "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    deps:\n"
                          "    - {path: raw, hash: md5, md5: aa}\n");
    struct ml_dvc_project *project = read_with(NULL);
    const struct ml_dvc_finding *finding = finding_of(project, ML_DVC_HASH_INCONSISTENT);
    assert_string_equal(finding->recorded, "aa");
    assert_string_equal(finding->found, "bb");
    ml_dvc_project_free(project);
}

static void files_against_the_lock(void **state)
{
    (void)state;
    const struct ml_dvc_options check = {.check_files = true};
    const struct ml_dvc_options small = {.check_files = true, .hash_bytes_max = 3};
    tree_file("same.dvc",
              "outs:\n- {hash: md5, md5: dd8c6a395b5dd36c56d23275028f526c, path: same}\n");
    tree_file("same", "a\nb\n");
    tree_file("lines.dvc",
              "outs:\n- {hash: md5, md5: dd8c6a395b5dd36c56d23275028f526c, path: lines}\n");
    tree_file("lines", "a\r\nb\r\n");
    tree_file("old.dvc", "outs:\n- {md5: dd8c6a395b5dd36c56d23275028f526c, path: old}\n");
    tree_file("old", "a\r\nb\r\n");
    tree_file("other.dvc",
              "outs:\n- {hash: md5, md5: dd8c6a395b5dd36c56d23275028f526c, path: other}\n");
    tree_file("other", "else\n");
    tree_file("absent.dvc", "outs:\n- {hash: md5, md5: aa, path: absent}\n");
    tree_file("empty.dvc",
              "outs:\n- {hash: md5, md5: d751713988987e9331980363e24189ce.dir, path: empty}\n");
    tree_folder("empty/sub");
    struct ml_dvc_project *project = read_with(&check);
    assert_int_equal(project->findings_count, 2);
    const struct ml_dvc_finding *finding = finding_of(project, ML_DVC_HASH_CHANGED);
    assert_string_equal(finding->path, "other");
    assert_string_equal(finding->found, "7e7bc2edea94ddbae209e700c0017727");
    assert_string_equal(finding_of(project, ML_DVC_LINES_CHANGED)->path, "lines");
    ml_dvc_project_free(project);
    project = read_with(&small);
    assert_int_equal(project->findings_count, 0);
    ml_dvc_project_free(project);
}

static void templates_that_cannot_be_resolved(void **state)
{
    (void)state;
    tree_file("dvc.yaml", "vars: [missing.yaml]\nstages:\n"
                          "  a: {cmd: 'run ${x}', wdir: w, outs: ['${x}.txt']}\n"
                          "  g:\n    foreach: ${list}\n    do: {cmd: 'g ${item}'}\n"
                          "  never: {cmd: '${y}'}\n");
    tree_file("dvc.lock", "schema: '2.0'\nstages:\n  a:\n    cmd: run 1\n    outs:\n"
                          "    - {path: 1.txt, md5: aa}\n  g@1: {cmd: g 1}\n  g@2: {cmd: g 2}\n"
                          "  gx: {cmd: stale}\n");
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(count_findings(project, ML_DVC_TEMPLATE_UNRESOLVED), 4);
    assert_string_equal(finding_of(project, ML_DVC_TEMPLATE_UNRESOLVED)->found,
                        "dvc.yaml: there is no 'missing.yaml' with its variables");
    const struct ml_dvc_stage *stage = stage_of(project, "a");
    assert_string_equal(stage->command.lines[0], "run 1");
    assert_string_equal(stage->outs[0].full, "w/1.txt");
    assert_false(stage->is_stale);
    assert_false(stage_of(project, "g@2")->is_stale);
    assert_true(stage_of(project, "gx")->is_stale);
    assert_int_equal(project->stages_count, 4);
    ml_dvc_project_free(project);
}

/* ---- refusals ---- */

static void broken_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *sentence;
    } cases[] = {
        {"dvc.yaml", "stages: [x]\n", "dvc.yaml:1: expected a mapping for 'stages', found a list"},
        {"dvc.yaml", "- x\n", "dvc.yaml:1: expected a mapping, found a list"},
        {"dvc.yaml", "stages:\n  s: x\n",
         "dvc.yaml:2: expected a mapping for stage 's', found a string"},
        {"dvc.yaml", "stages:\n  s: {deps: [a]}\n", "dvc.yaml:2: stage 's' has no 'cmd'"},
        {"dvc.yaml", "stages:\n  s: {cmd: {a: 1}}\n",
         "dvc.yaml:2: expected a string for 'cmd', found a mapping"},
        {"dvc.yaml", "stages:\n  s: {cmd: x, deps: a}\n",
         "dvc.yaml:2: expected a list for 'deps', found a string"},
        {"dvc.yaml", "stages:\n  s:\n    cmd: x\n    deps: [1]\n",
         "dvc.yaml:4: expected a path in 'deps', found an integer"},
        {"dvc.yaml", "stages:\n  s: {cmd: x, outs: [[a]]}\n",
         "dvc.yaml:2: expected a path in 'outs', found a list"},
        {"dvc.yaml", "stages:\n  s: {cmd: x, outs: [a: {cache: maybe}]}\n",
         "dvc.yaml:2: expected a boolean for 'cache', found a string"},
        {"dvc.yaml", "stages:\n  s: {cmd: x, params: [{f: x}]}\n",
         "dvc.yaml:2: expected a list of parameters, found a string"},
        {"dvc.yaml", "stages:\n  s: {foreach: [a]}\n",
         "dvc.yaml:2: stage 's' has 'foreach' without 'do'"},
        {"dvc.yaml", "stages:\n  s: {foreach: a, do: {cmd: x}}\n",
         "dvc.yaml:2: 'foreach' of stage 's' needs a list or a mapping, found a string"},
        {"dvc.yaml", "stages:\n  s: {matrix: {a: 1}, cmd: x}\n",
         "dvc.yaml:2: 'matrix' of stage 's' needs lists"},
        {"dvc.yaml", "stages: {s: {cmd: x}}\nstages: {}\n",
         "dvc.yaml:2: key 'stages' stands twice, first in line 1"},
        {"dvc.yaml", "artifacts: {a: {type: model}}\n", "dvc.yaml:1: 'path' is missing"},
        {"dvc.lock", "schema: '3.0'\n", "dvc.lock:1: schema '3.0' is not known; 1.0 and 2.0 are"},
        {"dvc.lock", "schema: '2.0'\nstages:\n  s: {cmd: x, outs: [{md5: a}]}\n",
         "dvc.lock:3: 'path' is missing"},
        {"dvc.lock", "schema: '2.0'\nstages:\n  s: {cmd: x, outs: [a]}\n",
         "dvc.lock:3: expected a mapping with 'path', found a string"},
        {"dvc.lock", "schema: '2.0'\nstages:\n  s: {cmd: x, outs: [{path: a, size: -5}]}\n",
         "dvc.lock:3: 'size' is negative"},
        {"dvc.lock", "schema: '2.0'\nstages:\n  s: {cmd: x, outs: [{path: a, md5: [1]}]}\n",
         "dvc.lock:3: expected a string for a hash, found a list"},
        {"dvc.lock",
         "schema: '2.0'\nstages:\n  s: {cmd: x, outs: [{path: a, cloud: {r: {}, q: {}}}]}\n",
         "dvc.lock:3: more than one remote under 'cloud'"},
        {"dvc.lock", "schema: '2.0'\nstages:\n  s: {cmd: x, params: {f: 1}}\n",
         "dvc.lock:3: expected a mapping of parameters, found an integer"},
        {"x.dvc", "outs: x\n", "x.dvc:1: expected a list for 'outs', found a string"},
        {"x.dvc", "outs:\n- md5: a\n", "x.dvc:2: 'path' is missing"},
        {"x.dvc", "outs: [a]\n", "x.dvc:1: expected a mapping in 'outs', found a string"},
        {"x.dvc", "deps:\n- path: a\n  repo: {}\n", "x.dvc:3: 'url' is missing"},
        {"x.dvc", "text\n", "x.dvc:1: expected a mapping, found a string"},
        {".dvc/config", "[core\n", ".dvc/config:1: a section without ']'"},
        {".dvc/config", "[core]\nremote\n", ".dvc/config:2: expected 'key = value'"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        tree_file(cases[i].file, cases[i].text);
        refuse(cases[i].sentence);
        assert_int_equal(unlink(tree_path(cases[i].file)), 0);
    }
}

static void the_rest_goes_on_when_asked(void **state)
{
    (void)state;
    const struct ml_dvc_options on = {.keep_going = true};
    tree_file("a.dvc", "outs:\n- {md5: aa, path: a}\n");
    tree_file("b.dvc", "outs: [\n");
    tree_file("dvc.yaml", "stages:\n  good: {cmd: x}\n  bad: {cmd: 1}\n");
    tree_file("sub/dvc.yaml", "stages: {s: {cmd: x, params: [{p.json: [k]}]}}\n");
    tree_file("sub/dvc.lock", "schema: '2.0'\nstages: {s: {cmd: x, params: {p.json: {k: 1}}}}\n");
    tree_file("sub/p.json", "{\"k\": }\n");
    struct ml_dvc_project *project = read_with(&on);
    assert_int_equal(project->stages_count, 2);
    (void)stage_of(project, "a.dvc");
    (void)stage_of(project, "sub/dvc.yaml:s");
    assert_int_equal(project->left_out_count, 3);
    assert_string_equal(project->left_out[0].file, "dvc.yaml");
    assert_string_equal(project->left_out[0].reason,
                        "dvc.yaml:3: expected a string for 'cmd', found an integer");
    assert_string_equal(project->left_out[1].file, "b.dvc");
    assert_string_equal(project->left_out[2].reason, "sub/p.json:1:7: expected a value");
    ml_dvc_project_free(project);
}

static void what_is_no_project(void **state)
{
    (void)state;
    struct ml_dvc_project *project = NULL;
    assert_int_equal(ml_dvc_project_read("/nowhere/at/all", NULL, &project), MLEDGER_ENOTFOUND);
    assert_string_equal(mledger_error_text(), "no directory '/nowhere/at/all'");
    tree_file("README", "x");
    assert_int_equal(ml_dvc_project_read(tree_root, NULL, &project), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "no DVC project in"));
    assert_null(project);
}

static void cycles_are_found_not_followed(void **state)
{
    (void)state;
    tree_file("dvc.yaml", "stages:\n"
                          "  a: {cmd: x, deps: [c.out], outs: [a.out]}\n"
                          "  b: {cmd: x, deps: [a.out], outs: [b.out]}\n"
                          "  c: {cmd: x, deps: [b.out], outs: [c.out]}\n"
                          "  before: {cmd: x, outs: [z]}\n"
                          "  into: {cmd: x, deps: [z], outs: [c.out/x]}\n"
                          "  after: {cmd: x, deps: [b.out]}\n"
                          "  self: {cmd: x, deps: [s], outs: [s]}\n");
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(count_findings(project, ML_DVC_CYCLE), 4);
    ml_dvc_project_free(project);
}

static void many_stages_and_edges(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_buf_append_text(&text, "stages:\n"), 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(
            ml_buf_printf(&text, "  s%d: {cmd: x, deps: [d/%d, all], outs: [d/%d]}\n", i, i, i + 1),
            0);
    assert_int_equal(ml_buf_append_text(&text, "  last: {cmd: x, deps: [d]}\n"), 0);
    tree_bytes("dvc.yaml", text.data, text.len);
    struct ml_dvc_project *project = read_with(NULL);
    assert_int_equal(project->stages_count, 5001);
    assert_int_equal(project->edges_count, 4999 + 5000);
    assert_int_equal(count_findings(project, ML_DVC_CYCLE), 0);
    ml_dvc_project_free(project);
}

static void a_stage_has_limits(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_buf_append_text(&text, "stages:\n  s:\n    cmd: x\n    params:\n"), 0);
    for (size_t i = 0; i <= ML_DVC_STAGE_PARAMS_MAX; i++)
        assert_int_equal(ml_buf_printf(&text, "    - p%zu\n", i), 0);
    tree_bytes("dvc.yaml", text.data, text.len);
    refuse("dvc.yaml: stage 's' has more than 10000 parameters");
    tree_file("dvc.yaml", "stages:\n  s:\n    cmd: x\n    matrix: &m\n"
                          "      a: &l [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                          "      b: *l\n      c: *l\n      d: *l\n      e: *l\n");
    refuse("dvc.yaml:5: 'matrix' of stage 's' has more than 20000 combinations");
}

/* ---- projects of real DVC, with their data ---- */

/* Runs a command of the system with arguments that tests made. */
static void run(const char *format, ...) ML_PRINTF(1, 2);
static void run(const char *format, ...)
{
    char command[4 * SHARED_PATH_SIZE];
    va_list args;
    va_start(args, format);
    assert_true(vsnprintf(command, sizeof(command), format, args) < (int)sizeof(command));
    va_end(args);
    /* NOLINTNEXTLINE(cert-env33-c): a test's own, with no text from outside */
    assert_int_equal(system(command), 0);
}

static struct ml_dvc_project *read_checked(const char *below)
{
    const struct ml_dvc_options all = {.check_files = true, .check_git = true};
    struct ml_dvc_project *project = NULL;
    if (ml_dvc_project_read(tree_path(below), &all, &project) < 0)
        fail_msg("%s: %s", below, mledger_error_text());
    return project;
}

static void the_sample_disagrees_as_planted(void **state)
{
    (void)state;
    run("'%s/churn/unpack.sh' '%s'", MLEDGER_SAMPLES_DIR, tree_path("churn"));
    struct ml_dvc_project *project = read_checked("churn");
    assert_int_equal(project->stages_count, 5);
    assert_int_equal(project->edges_count, 5);
    assert_true(project->has_commit);
    assert_string_equal(project->commit.author.name, "Lee");
    assert_string_equal(project->commit.summary, "Try a smaller learning rate");
    assert_true(project->commit.committer.time_us > 0);
    assert_int_equal(project->findings_count, 3);
    assert_string_equal(finding_of(project, ML_DVC_PARAM_CHANGED)->stage, "train");
    assert_string_equal(finding_of(project, ML_DVC_HASH_CHANGED)->path, "src/evaluate.py");
    assert_string_equal(finding_of(project, ML_DVC_COMMIT_HASH_CHANGED)->path, "src/evaluate.py");
    ml_dvc_project_free(project);

    struct ml_git *git = NULL;
    struct ml_buf content = {0};
    struct ml_pool pool = {0};
    struct ml_git_commit head;
    enum ml_git_state file;
    assert_int_equal(ml_git_open(tree_path("churn/src"), &git), 0);
    assert_int_equal(ml_git_head(git, &pool, &head), 0);
    assert_int_equal(ml_git_blob(git, head.id, "src/train.py", &content), 0);
    assert_true(content.len > 0);
    assert_int_equal(ml_git_blob(git, head.id, "src/nothing.py", &content), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_git_blob(git, head.id, "src", &content), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_git_blob(git, "0123", "src/train.py", &content), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_git_file_state(git, "src/train.py", &file), 0);
    assert_int_equal(file, ML_GIT_CLEAN);
    assert_int_equal(ml_git_file_state(git, "data/raw/customers.csv", &file), 0);
    assert_int_equal(file, ML_GIT_UNTRACKED);
    assert_int_equal(ml_git_file_state(git, "no/such", &file), 0);
    assert_int_equal(file, ML_GIT_UNTRACKED);
    assert_int_equal(ml_git_file_state(git, "src", &file), MLEDGER_EINVALID);
    tree_file("churn/src/train.py", "changed\n");
    assert_int_equal(ml_git_file_state(git, "src/train.py", &file), 0);
    assert_int_equal(file, ML_GIT_CHANGED);
    ml_git_free(git);
    ml_buf_release(&content);
    ml_pool_release(&pool);
    assert_int_equal(ml_git_open("/", &git), MLEDGER_ENOTFOUND);
}

static void every_hash_of_generated_projects_holds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t stages, edges, findings;
    } cases[] = {
        {"p1", 12, 4, 0},
        {"l1-dvc1.11.16", 7, 4, 0},
        {"w3-datasets", 1, 0, 0},
        {"edge", 6, 1, 1}, /* a stage of the lock that dvc.yaml lacks */
    };
    char archive[SHARED_PATH_SIZE], below[128];
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        snprintf(below, sizeof(below), "data/dvc/generated/%s.tar.gz", cases[i].name);
        if (!shared_path(archive, below))
            skip();
        run("tar -xzf '%s' -C '%s'", archive, tree_root);
        struct ml_dvc_project *project = read_checked(cases[i].name);
        assert_int_equal(project->stages_count, cases[i].stages);
        assert_int_equal(project->edges_count, cases[i].edges);
        assert_int_equal(project->findings_count, cases[i].findings);
        ml_dvc_project_free(project);
    }
    tree_file("p1/data/raw/sub/deep.txt", "not what it was\n");
    struct ml_dvc_project *project = read_checked("p1");
    assert_int_equal(count_findings(project, ML_DVC_HASH_CHANGED), 2); /* raw.dvc and prepare */
    ml_dvc_project_free(project);
}

#define TREE_TEST(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(a_stage_with_everything),
        TREE_TEST(dvc_files_old_and_new),
        TREE_TEST(groups_and_matrices_expand),
        TREE_TEST(old_locks_and_lists_beside_the_stages),
        TREE_TEST(what_is_not_walked),
        TREE_TEST(lock_against_definition),
        TREE_TEST(hashes_that_do_not_fit_together),
        TREE_TEST(files_against_the_lock),
        TREE_TEST(templates_that_cannot_be_resolved),
        TREE_TEST(broken_files_are_named),
        TREE_TEST(the_rest_goes_on_when_asked),
        TREE_TEST(what_is_no_project),
        TREE_TEST(cycles_are_found_not_followed),
        TREE_TEST(many_stages_and_edges),
        TREE_TEST(a_stage_has_limits),
        TREE_TEST(the_sample_disagrees_as_planted),
        TREE_TEST(every_hash_of_generated_projects_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
