/* SPDX-License-Identifier: Apache-2.0 */
#include "export/paper_json.h"

/* jansson returns NULL when memory is out, and its functions accept NULL and fail; so what was
 * built is looked at once, at the end. */

static json_t *line_json(const struct ml_paper_line *line)
{
    if (line->form != ML_PAPER_NUMBER)
        return json_string(line->text);
    return json_integer((json_int_t)strtoull(line->text, NULL, 10));
}

static json_t *cell_json(const struct ml_paper_cell *cell)
{
    if (cell->n_lines == 0)
        return json_null();
    if (cell->n_lines == 1)
        return line_json(&cell->lines[0]);
    json_t *array = json_array();
    for (size_t i = 0; i < cell->n_lines; i++)
        if (json_array_append_new(array, line_json(&cell->lines[i])) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static bool holds(const json_t *records, uint64_t seq)
{
    for (size_t i = 0; i < json_array_size(records); i++)
        if (json_integer_value(json_array_get(records, i)) == (json_int_t)seq)
            return true;
    return false;
}

static int add_record(json_t *records, uint64_t seq)
{
    return holds(records, seq) ? 0 : json_array_append_new(records, json_integer((json_int_t)seq));
}

static int add_records(json_t *object, const struct ml_paper_row *row)
{
    json_t *records = json_array();
    int bad = 0;
    for (size_t i = 0; i < row->n_cells; i++)
        for (size_t k = 0; k < row->cells[i].n_sources; k++)
            bad |= add_record(records, row->cells[i].sources[k].seq);
    if (json_array_size(records) == 0 && !bad) {
        json_decref(records);
        return 0;
    }
    return json_object_set_new(object, "records", records) | bad;
}

static const char *tone_word(enum ml_paper_tone tone)
{
    static const char *const words[] = {[ML_PAPER_PLAIN] = "plain",
                                        [ML_PAPER_GOOD] = "good",
                                        [ML_PAPER_WARN] = "warn",
                                        [ML_PAPER_BAD] = "bad",
                                        [ML_PAPER_QUIET] = "quiet"};
    return words[tone];
}

/* The array or object under `key` in the section, made where it is not there yet; borrowed. */
static json_t *place_for(json_t *section, const char *key, json_t *made)
{
    json_t *there = json_object_get(section, key);
    if (there) {
        json_decref(made);
        return there;
    }
    return json_object_set_new(section, key, made) < 0 ? NULL : json_object_get(section, key);
}

static int add_note(json_t *section, const struct ml_paper_block *block)
{
    json_t *note = json_pack("{s:s, s:s}", "text", block->text, "tone", tone_word(block->tone));
    int bad = block->n_rows ? add_records(note, &block->rows[0]) : 0;
    return json_array_append_new(place_for(section, block->key, json_array()), note) | bad;
}

static int add_facts(json_t *section, const struct ml_paper_block *block)
{
    json_t *facts = place_for(section, block->key, json_object());
    int bad = facts == NULL;
    for (size_t i = 0; i < block->n_rows; i++) {
        const struct ml_paper_row *row = &block->rows[i];
        json_t *fact = json_object();
        bad |= json_object_set_new(fact, "value", cell_json(&row->cells[0]));
        bad |= add_records(fact, row);
        bad |= json_object_set_new(facts, row->key, fact);
    }
    return bad;
}

static int add_row(json_t *rows, const struct ml_paper_block *block, const struct ml_paper_row *row)
{
    json_t *object = json_object();
    int bad = object == NULL;
    for (size_t i = 0; i < row->n_cells && i < block->n_columns; i++)
        bad |= json_object_set_new(object, block->columns[i].key, cell_json(&row->cells[i]));
    bad |= add_records(object, row);
    return json_array_append_new(rows, object) | bad;
}

static int add_table(json_t *section, const struct ml_paper_block *block)
{
    json_t *rows = place_for(section, block->key, json_array());
    int bad = rows == NULL;
    for (size_t i = 0; i < block->n_rows; i++)
        bad |= add_row(rows, block, &block->rows[i]);
    if (block->rows_left_out)
        bad |= json_object_set_new(place_for(section, "left_out", json_object()), block->key,
                                   json_integer((json_int_t)block->rows_left_out));
    return bad;
}

static int add_picture(json_t *section, const struct ml_paper_block *block)
{
    return json_array_append_new(place_for(section, "pictures", json_array()),
                                 json_pack("{s:s, s:s}", "key", block->key, "title", block->text));
}

static int add_block(json_t *section, const struct ml_paper_block *block)
{
    switch (block->kind) {
    case ML_PAPER_NOTE:
        return add_note(section, block);
    case ML_PAPER_FACTS:
        return add_facts(section, block);
    case ML_PAPER_TABLE:
        return add_table(section, block);
    case ML_PAPER_PICTURE:
        return add_picture(section, block);
    }
    return 0;
}

static int add_section(json_t *sections, const struct ml_paper_section *section)
{
    json_t *object = json_pack("{s:s, s:s}", "id", section->id, "title", section->title);
    int bad = object == NULL;
    for (size_t i = 0; i < section->n_blocks; i++)
        bad |= add_block(object, &section->blocks[i]);
    return json_array_append_new(sections, object) | bad;
}

int ml_paper_to_json(const struct ml_paper *paper, json_t **ret_json)
{
    json_t *sections = json_array();
    int bad = sections == NULL;
    for (size_t i = 0; i < paper->n_sections; i++)
        bad |= add_section(sections, &paper->sections[i]);
    json_t *json = json_pack("{s:s, s:s, s:s, s:o}", "report", paper->kind, "title", paper->title,
                             "subtitle", paper->subtitle, "sections", sections);
    if (bad || !json) {
        json_decref(json);
        return ml_fail_memory();
    }
    *ret_json = json;
    return MLEDGER_OK;
}
