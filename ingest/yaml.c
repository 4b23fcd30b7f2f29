/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/yaml.h"

#include <libfyaml.h>

#include "ingest/file.h"
#include "ingest/table.h"

/* Text of the key of a merge; told from a quoted "<<" by its address. */
static const char merge_key[] = "<<";

/* A container that has begun. */
struct frame {
    bool is_map;
    uint32_t line;
    size_t first;       /* its first item in builder.pending */
    const char *anchor; /* or NULL */
};

struct builder {
    struct ml_document *document;
    enum ml_yaml_schema schema;
    struct ml_value_limits limits;
    struct fy_parser *parser;
    struct frame *frames;
    size_t frames_count, frames_cap;
    const struct ml_value **pending; /* finished values of the containers still open */
    size_t pending_count, pending_cap;
    struct ml_table anchors;
    size_t nodes; /* values so far, aliases written out */
    unsigned documents;
};

static void builder_release(struct builder *builder)
{
    fy_parser_destroy(builder->parser);
    ml_document_free(builder->document);
    free(builder->frames);
    free(builder->pending);
    ml_table_release(&builder->anchors);
}

static int fail_at(const struct builder *builder, uint32_t line, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%u: %s", builder->document->name, line, what);
}

/* ---- values ---- */

static int take_anchor(struct builder *builder, struct fy_token *token, const char **ret_name)
{
    size_t len;
    const char *text = token ? fy_token_get_text(token, &len) : NULL;
    *ret_name = NULL;
    if (!text)
        return 0;
    *ret_name = ml_pool_text(&builder->document->pool, text, len);
    return *ret_name ? 0 : MLEDGER_ESYSTEM;
}

/* Puts a finished value where it belongs: into the container open now, or at the root. */
static int add(struct builder *builder, const struct ml_value *value, const char *anchor)
{
    builder->nodes += value->weight;
    if (anchor) /* the table holds what it is given; nothing changes the value through it */
        ML_TRY(ml_table_put(&builder->anchors, anchor, (void *)(uintptr_t)value));
    if (builder->frames_count == 0) {
        builder->document->root = value;
        return 0;
    }
    ML_TRY(ml_grow(&builder->pending, &builder->pending_cap, builder->pending_count + 1,
                   sizeof(*builder->pending)));
    builder->pending[builder->pending_count++] = value;
    return 0;
}

static int check_nodes(const struct builder *builder, size_t more, uint32_t line)
{
    if (more > builder->limits.nodes || builder->nodes > builder->limits.nodes - more)
        return fail_at(builder, line, "too many values, aliases written out");
    return 0;
}

/* Kind that an explicit tag gives; ML_VALUE_MAP stands for "as if there were no tag". */
static int tag_kind(const struct builder *builder, struct fy_token *tag, uint32_t line,
                    enum ml_value_kind *ret_kind)
{
    static const struct {
        const char *tag;
        enum ml_value_kind kind;
    } known[] = {
        {"!", ML_VALUE_STRING},
        {"tag:yaml.org,2002:str", ML_VALUE_STRING},
        {"tag:yaml.org,2002:binary", ML_VALUE_STRING},
        {"tag:yaml.org,2002:int", ML_VALUE_INT},
        {"tag:yaml.org,2002:float", ML_VALUE_FLOAT},
        {"tag:yaml.org,2002:bool", ML_VALUE_BOOL},
        {"tag:yaml.org,2002:null", ML_VALUE_NULL},
        {"tag:yaml.org,2002:timestamp", ML_VALUE_TIMESTAMP},
        {"tag:yaml.org,2002:seq", ML_VALUE_MAP},
        {"tag:yaml.org,2002:map", ML_VALUE_MAP},
    };
    size_t len = 0;
    const char *text = fy_token_get_text(tag, &len);
    for (size_t i = 0; text && i < ML_COUNT(known); i++)
        if (strlen(known[i].tag) == len && memcmp(known[i].tag, text, len) == 0) {
            *ret_kind = known[i].kind;
            return 0;
        }
    return ml_fail(MLEDGER_EINVALID, "%s:%u: unknown tag '%.*s'", builder->document->name, line,
                   (int)(len < 200 ? len : 200), text ? text : "");
}

/* A tag may say string of anything, float of an int, and otherwise only what the text is. */
static int tagged_kind(const struct builder *builder, struct fy_token *tag, uint32_t line,
                       enum ml_value_kind plain, enum ml_value_kind *ret_kind)
{
    enum ml_value_kind wanted;
    ML_TRY(tag_kind(builder, tag, line, &wanted));
    if (wanted != ML_VALUE_STRING && wanted != plain &&
        !(wanted == ML_VALUE_FLOAT && plain == ML_VALUE_INT))
        return fail_at(builder, line, "a value that is not what its tag says");
    *ret_kind = wanted;
    return 0;
}

static bool is_map_key_next(const struct builder *builder)
{
    if (builder->frames_count == 0)
        return false;
    const struct frame *frame = &builder->frames[builder->frames_count - 1];
    return frame->is_map && (builder->pending_count - frame->first) % 2 == 0;
}

/* ruamel and PyYAML give these two plain scalars types of their own that nothing can hold. */
static int check_special(const struct builder *builder, const char **text, size_t len,
                         uint32_t line)
{
    if (len == 1 && (*text)[0] == '=')
        return fail_at(builder, line, "a plain '=' has no value");
    if (len != 2 || memcmp(*text, merge_key, 2) != 0)
        return 0;
    if (!is_map_key_next(builder))
        return fail_at(builder, line, "'<<' outside the keys of a mapping");
    *text = merge_key;
    return 0;
}

static int on_scalar(struct builder *builder, const struct fy_event *event, uint32_t line)
{
    const char *anchor;
    size_t len = 0;
    struct fy_token *token = event->scalar.value;
    const char *raw = token ? fy_token_get_text(token, &len) : "";
    if (!raw)
        return fail_at(builder, line, "a scalar that cannot be read");
    const char *text = ml_pool_text(&builder->document->pool, raw, len);
    if (!text)
        return MLEDGER_ESYSTEM;
    const bool plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    if (!plain && ml_file_check_utf8(ML_SPAN(text, len), builder->document->name) < 0)
        return fail_at(builder, line, "a string that is no valid text");
    enum ml_value_kind kind =
        plain ? ml_yaml_plain_kind(builder->schema, text, len) : ML_VALUE_STRING;
    if (event->scalar.tag) /* a quoted number with a number's tag is one, as in PyYAML */
        ML_TRY(tagged_kind(builder, event->scalar.tag, line,
                           ml_yaml_plain_kind(builder->schema, text, len), &kind));
    else if (plain)
        ML_TRY(check_special(builder, &text, len, line));
    ML_TRY(check_nodes(builder, 1, line));
    ML_TRY(take_anchor(builder, event->scalar.anchor, &anchor));
    struct ml_value *value = ml_value_new_scalar(builder->document, kind, text, len, line);
    return value ? add(builder, value, anchor) : MLEDGER_ESYSTEM;
}

static int on_alias(struct builder *builder, const struct fy_event *event, uint32_t line)
{
    const char *name;
    ML_TRY(take_anchor(builder, event->alias.anchor, &name));
    for (size_t i = 0; name && i < builder->frames_count; i++)
        if (builder->frames[i].anchor && strcmp(builder->frames[i].anchor, name) == 0)
            return fail_at(builder, line, "an alias to what contains it");
    const struct ml_value *value = name ? ml_table_get(&builder->anchors, name) : NULL;
    if (!value)
        return ml_fail(MLEDGER_EINVALID, "%s:%u: no anchor '%.200s' above this alias",
                       builder->document->name, line, name ? name : "");
    ML_TRY(check_nodes(builder, value->weight, line));
    return add(builder, value, NULL);
}

/* ---- containers ---- */

static int begin(struct builder *builder, bool is_map, struct fy_token *anchor,
                 struct fy_token *tag, uint32_t line)
{
    enum ml_value_kind kind = ML_VALUE_MAP;
    if (builder->frames_count >= builder->limits.depth)
        return fail_at(builder, line, "nested too deeply");
    if (tag)
        ML_TRY(tag_kind(builder, tag, line, &kind));
    if (kind != ML_VALUE_MAP)
        return fail_at(builder, line, "a container with the tag of a scalar");
    ML_TRY(check_nodes(builder, 1, line));
    ML_TRY(ml_grow(&builder->frames, &builder->frames_cap, builder->frames_count + 1,
                   sizeof(*builder->frames)));
    struct frame *frame = &builder->frames[builder->frames_count];
    *frame = (struct frame){.is_map = is_map, .line = line, .first = builder->pending_count};
    ML_TRY(take_anchor(builder, anchor, &frame->anchor));
    builder->frames_count++;
    builder->nodes++;
    return 0;
}

struct entries {
    struct ml_entry *list;
    size_t count, cap;
};

static void entries_release(struct entries *entries)
{
    free(entries->list);
}

static int entries_add(struct entries *entries, struct ml_entry entry)
{
    ML_TRY(ml_grow(&entries->list, &entries->cap, entries->count + 1, sizeof(entry)));
    entries->list[entries->count++] = entry;
    return 0;
}

static bool entries_have(const struct entries *entries, const struct ml_value *key)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct ml_value *other = entries->list[i].key;
        if (other->kind == key->kind && other->len == key->len &&
            (key->len == 0 || memcmp(other->text, key->text, key->len) == 0))
            return true;
    }
    return false;
}

/* Entries of a mapping that merges others, which are looked through one by one; real files have
 * a handful. */
#define MERGED_ENTRIES_MAX ((size_t)1024)

/* Adds the entries of `from` that are not there yet: keys of the map itself, and of maps merged
 * before, win. */
static int merge_map(struct builder *builder, struct entries *own, const struct ml_value *from)
{
    if (from->kind != ML_VALUE_MAP)
        return fail_at(builder, from->line, "'<<' merges mappings only");
    /* Counted for good, as work done: the same mapping may be merged again and again. */
    ML_TRY(check_nodes(builder, from->count, from->line));
    builder->nodes += from->count;
    for (size_t i = 0; i < from->count; i++) {
        if (entries_have(own, from->entries[i].key))
            continue;
        if (own->count >= MERGED_ENTRIES_MAX)
            return fail_at(builder, from->line, "too many keys merged by '<<'");
        ML_TRY(entries_add(own, from->entries[i]));
    }
    return 0;
}

static int merge(struct builder *builder, struct entries *own, const struct ml_value *from)
{
    if (from->kind != ML_VALUE_SEQ)
        return merge_map(builder, own, from);
    for (size_t i = 0; i < from->count; i++)
        ML_TRY(merge_map(builder, own, from->items[i]));
    return 0;
}

static int finish_map(struct builder *builder, const struct frame *frame,
                      struct ml_value **ret_value)
{
    ML_CLEANUP(entries_release) struct entries own = {0};
    const struct ml_value *merged = NULL;
    for (size_t i = frame->first; i + 1 < builder->pending_count; i += 2) {
        struct ml_entry entry = {builder->pending[i], builder->pending[i + 1]};
        if (entry.key->kind == ML_VALUE_SEQ || entry.key->kind == ML_VALUE_MAP)
            return fail_at(builder, entry.key->line, "a key must be a scalar");
        if (entry.key->text != merge_key)
            ML_TRY(entries_add(&own, entry));
        else if (merged)
            return fail_at(builder, entry.key->line, "key '<<' stands twice");
        else
            merged = entry.value;
    }
    if (merged)
        ML_TRY(merge(builder, &own, merged));
    return ml_value_new_map(builder->document, own.list, own.count, frame->line, ret_value);
}

static int end(struct builder *builder)
{
    assert(builder->frames_count > 0);
    const struct frame frame = builder->frames[builder->frames_count - 1];
    struct ml_value *value;
    if (frame.is_map) {
        ML_TRY(finish_map(builder, &frame, &value));
    } else {
        const size_t count = builder->pending_count - frame.first;
        value =
            ml_value_new_seq(builder->document, count > 0 ? builder->pending + frame.first : NULL,
                             count, frame.line);
        if (!value)
            return MLEDGER_ESYSTEM;
    }
    /* It and its items were counted one by one; now it counts as a whole. */
    builder->nodes--;
    for (size_t i = frame.first; i < builder->pending_count; i++)
        builder->nodes -= builder->pending[i]->weight;
    ML_TRY(check_nodes(builder, value->weight, frame.line));
    builder->pending_count = frame.first;
    builder->frames_count--;
    return add(builder, value, frame.anchor);
}

/* ---- events ---- */

static int on_event(struct builder *builder, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    const uint32_t line = mark ? (uint32_t)mark->line + 1 : 1;
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (builder->documents++ > 0)
            return fail_at(builder, line, "a second document in one file");
        return 0;
    case FYET_SCALAR:
        return on_scalar(builder, event, line);
    case FYET_ALIAS:
        return on_alias(builder, event, line);
    case FYET_MAPPING_START:
        return begin(builder, true, event->mapping_start.anchor, event->mapping_start.tag, line);
    case FYET_SEQUENCE_START:
        return begin(builder, false, event->sequence_start.anchor, event->sequence_start.tag, line);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return end(builder);
    default:
        return 0;
    }
}

/* The parser's own first complaint, as ours. */
static int syntax_error(const struct builder *builder, struct fy_diag *diag)
{
    void *position = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &position);
    if (!error || !error->msg)
        return ml_fail(MLEDGER_EINVALID, "%s: not valid YAML", builder->document->name);
    return ml_fail(MLEDGER_EINVALID, "%s:%d:%d: %.300s", builder->document->name,
                   error->line > 0 ? error->line : 1, error->column > 0 ? error->column : 1,
                   error->msg);
}

static int parse_events(struct builder *builder, struct fy_diag *diag)
{
    for (;;) {
        struct fy_event *event = fy_parser_parse(builder->parser);
        if (!event) {
            if (fy_parser_get_stream_error(builder->parser) || fy_diag_got_error(diag))
                return syntax_error(builder, diag);
            break;
        }
        const bool last = event->type == FYET_STREAM_END;
        const int result = on_event(builder, event);
        fy_parser_event_free(builder->parser, event);
        ML_TRY(result);
        if (last)
            break;
    }
    if (builder->frames_count > 0)
        return ml_fail(MLEDGER_EINVALID, "%s: ends inside a container", builder->document->name);
    if (builder->document->root)
        return 0;
    builder->document->root = ml_value_new_scalar(builder->document, ML_VALUE_NULL, "", 0, 1);
    return builder->document->root ? 0 : MLEDGER_ESYSTEM;
}

static void be_silent(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

static void diag_freep(struct fy_diag **diag)
{
    fy_diag_destroy(*diag);
}

static struct fy_diag *new_diag(void)
{
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = be_silent;
    config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&config);
    if (diag)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

static int parse_text(struct builder *builder, struct ml_span span)
{
    ML_CLEANUP(diag_freep) struct fy_diag *diag = new_diag();
    if (!diag)
        return ml_fail_memory();
    const struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
    builder->parser = fy_parser_create(&config);
    if (!builder->parser)
        return ml_fail_memory();
    if (fy_parser_set_string(builder->parser, (const char *)span.data, span.len) != 0)
        return ml_fail_memory();
    const int result = parse_events(builder, diag);
    fy_parser_destroy(ML_TAKE(builder->parser));
    return result;
}

int ml_yaml_parse(struct ml_span span, const char *name, const struct ml_yaml_options *options,
                  struct ml_document **ret_document)
{
    ML_CLEANUP(builder_release)
    struct builder builder = {
        .schema = options ? options->schema : ML_YAML_1_2,
        .limits = ml_value_limits_or_default(options ? &options->limits : NULL),
    };
    if (span.len > builder.limits.bytes)
        return ml_fail(MLEDGER_EINVALID, "%s: larger than the %zu bytes that are read", name,
                       builder.limits.bytes);
    ML_TRY(ml_file_check_utf8(span, name));
    ML_TRY(ml_document_new(name, &builder.document));
    ML_TRY(parse_text(&builder, span));
    *ret_document = ML_TAKE(builder.document);
    return 0;
}

int ml_yaml_read_file(const char *path, const char *name, const struct ml_yaml_options *options,
                      struct ml_document **ret_document)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const struct ml_value_limits limits =
        ml_value_limits_or_default(options ? &options->limits : NULL);
    ML_TRY(ml_file_slurp(path, name, limits.bytes, &text));
    return ml_yaml_parse(ml_buf_span(&text), name ? name : path, options, ret_document);
}
