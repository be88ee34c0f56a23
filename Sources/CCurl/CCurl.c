#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct {
  CURLcode (*global_init)(long);
  curl_version_info_data *(*version_info)(CURLversion);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  const char *(*easy_strerror)(CURLcode);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
  CURLM *(*multi_init)(void);
  CURLMcode (*multi_cleanup)(CURLM *);
  CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
  CURLMcode (*multi_add_handle)(CURLM *, CURL *);
  CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
  CURLMcode (*multi_perform)(CURLM *, int *);
  CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd[], unsigned, int, int *);
  CURLMsg *(*multi_info_read)(CURLM *, int *);
} curl;

// curl_easy_setopt and its like are macros that check types, in terms of functions that are not linked.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static char fault[400];

static void open_library(void) {
#ifdef __APPLE__
  static const char *const names[] = {"libcurl.4.dylib", "/opt/homebrew/opt/curl/lib/libcurl.4.dylib", NULL};
#else
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
#endif
  void *library = NULL;
  for (int i = 0; names[i] && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(fault, sizeof fault, "libcurl is not installed, and models on servers need it");
    return;
  }
  struct {
    const char *name;
    void **place;
  } const functions[] = {
    {"curl_global_init", (void **)&curl.global_init},
    {"curl_version_info", (void **)&curl.version_info},
    {"curl_easy_init", (void **)&curl.easy_init},
    {"curl_easy_cleanup", (void **)&curl.easy_cleanup},
    {"curl_easy_setopt", (void **)&curl.easy_setopt},
    {"curl_easy_getinfo", (void **)&curl.easy_getinfo},
    {"curl_easy_strerror", (void **)&curl.easy_strerror},
    {"curl_slist_append", (void **)&curl.slist_append},
    {"curl_slist_free_all", (void **)&curl.slist_free_all},
    {"curl_multi_init", (void **)&curl.multi_init},
    {"curl_multi_cleanup", (void **)&curl.multi_cleanup},
    {"curl_multi_setopt", (void **)&curl.multi_setopt},
    {"curl_multi_add_handle", (void **)&curl.multi_add_handle},
    {"curl_multi_remove_handle", (void **)&curl.multi_remove_handle},
    {"curl_multi_perform", (void **)&curl.multi_perform},
    {"curl_multi_poll", (void **)&curl.multi_poll},
    {"curl_multi_info_read", (void **)&curl.multi_info_read},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    *functions[i].place = dlsym(library, functions[i].name);
    if (!*functions[i].place) {
      snprintf(fault, sizeof fault, "the libcurl of this machine is too old: it has no %s", functions[i].name);
      return;
    }
  }
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    snprintf(fault, sizeof fault, "libcurl does not start on this machine");
}

const char *ccurl_open(void) {
  pthread_once(&opened, open_library);
  return fault[0] ? fault : NULL;
}

struct ccurl_pool {
  CURLM *multi;
  // Those under way, and those that have ended and were not taken.
  ccurl_transfer *first;
};

struct ccurl_transfer {
  CURL *easy;
  struct curl_slist *headers;
  ccurl_transfer *next;
  char *body;
  size_t size, capacity, most;
  bool is_too_large, is_done;
  CURLcode code;
  char message[CURL_ERROR_SIZE];
  char retry_after[80];
  char location[512];
};

// A write to a connection that the server has closed must not end the host: TLS libraries write without
// MSG_NOSIGNAL, and the host's way to treat the signal is the host's.
typedef struct {
  sigset_t before;
  bool was_pending;
} quiet;

static quiet begin_quiet(void) {
  quiet state;
  sigset_t pipe, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  state.was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &state.before);
  return state;
}

static void end_quiet(const quiet *state) {
  sigset_t pending, pipe;
  sigpending(&pending);
  if (!state->was_pending && sigismember(&pending, SIGPIPE) == 1) {
    int number;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigwait(&pipe, &number);
  }
  pthread_sigmask(SIG_SETMASK, &state->before, NULL);
}

ccurl_pool *ccurl_pool_create(void) {
  ccurl_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->multi = curl.multi_init();
  if (!pool->multi) {
    free(pool);
    return NULL;
  }
  return pool;
}

void ccurl_pool_free(ccurl_pool *pool) {
  if (!pool) return;
  while (pool->first) ccurl_free(pool, pool->first);
  quiet state = begin_quiet();
  curl.multi_cleanup(pool->multi);
  end_quiet(&state);
  free(pool);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
  ccurl_transfer *transfer = context;
  size_t more = size * count;
  if (more > transfer->most - transfer->size) {
    transfer->is_too_large = true;
    return 0;
  }
  if (transfer->size + more > transfer->capacity) {
    size_t capacity = (transfer->size + more) * 2 + 4096;
    char *grown = realloc(transfer->body, capacity);
    if (!grown) return 0;
    transfer->body = grown;
    transfer->capacity = capacity;
  }
  memcpy(transfer->body + transfer->size, bytes, more);
  transfer->size += more;
  return more;
}

static void keep_value(const char *line, size_t length, const char *name, char *place, size_t capacity) {
  size_t name_length = strlen(name);
  if (length <= name_length || strncasecmp(line, name, name_length) != 0 || line[name_length] != ':') return;
  const char *value = line + name_length + 1, *end = line + length;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
  size_t size = (size_t)(end - value);
  if (size >= capacity) return;
  memcpy(place, value, size);
  place[size] = 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
  ccurl_transfer *transfer = context;
  size_t length = size * count;
  keep_value(bytes, length, "Retry-After", transfer->retry_after, sizeof transfer->retry_after);
  keep_value(bytes, length, "Location", transfer->location, sizeof transfer->location);
  return length;
}

ccurl_transfer *ccurl_begin(ccurl_pool *pool, const ccurl_request *request) {
  ccurl_transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->most = request->most_bytes;
  CURL *easy = transfer->easy = curl.easy_init();
  bool is_sound = easy != NULL;
  for (const char *const *line = request->headers; is_sound && *line; line++) {
    struct curl_slist *list = curl.slist_append(transfer->headers, *line);
    if (list) transfer->headers = list;
    is_sound = list != NULL;
  }
  if (!is_sound) {
    ccurl_free(pool, transfer);
    return NULL;
  }
#define SET(option, value) is_sound = curl.easy_setopt(easy, option, value) == CURLE_OK && is_sound
  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_PRIVATE, transfer);
  SET(CURLOPT_ERRORBUFFER, transfer->message);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_HTTPHEADER, transfer->headers);
  SET(CURLOPT_POST, 1L);
  SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
  SET(CURLOPT_COPYPOSTFIELDS, (const char *)request->body);
  SET(CURLOPT_WRITEFUNCTION, take_body);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_HEADERFUNCTION, take_header);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout);
  SET(CURLOPT_TIMEOUT_MS, request->timeout);
  SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->most_bytes);
  // A redirected request would carry the key to a place that nobody registered.
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  if (request->ignores_proxy) SET(CURLOPT_PROXY, "");
#if LIBCURL_VERSION_NUM >= 0x075500
  // Older libraries know the option that newer ones call deprecated.
  if (curl.version_info(CURLVERSION_NOW)->version_num >= 0x075500)
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
  else
#endif
    SET((CURLoption)181 /* CURLOPT_PROTOCOLS */, 3L /* http, https */);
#undef SET
  if (!is_sound || curl.multi_add_handle(pool->multi, easy) != CURLM_OK) {
    ccurl_free(pool, transfer);
    return NULL;
  }
  transfer->next = pool->first;
  pool->first = transfer;
  return transfer;
}

void ccurl_run(ccurl_pool *pool, int milliseconds) {
  quiet state = begin_quiet();
  int running = 0, ready = 0;
  curl.multi_perform(pool->multi, &running);
  bool has_ended = false;
  for (ccurl_transfer *transfer = pool->first; transfer; transfer = transfer->next) has_ended |= transfer->is_done;
  CURLMsg *message;
  int left;
  while ((message = curl.multi_info_read(pool->multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    char *pointer = NULL;
    CURLcode code = message->data.result;
    curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &pointer);
    ccurl_transfer *transfer = (ccurl_transfer *)(void *)pointer;
    if (!transfer) continue;
    transfer->code = code;
    transfer->is_done = true;
    has_ended = true;
  }
  if (!has_ended && milliseconds > 0) curl.multi_poll(pool->multi, NULL, 0, milliseconds, &ready);
  end_quiet(&state);
}

ccurl_transfer *ccurl_take(ccurl_pool *pool) {
  for (ccurl_transfer **place = &pool->first; *place; place = &(*place)->next) {
    ccurl_transfer *transfer = *place;
    if (!transfer->is_done) continue;
    *place = transfer->next;
    transfer->next = NULL;
    return transfer;
  }
  return NULL;
}

void ccurl_free(ccurl_pool *pool, ccurl_transfer *transfer) {
  if (!transfer) return;
  for (ccurl_transfer **place = &pool->first; *place; place = &(*place)->next) {
    if (*place != transfer) continue;
    *place = transfer->next;
    break;
  }
  if (transfer->easy) {
    quiet state = begin_quiet();
    curl.multi_remove_handle(pool->multi, transfer->easy);
    curl.easy_cleanup(transfer->easy);
    end_quiet(&state);
  }
  curl.slist_free_all(transfer->headers);
  free(transfer->body);
  free(transfer);
}

long ccurl_status(const ccurl_transfer *transfer) {
  long status = 0;
  curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

const char *ccurl_fault(const ccurl_transfer *transfer) {
  if (transfer->code == CURLE_OK) return NULL;
  return transfer->message[0] ? transfer->message : curl.easy_strerror(transfer->code);
}

bool ccurl_timed_out(const ccurl_transfer *transfer) { return transfer->code == CURLE_OPERATION_TIMEDOUT; }

bool ccurl_is_hopeless(const ccurl_transfer *transfer) {
  switch (transfer->code) {
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_NOT_BUILT_IN:
    return true;
  default:
    return false;
  }
}

bool ccurl_is_too_large(const ccurl_transfer *transfer) {
  return transfer->is_too_large || transfer->code == CURLE_FILESIZE_EXCEEDED;
}

const void *ccurl_body(const ccurl_transfer *transfer, size_t *size) {
  *size = transfer->size;
  return transfer->body;
}

const char *ccurl_retry_after(const ccurl_transfer *transfer) { return transfer->retry_after; }
const char *ccurl_location(const ccurl_transfer *transfer) { return transfer->location; }
