/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container of an evidence bundle: one file, zstd, read and written as a stream. What its items
 * mean is docs/FORMAT.md's and verify/'s to say; here are their order, their sizes and their bytes.
 *
 *     preamble    a skippable frame (RFC 8878 section 3.1.2) that holds "mledger-bundle 1" LF
 *     frame       one zstd frame, its window at most 2^23 bytes, of no dictionary
 *     trailer     a skippable frame that holds the SHA-256 of all bytes before it
 *
 * so `zstd -d` unpacks it, its first bytes tell what it is, and no bit of it can flip unseen: bits
 * of a frame may mean nothing. The trailer is not what the evidence rests on; signatures are.
 *
 * In the frame stand items, nothing before, between or after them:
 *
 *     kind     1 byte
 *     size     4 bytes, big-endian
 *     bytes
 *
 * in the order of enum ml_bundle_kind, each size within its limit, so that no file can make a
 * reader take more memory than one item and a window.
 *
 * Pure: bytes come and go through callbacks. A reader or writer belongs to one thread.
 */
#ifndef ML_CORE_BUNDLE_H
#define ML_CORE_BUNDLE_H

#include "ledger/core/hash.h"

/* Kinds of items, in their order. Each checkpoint is followed by its timestamps; open and hidden
 * records stand mixed, in the order of their numbers. */
enum ml_bundle_kind {
    ML_BUNDLE_MANIFEST = 'M',   /* BundleManifest; exactly one */
    ML_BUNDLE_CHECKPOINT = 'C', /* a signed note */
    ML_BUNDLE_TIMESTAMP = 'T',  /* RFC 3161 token over the text of the checkpoint before it */
    ML_BUNDLE_OPEN = 'R',       /* SignedRecord, as the store keeps it */
    ML_BUNDLE_HIDDEN = 'H',     /* signature || header */
    ML_BUNDLE_ATTACHMENT = 'A',
    ML_BUNDLE_LINEAGE_JSON = 'J', /* at most one */
    ML_BUNDLE_LINEAGE_SVG = 'S',  /* at most one */
};

enum {
    ML_BUNDLE_WINDOW_LOG = 23,
    ML_BUNDLE_MANIFEST_MAX = 1024 * 1024,
    ML_BUNDLE_TIMESTAMP_MAX = 64 * 1024,
    ML_BUNDLE_ANCHORS = 64, /* checkpoints and timestamps together */
    ML_BUNDLE_LINEAGE_MAX = 64 * 1024 * 1024,
    ML_BUNDLE_PREAMBLE_SIZE = 8 + 17,
    ML_BUNDLE_TRAILER_SIZE = 8 + ML_HASH_SIZE,
};

/* Whether a file that begins so claims to be a bundle (of any version); `start` holds at least
 * ML_BUNDLE_PREAMBLE_SIZE bytes, or all there are. */
bool ml_bundle_begins(struct ml_span start);

/* Gives up to `size` bytes; *ret_len 0: there are no more. A negative result is passed on. */
typedef int ml_bundle_source(void *context, uint8_t *buffer, size_t size, size_t *ret_len);
/* Takes bytes. A negative result is passed on. */
typedef int ml_bundle_sink(void *context, struct ml_span bytes);

struct ml_bundle_item {
    enum ml_bundle_kind kind;
    size_t size;
};

struct ml_bundle_reader;

/* Reads the preamble. MLEDGER_EINVALID: it is no bundle, or of a version that is not known.
 * MLEDGER_ESYSTEM, and what the source returns. */
int ml_bundle_reader_new(ml_bundle_source *source, void *context,
                         struct ml_bundle_reader **ret_reader) ML_MUST_USE;
void ml_bundle_reader_free(struct ml_bundle_reader *reader);
static inline void ml_bundle_reader_freep(struct ml_bundle_reader **reader)
{
    ml_bundle_reader_free(*reader);
}

/*
 * The next item; what was left of the one before is passed over.
 * MLEDGER_ENOTFOUND: that was all, the trailer is right and nothing follows it (no error text).
 * MLEDGER_EINVALID: cut short, no zstd frame or a damaged one, an item that is out of order, of no
 * kind, one too many or too large; at the end another trailer than is due, or bytes after it. The
 * reader cannot go on then. MLEDGER_ESYSTEM, and what the source returns.
 */
int ml_bundle_next(struct ml_bundle_reader *reader, struct ml_bundle_item *ret_item) ML_MUST_USE;
/* All bytes of the item, borrowed until the next call. At most once for an item. */
int ml_bundle_item_bytes(struct ml_bundle_reader *reader, struct ml_span *ret_bytes) ML_MUST_USE;
/* Its SHA-256, in the memory of one piece. In place of the former. */
int ml_bundle_item_hash(struct ml_bundle_reader *reader,
                        uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;

struct ml_bundle_writer;

/* Writes the preamble. MLEDGER_ESYSTEM, and what the sink returns. */
int ml_bundle_writer_new(ml_bundle_sink *sink, void *context,
                         struct ml_bundle_writer **ret_writer) ML_MUST_USE;
void ml_bundle_writer_free(struct ml_bundle_writer *writer);
static inline void ml_bundle_writer_freep(struct ml_bundle_writer **writer)
{
    ml_bundle_writer_free(*writer);
}
/* MLEDGER_EINVALID: out of order, one too many, or too large, as a reader would find it. */
int ml_bundle_put(struct ml_bundle_writer *writer, enum ml_bundle_kind kind,
                  struct ml_span bytes) ML_MUST_USE;
/* Ends the frame and writes the trailer. The last call but free. */
int ml_bundle_finish(struct ml_bundle_writer *writer) ML_MUST_USE;

#endif
