// The one symbol that sibyl.so exports.
#ifndef CSQLITE_EXTENSION_H
#define CSQLITE_EXTENSION_H

#include <sqlite3.h>

/// SQLite's entry point: `.load ./sibyl` finds it by the file's name
/// (https://www.sqlite.org/loadext.html). `api` is the host's `sqlite3_api_routines`.
int sqlite3_sibyl_init(sqlite3 *connection, char **error_message, const void *api);

#endif
