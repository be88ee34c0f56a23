// The hand-written SQL of sql/postgres, compiled in, so that the command is one file.
#ifndef CPOSTGRESSCHEMA_H
#define CPOSTGRESSCHEMA_H

#include <stddef.h>

typedef struct {
  /// The file's name without its ending.
  const char *name;
  /// UTF-8, without a NUL at the end.
  const unsigned char *text;
  size_t size;
} sibyl_sql_file;

/// sql/postgres/schema: applied once each, in this order.
const sibyl_sql_file *sibyl_sql_migrations(void);
size_t sibyl_sql_migration_count(void);

/// sql/postgres/support: one function a file, made anew at every installation.
const sibyl_sql_file *sibyl_sql_support(void);
size_t sibyl_sql_support_count(void);

#endif
