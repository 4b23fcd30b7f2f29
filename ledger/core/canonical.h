/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this the encoding that packing would give? Told from the bytes, field by field, without
 * packing the message again; a test and a fuzz target hold it against packing.
 *
 * The encoding that protobuf-c writes, at every depth:
 *
 *   - fields stand in ascending order of their numbers, each once but for the elements of a
 *     repeated field, which stand together; of a oneof there is at most one
 *   - elements of a repeated field are packed if the schema says [packed] and only then; a packed
 *     field without elements is absent
 *   - tags, lengths and numbers are varints of the fewest bytes, within the range of their type; an
 *     int32 or an enum that is negative has ten bytes
 *   - a bool is 0 or 1, and a string holds no NUL
 */
#ifndef ML_CORE_CANONICAL_H
#define ML_CORE_CANONICAL_H

#include <protobuf-c/protobuf-c.h>

#include "ledger/core/base.h"

/* Bounded by the bytes whatever they are. A field that the schema does not know, or of another
 * wire type, makes it false; whether required fields are there is not asked. */
bool ml_canonical(const ProtobufCMessageDescriptor *type, struct ml_span bytes) ML_MUST_USE;

#endif
