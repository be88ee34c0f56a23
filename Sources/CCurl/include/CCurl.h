// libcurl, as far as Sibyl asks servers: many POST requests at a time on the caller's thread.
//
// The library is opened when it is first needed (dlopen), never linked: sibyl.so loads on machines without it, and
// sessions that ask no server do not carry a TLS stack. Of libcurl's header only the numbers are used, which its
// ABI promises to keep.
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>

/// Opens libcurl, once. Returns NULL, or what was wrong. Any thread.
const char *ccurl_open(void);

/// Transfers under way, and connections kept for the next ones. For one thread at a time.
typedef struct ccurl_pool ccurl_pool;
/// A request and what came back.
typedef struct ccurl_transfer ccurl_transfer;

/// NULL where there is no memory. Needs ccurl_open.
ccurl_pool *ccurl_pool_create(void);
/// Breaks off what is under way.
void ccurl_pool_free(ccurl_pool *pool);

typedef struct {
  const char *url;
  const void *body;
  size_t body_size;
  /// Header lines, NULL at the end.
  const char *const *headers;
  /// Milliseconds for the connection, and for the whole transfer.
  long connect_timeout;
  long timeout;
  /// Bytes of a reply; more end the transfer.
  size_t most_bytes;
  /// Whether proxies that the environment names are left aside.
  bool ignores_proxy;
} ccurl_request;

/// Begins a POST request, of which everything is copied. NULL where there is no memory.
ccurl_transfer *ccurl_begin(ccurl_pool *pool, const ccurl_request *request);
/// Moves transfers on, and waits up to some milliseconds where nothing moves.
void ccurl_run(ccurl_pool *pool, int milliseconds);
/// A transfer that has ended; NULL where there is none.
ccurl_transfer *ccurl_take(ccurl_pool *pool);
/// Breaks a transfer off where it is under way, and frees it.
void ccurl_free(ccurl_pool *pool, ccurl_transfer *transfer);

/// The HTTP status; 0 where no reply came.
long ccurl_status(const ccurl_transfer *transfer);
/// What went wrong on the way, in libcurl's words; NULL where nothing did.
const char *ccurl_fault(const ccurl_transfer *transfer);
bool ccurl_timed_out(const ccurl_transfer *transfer);
/// Whether trying again is of no use: the address, the certificate.
bool ccurl_is_hopeless(const ccurl_transfer *transfer);
/// Whether the reply was larger than allowed.
bool ccurl_is_too_large(const ccurl_transfer *transfer);
const void *ccurl_body(const ccurl_transfer *transfer, size_t *size);
/// Values of headers; empty where they did not come.
const char *ccurl_retry_after(const ccurl_transfer *transfer);
const char *ccurl_location(const ccurl_transfer *transfer);

#endif
