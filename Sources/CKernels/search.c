// Search among many vectors: a first look in eight bits that gives bounds of each cosine, and exact products in double
// precision for what is left.
#include "CKernels.h"

#include <math.h>

// Their width does not depend on the instruction set.
typedef float floats8 __attribute__((vector_size(32), aligned(4)));
typedef double doubles8 __attribute__((vector_size(64), aligned(8)));

#if defined(__x86_64__)
#include <immintrin.h>

typedef int32_t ints8 __attribute__((vector_size(32)));

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define LANES 16
#define NAME(x) search_avx512_##x
#include "search.inc"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define NAME(x) search_avx2_##x
#include "search.inc"
#pragma clang attribute pop

#define FORWARD(name, ...)                                          \
  switch (ckernels_instruction_set()[3]) {                          \
  case '5': return search_avx512_##name(__VA_ARGS__);               \
  case '2': return search_avx2_##name(__VA_ARGS__);                 \
  default: return search_generic_##name(__VA_ARGS__);               \
  }
#else
#define FORWARD(name, ...) return search_generic_##name(__VA_ARGS__);
#endif

#define LANES 4
#define NAME(x) search_generic_##x
#include "search.inc"

double ckernels_dot_double(const float *a, const float *b, long count) { FORWARD(dot_double, a, b, count) }

int ckernels_screen_row(
  const float *vector, long count, double norm, int8_t *row, float *scale, float *error) {
  FORWARD(screen_row, vector, count, norm, row, scale, error)
}

long ckernels_screen(
  const ckernels_screen_rows *rows, const ckernels_screen_query *query, long first, long end, float threshold,
  int32_t *found, float *lower, float *upper) {
  FORWARD(screen, rows, query, first, end, threshold, found, lower, upper)
}
