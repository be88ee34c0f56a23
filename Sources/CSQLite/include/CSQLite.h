// SQLite as Sibyl sees it.
//
// A loadable extension must not link libsqlite3: the host may carry its own copy. Everything goes through
// the table of functions that the host hands to the entry point (`sqlite3_api_routines`, see
// https://www.sqlite.org/loadext.html). Swift can't import sqlite3ext.h's macros, so each function that
// Sibyl calls has a wrapper here, named csqlite_* after the sqlite3_* function it forwards to. Constants and
// types come from sqlite3.h itself. `make build` fails when sibyl.so calls a sqlite3_* function directly.
#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>
#include <stdint.h>

/// Stores the host's function table. Returns 0 when `api` is null or differs from the one already stored
/// (a process with two SQLite libraries: objects of one must never be passed to the other).
/// `api` points to a `sqlite3_api_routines`. Called from the entry point, before anything else.
int csqlite_initialize(const void *api);

/// Whether a host has handed over its function table.
int csqlite_is_initialized(void);

/// An entry point that only stores the host's function table; see `csqlite_use_linked_library`.
int csqlite_bootstrap_entry(sqlite3 *connection, char **error_message, const void *api);

// Connections.
int csqlite_open_v2(const char *path, sqlite3 **connection, int flags, const char *vfs);
int csqlite_close_v2(sqlite3 *connection);
int csqlite_exec(sqlite3 *connection, const char *sql);
int csqlite_busy_timeout(sqlite3 *connection, int milliseconds);
int csqlite_changes(sqlite3 *connection);
int64_t csqlite_changes64(sqlite3 *connection);
int csqlite_total_changes(sqlite3 *connection);
int csqlite_get_autocommit(sqlite3 *connection);
int csqlite_txn_state(sqlite3 *connection, const char *schema);
int csqlite_errcode(sqlite3 *connection);
int csqlite_extended_errcode(sqlite3 *connection);
const char *csqlite_errmsg(sqlite3 *connection);
const char *csqlite_errstr(int code);
void csqlite_interrupt(sqlite3 *connection);
void csqlite_progress_handler(
  sqlite3 *connection, int steps, int (*handler)(void *), void *context);
const char *csqlite_db_filename(sqlite3 *connection, const char *schema);
/// 1 where a database can't be written to, 0 where it can, -1 where there is none of that name.
int csqlite_db_readonly(sqlite3 *connection, const char *schema);
/// 1 where a schema has an ordinary or a virtual table of that name, 0 where it has none, or a view. As far as the
/// connection knows the schema: nothing of it is read but for the first time.
int csqlite_table_exists(sqlite3 *connection, const char *schema, const char *table);
int csqlite_file_control(sqlite3 *connection, const char *schema, int operation, void *argument);
int csqlite_libversion_number(void);
int csqlite_threadsafe(void);
int csqlite_limit(sqlite3 *connection, int identifier, int value);
int csqlite_wal_checkpoint_v2(sqlite3 *connection, const char *schema, int mode);
/// An on/off option of the variadic sqlite3_db_config (SQLITE_DBCONFIG_RESET_DATABASE, …).
int csqlite_db_config_flag(sqlite3 *connection, int option, int on);
int csqlite_enable_load_extension(sqlite3 *connection, int on);
int csqlite_load_extension(sqlite3 *connection, const char *path, const char *entry, char **message);

// Statements.
int csqlite_prepare_v3(
  sqlite3 *connection, const char *sql, int bytes, unsigned int flags, sqlite3_stmt **statement,
  const char **tail);
int csqlite_step(sqlite3_stmt *statement);
int csqlite_reset(sqlite3_stmt *statement);
int csqlite_finalize(sqlite3_stmt *statement);
int csqlite_clear_bindings(sqlite3_stmt *statement);
int csqlite_stmt_readonly(sqlite3_stmt *statement);
int csqlite_stmt_isexplain(sqlite3_stmt *statement);
/// A counter of the statement (SQLITE_STMTSTATUS_…); 0 where the host's SQLite does not have it.
int csqlite_stmt_status(sqlite3_stmt *statement, int counter);
const char *csqlite_sql(sqlite3_stmt *statement);
sqlite3 *csqlite_db_handle(sqlite3_stmt *statement);
int csqlite_bind_parameter_count(sqlite3_stmt *statement);
int csqlite_bind_parameter_index(sqlite3_stmt *statement, const char *name);
int csqlite_bind_int64(sqlite3_stmt *statement, int index, int64_t value);
int csqlite_bind_double(sqlite3_stmt *statement, int index, double value);
int csqlite_bind_null(sqlite3_stmt *statement, int index);
/// Copies the bytes.
int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int64_t bytes);
/// Copies the bytes; zero bytes bind an empty blob, not NULL.
int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *blob, int64_t bytes);
/// Does not copy: the bytes must stay until the statement is reset or bound anew.
int csqlite_bind_borrowed_blob(sqlite3_stmt *statement, int index, const void *blob, int64_t bytes);
int csqlite_column_count(sqlite3_stmt *statement);
const char *csqlite_column_name(sqlite3_stmt *statement, int column);
const char *csqlite_column_decltype(sqlite3_stmt *statement, int column);
int csqlite_column_type(sqlite3_stmt *statement, int column);
int64_t csqlite_column_int64(sqlite3_stmt *statement, int column);
double csqlite_column_double(sqlite3_stmt *statement, int column);
const unsigned char *csqlite_column_text(sqlite3_stmt *statement, int column);
const void *csqlite_column_blob(sqlite3_stmt *statement, int column);
int csqlite_column_bytes(sqlite3_stmt *statement, int column);

// Application-defined functions.
typedef void (*csqlite_scalar)(sqlite3_context *, int, sqlite3_value **);
int csqlite_create_function_v2(
  sqlite3 *connection, const char *name, int argument_count, int flags, void *context,
  csqlite_scalar function, void (*destroy)(void *));
int csqlite_create_aggregate_v2(
  sqlite3 *connection, const char *name, int argument_count, int flags, void *context, csqlite_scalar step,
  void (*final)(sqlite3_context *), void (*destroy)(void *));
/// Memory of a group, zeroed at first; null where `bytes` is 0 and the group has none, or where memory lacks.
void *csqlite_aggregate_context(sqlite3_context *context, int bytes);
void *csqlite_user_data(sqlite3_context *context);
sqlite3 *csqlite_context_db_handle(sqlite3_context *context);
void *csqlite_get_auxdata(sqlite3_context *context, int argument);
void csqlite_set_auxdata(sqlite3_context *context, int argument, void *data, void (*destroy)(void *));
int csqlite_value_type(sqlite3_value *value);
int64_t csqlite_value_int64(sqlite3_value *value);
double csqlite_value_double(sqlite3_value *value);
const unsigned char *csqlite_value_text(sqlite3_value *value);
const void *csqlite_value_blob(sqlite3_value *value);
int csqlite_value_bytes(sqlite3_value *value);
int csqlite_value_subtype(sqlite3_value *value);
void csqlite_result_null(sqlite3_context *context);
void csqlite_result_int64(sqlite3_context *context, int64_t value);
void csqlite_result_double(sqlite3_context *context, double value);
/// Copies the bytes.
void csqlite_result_text(sqlite3_context *context, const char *text, int64_t bytes);
/// Copies the bytes.
void csqlite_result_blob(sqlite3_context *context, const void *blob, int64_t bytes);
void csqlite_result_error(sqlite3_context *context, const char *message, int bytes);
void csqlite_result_error_code(sqlite3_context *context, int code);
void csqlite_result_error_nomem(sqlite3_context *context);
void csqlite_result_subtype(sqlite3_context *context, unsigned int subtype);

// Virtual tables.
int csqlite_create_module_v2(
  sqlite3 *connection, const char *name, const sqlite3_module *module, void *context,
  void (*destroy)(void *));
int csqlite_declare_vtab(sqlite3 *connection, const char *sql);
/// A constant of the variadic sqlite3_vtab_config without further arguments (SQLITE_VTAB_INNOCUOUS, …).
int csqlite_vtab_config(sqlite3 *connection, int option);

// Memory that SQLite frees.
void *csqlite_malloc64(uint64_t bytes);
void csqlite_free(void *memory);
/// A copy of a NUL-terminated string in SQLite's memory (for error messages that SQLite frees), or null.
char *csqlite_copy_string(const char *text);
int64_t csqlite_memory_used(void);

// For programs that link libsqlite3 themselves (the command line, the tests), never for sibyl.so: hands the
// linked library's function table to `csqlite_initialize`. The library gives it only to entry points, so one
// is registered for the time it takes to open a connection. Inline, so that only the program that calls it
// refers to sqlite3_* symbols. Returns 1 when the table is in place, 0 when it is not.
static inline int csqlite_use_linked_library(void) {
  if (csqlite_is_initialized()) return 1;
  sqlite3 *connection = 0;
  if (sqlite3_auto_extension((void (*)(void))csqlite_bootstrap_entry) == SQLITE_OK) {
    sqlite3_open_v2(":memory:", &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, 0);
    sqlite3_close(connection);
    sqlite3_cancel_auto_extension((void (*)(void))csqlite_bootstrap_entry);
  }
  return csqlite_is_initialized();
}

#endif
