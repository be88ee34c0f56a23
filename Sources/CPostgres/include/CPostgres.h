// libpq, PostgreSQL's C client library, as Swift's module CPostgres.
//
// Where its header lies differs from system to system, and asking pg_config would need PostgreSQL's build
// tools. Debian: libpq-dev. Fedora: libpq-devel. Homebrew: libpq, which is "keg-only", so its folders are named
// here and in Package.swift.
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#elif __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include("/opt/homebrew/opt/libpq/include/libpq-fe.h")
#include "/opt/homebrew/opt/libpq/include/libpq-fe.h"
#elif __has_include("/usr/local/opt/libpq/include/libpq-fe.h")
#include "/usr/local/opt/libpq/include/libpq-fe.h"
#else
#error "libpq-fe.h is missing: install libpq-dev (Debian), libpq-devel (Fedora) or libpq (Homebrew)"
#endif

#endif
