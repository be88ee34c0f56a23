// Forwards each csqlite_* function to the host's SQLite; see the header.
#include "CSQLite.h"

#include <sqlite3ext.h>
#include <stdatomic.h>
#include <string.h>

SQLITE_EXTENSION_INIT1

int csqlite_initialize(const void *api) {
  if (api == 0) return 0;
  if (sqlite3_api != 0 && sqlite3_api != api) return 0;
  sqlite3_api = api;
  return 1;
}

int csqlite_is_initialized(void) { return sqlite3_api != 0; }

int csqlite_bootstrap_entry(sqlite3 *connection, char **error_message, const void *api) {
  (void)connection;
  (void)error_message;
  return csqlite_initialize(api) ? SQLITE_OK : SQLITE_ERROR;
}

int csqlite_open_v2(const char *path, sqlite3 **connection, int flags, const char *vfs) {
  return sqlite3_open_v2(path, connection, flags, vfs);
}

int csqlite_close_v2(sqlite3 *connection) {
  return sqlite3_close_v2(connection);
}

int csqlite_exec(sqlite3 *connection, const char *sql) {
  return sqlite3_exec(connection, sql, 0, 0, 0);
}

int csqlite_busy_timeout(sqlite3 *connection, int milliseconds) {
  return sqlite3_busy_timeout(connection, milliseconds);
}

int csqlite_changes(sqlite3 *connection) {
  return sqlite3_changes(connection);
}

int64_t csqlite_changes64(sqlite3 *connection) {
  // sqlite3_changes64 came with 3.37; older hosts have a shorter table, which must not be read past.
  if (sqlite3_libversion_number() < 3037000) return sqlite3_changes(connection);
  return sqlite3_changes64(connection);
}

int csqlite_total_changes(sqlite3 *connection) {
  return sqlite3_total_changes(connection);
}

int csqlite_get_autocommit(sqlite3 *connection) {
  return sqlite3_get_autocommit(connection);
}

int csqlite_txn_state(sqlite3 *connection, const char *schema) {
  if (sqlite3_libversion_number() < 3034000) return sqlite3_get_autocommit(connection) ? 0 : 2;
  return sqlite3_txn_state(connection, schema);
}

int csqlite_errcode(sqlite3 *connection) {
  return sqlite3_errcode(connection);
}

int csqlite_extended_errcode(sqlite3 *connection) {
  return sqlite3_extended_errcode(connection);
}

const char *csqlite_errmsg(sqlite3 *connection) {
  return sqlite3_errmsg(connection);
}

const char *csqlite_errstr(int code) {
  return sqlite3_errstr(code);
}

void csqlite_interrupt(sqlite3 *connection) {
  sqlite3_interrupt(connection);
}

void csqlite_progress_handler( sqlite3 *connection, int steps, int (*handler)(void *), void *context) {
  sqlite3_progress_handler(connection, steps, handler, context);
}

const char *csqlite_db_filename(sqlite3 *connection, const char *schema) {
  return sqlite3_db_filename(connection, schema);
}

int csqlite_file_control(sqlite3 *connection, const char *schema, int operation, void *argument) {
  return sqlite3_file_control(connection, schema, operation, argument);
}

int csqlite_libversion_number(void) {
  return sqlite3_libversion_number();
}

int csqlite_threadsafe(void) {
  return sqlite3_threadsafe();
}

int csqlite_db_readonly(sqlite3 *connection, const char *schema) {
  return sqlite3_db_readonly(connection, schema);
}

int csqlite_table_exists(sqlite3 *connection, const char *schema, const char *table) {
  return sqlite3_table_column_metadata(connection, schema, table, 0, 0, 0, 0, 0, 0) == SQLITE_OK;
}

int csqlite_limit(sqlite3 *connection, int identifier, int value) {
  return sqlite3_limit(connection, identifier, value);
}

int csqlite_wal_checkpoint_v2(sqlite3 *connection, const char *schema, int mode) {
  return sqlite3_wal_checkpoint_v2(connection, schema, mode, 0, 0);
}

int csqlite_db_config_flag(sqlite3 *connection, int option, int on) {
  return sqlite3_db_config(connection, option, on, (int *)0);
}

int csqlite_enable_load_extension(sqlite3 *connection, int on) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, on, (int *)0);
}

int csqlite_load_extension(sqlite3 *connection, const char *path, const char *entry, char **message) {
  return sqlite3_load_extension(connection, path, entry, message);
}

int csqlite_prepare_v3(
   sqlite3 *connection, const char *sql, int bytes, unsigned int flags, sqlite3_stmt **statement, const char **tail) {
  return sqlite3_prepare_v3(connection, sql, bytes, flags, statement, tail);
}

int csqlite_step(sqlite3_stmt *statement) {
  return sqlite3_step(statement);
}

int csqlite_reset(sqlite3_stmt *statement) {
  return sqlite3_reset(statement);
}

int csqlite_finalize(sqlite3_stmt *statement) {
  return sqlite3_finalize(statement);
}

int csqlite_clear_bindings(sqlite3_stmt *statement) {
  return sqlite3_clear_bindings(statement);
}

int csqlite_stmt_readonly(sqlite3_stmt *statement) {
  return sqlite3_stmt_readonly(statement);
}

int csqlite_stmt_isexplain(sqlite3_stmt *statement) {
  if (sqlite3_libversion_number() < 3028000) return 0;
  return sqlite3_stmt_isexplain(statement);
}

int csqlite_stmt_status(sqlite3_stmt *statement, int counter) {
  return sqlite3_stmt_status(statement, counter, 0);
}

const char *csqlite_sql(sqlite3_stmt *statement) {
  return sqlite3_sql(statement);
}

sqlite3 *csqlite_db_handle(sqlite3_stmt *statement) {
  return sqlite3_db_handle(statement);
}

int csqlite_bind_parameter_count(sqlite3_stmt *statement) {
  return sqlite3_bind_parameter_count(statement);
}

int csqlite_bind_parameter_index(sqlite3_stmt *statement, const char *name) {
  return sqlite3_bind_parameter_index(statement, name);
}

int csqlite_bind_int64(sqlite3_stmt *statement, int index, int64_t value) {
  return sqlite3_bind_int64(statement, index, value);
}

int csqlite_bind_double(sqlite3_stmt *statement, int index, double value) {
  return sqlite3_bind_double(statement, index, value);
}

int csqlite_bind_null(sqlite3_stmt *statement, int index) {
  return sqlite3_bind_null(statement, index);
}

int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int64_t bytes) {
  return sqlite3_bind_text64(
    statement, index, text ? text : "", (sqlite3_uint64)bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *blob, int64_t bytes) {
  if (bytes <= 0) return sqlite3_bind_zeroblob(statement, index, 0);
  return sqlite3_bind_blob64(statement, index, blob, (sqlite3_uint64)bytes, SQLITE_TRANSIENT);
}

int csqlite_bind_borrowed_blob(sqlite3_stmt *statement, int index, const void *blob, int64_t bytes) {
  if (bytes <= 0) return sqlite3_bind_zeroblob(statement, index, 0);
  return sqlite3_bind_blob64(statement, index, blob, (sqlite3_uint64)bytes, SQLITE_STATIC);
}

int csqlite_column_count(sqlite3_stmt *statement) {
  return sqlite3_column_count(statement);
}

const char *csqlite_column_name(sqlite3_stmt *statement, int column) {
  return sqlite3_column_name(statement, column);
}

const char *csqlite_column_decltype(sqlite3_stmt *statement, int column) {
  return sqlite3_column_decltype(statement, column);
}

int csqlite_column_type(sqlite3_stmt *statement, int column) {
  return sqlite3_column_type(statement, column);
}

int64_t csqlite_column_int64(sqlite3_stmt *statement, int column) {
  return sqlite3_column_int64(statement, column);
}

double csqlite_column_double(sqlite3_stmt *statement, int column) {
  return sqlite3_column_double(statement, column);
}

const unsigned char *csqlite_column_text(sqlite3_stmt *statement, int column) {
  return sqlite3_column_text(statement, column);
}

const void *csqlite_column_blob(sqlite3_stmt *statement, int column) {
  return sqlite3_column_blob(statement, column);
}

int csqlite_column_bytes(sqlite3_stmt *statement, int column) {
  return sqlite3_column_bytes(statement, column);
}

int csqlite_create_function_v2(
   sqlite3 *connection, const char *name, int argument_count, int flags, void *context, csqlite_scalar function, void (*destroy)(void *)) {
  return sqlite3_create_function_v2(
    connection, name, argument_count, flags, context, function, 0, 0, destroy);
}

int csqlite_create_aggregate_v2(
  sqlite3 *connection, const char *name, int argument_count, int flags, void *context, csqlite_scalar step,
  void (*final)(sqlite3_context *), void (*destroy)(void *)) {
  return sqlite3_create_function_v2(
    connection, name, argument_count, flags, context, 0, step, final, destroy);
}

void *csqlite_aggregate_context(sqlite3_context *context, int bytes) {
  return sqlite3_aggregate_context(context, bytes);
}

void *csqlite_user_data(sqlite3_context *context) {
  return sqlite3_user_data(context);
}

sqlite3 *csqlite_context_db_handle(sqlite3_context *context) {
  return sqlite3_context_db_handle(context);
}

void *csqlite_get_auxdata(sqlite3_context *context, int argument) {
  return sqlite3_get_auxdata(context, argument);
}

void csqlite_set_auxdata(sqlite3_context *context, int argument, void *data, void (*destroy)(void *)) {
  sqlite3_set_auxdata(context, argument, data, destroy);
}

int csqlite_value_type(sqlite3_value *value) {
  return sqlite3_value_type(value);
}

int64_t csqlite_value_int64(sqlite3_value *value) {
  return sqlite3_value_int64(value);
}

double csqlite_value_double(sqlite3_value *value) {
  return sqlite3_value_double(value);
}

const unsigned char *csqlite_value_text(sqlite3_value *value) {
  return sqlite3_value_text(value);
}

const void *csqlite_value_blob(sqlite3_value *value) {
  return sqlite3_value_blob(value);
}

int csqlite_value_bytes(sqlite3_value *value) {
  return sqlite3_value_bytes(value);
}

int csqlite_value_subtype(sqlite3_value *value) {
  return (int)sqlite3_value_subtype(value);
}

void csqlite_result_null(sqlite3_context *context) {
  sqlite3_result_null(context);
}

void csqlite_result_int64(sqlite3_context *context, int64_t value) {
  sqlite3_result_int64(context, value);
}

void csqlite_result_double(sqlite3_context *context, double value) {
  sqlite3_result_double(context, value);
}

void csqlite_result_text(sqlite3_context *context, const char *text, int64_t bytes) {
  sqlite3_result_text64(
    context, text ? text : "", (sqlite3_uint64)bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void csqlite_result_blob(sqlite3_context *context, const void *blob, int64_t bytes) {
  if (bytes <= 0) {
    sqlite3_result_zeroblob(context, 0);
    return;
  }
  sqlite3_result_blob64(context, blob, (sqlite3_uint64)bytes, SQLITE_TRANSIENT);
}

void csqlite_result_error(sqlite3_context *context, const char *message, int bytes) {
  sqlite3_result_error(context, message, bytes);
}

void csqlite_result_error_code(sqlite3_context *context, int code) {
  sqlite3_result_error_code(context, code);
}

void csqlite_result_error_nomem(sqlite3_context *context) {
  sqlite3_result_error_nomem(context);
}

void csqlite_result_subtype(sqlite3_context *context, unsigned int subtype) {
  sqlite3_result_subtype(context, subtype);
}

int csqlite_create_module_v2(
   sqlite3 *connection, const char *name, const sqlite3_module *module, void *context, void (*destroy)(void *)) {
  return sqlite3_create_module_v2(connection, name, module, context, destroy);
}

int csqlite_declare_vtab(sqlite3 *connection, const char *sql) {
  return sqlite3_declare_vtab(connection, sql);
}

int csqlite_vtab_config(sqlite3 *connection, int option) {
  return sqlite3_vtab_config(connection, option);
}

void *csqlite_malloc64(uint64_t bytes) {
  return sqlite3_malloc64(bytes);
}

void csqlite_free(void *memory) {
  sqlite3_free(memory);
}

char *csqlite_copy_string(const char *text) {
  if (text == 0) return 0;
  size_t bytes = strlen(text) + 1;
  char *copy = sqlite3_malloc64(bytes);
  if (copy) memcpy(copy, text, bytes);
  return copy;
}

int64_t csqlite_memory_used(void) {
  return sqlite3_memory_used();
}
