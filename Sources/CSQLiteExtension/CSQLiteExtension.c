#include "CSQLiteExtension.h"

#include <CSQLite.h>

/// Registers every function of the catalogue on a connection. In Swift: SQLiteExtension/Registration.swift.
extern int sibyl_register(sqlite3 *connection, char **error_message);

__attribute__((visibility("default"))) int sqlite3_sibyl_init(
  sqlite3 *connection, char **error_message, const void *api) {
  if (!csqlite_initialize(api)) {
    // Without the table there is no allocator for a message either.
    if (csqlite_is_initialized() && error_message)
      *error_message = csqlite_copy_string(
        "sibyl: this process holds two SQLite libraries and sibyl already serves the other one; "
        "load it from one of them only");
    return SQLITE_ERROR;
  }
  return sibyl_register(connection, error_message);
}
