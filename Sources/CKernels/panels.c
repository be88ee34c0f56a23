// Exact products of eight-bit activations and weights, for CPUs whose vectors of 512 bits have a dot product of bytes
// (AVX-512 VNNI).
//
// A block of up to 14 rows and 32 channels keeps its sums in registers (28 of 32); each step of four inputs reads two
// vectors of weights and one broadcast of four bytes a row. A pass over a model's layers streams all weights from the
// third cache or from memory, and waiting for them is what makes a small batch dear: so while one panel is computed,
// the next one is asked for, evenly over all blocks of rows. (All of it during the first block is more than a core can
// have under way: 20 rows took 15% longer.)
#include "CKernels.h"

#include <string.h>

// Inputs of one step: those of a channel lie together, as the dot product takes them.
enum { STEP = 4 };

#if defined(__x86_64__)
#include <immintrin.h>

enum { LANES = 16, BLOCK_ROWS = 14, VECTOR = 64, STEP_BYTES = CKERNELS_PANEL * STEP };

#define UNROLLED _Pragma("clang loop unroll(full)")

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))), apply_to = function)

// Some rows times one panel. Of the weights that come next, `pace` bytes are asked for in each step.
static inline __attribute__((always_inline)) void block(
  const int8_t *weights, const int8_t *next, long pace, const uint8_t *input, long inputs, int32_t *output,
  long stride, const int rows) {
  __m512i sums[BLOCK_ROWS][2];
  UNROLLED for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_si512();
  for (long i = 0; i < inputs; i += STEP, weights += STEP_BYTES, next += pace) {
    __m512i low = _mm512_load_si512(weights), high = _mm512_load_si512(weights + VECTOR);
    _mm_prefetch((const char *)next, _MM_HINT_T0);
    if (pace > VECTOR) _mm_prefetch((const char *)next + VECTOR, _MM_HINT_T0);
    UNROLLED for (int r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, input + r * inputs + i, STEP);
      __m512i x = _mm512_set1_epi32(four);
      sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], x, low);
      sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], x, high);
    }
  }
  UNROLLED for (int r = 0; r < rows; r++) {
    _mm512_storeu_si512(output + r * stride, sums[r][0]);
    _mm512_storeu_si512(output + r * stride + LANES, sums[r][1]);
  }
}

#define BLOCK(rows)                                                                                          \
  static void block_##rows(                                                                                  \
    const int8_t *weights, const int8_t *next, long pace, const uint8_t *input, long inputs, int32_t *output, \
    long stride) {                                                                                           \
    block(weights, next, pace, input, inputs, output, stride, rows);                                         \
  }
BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7)
BLOCK(8) BLOCK(9) BLOCK(10) BLOCK(11) BLOCK(12) BLOCK(13) BLOCK(14)

#pragma clang attribute pop

static void (*const blocks[BLOCK_ROWS + 1])(
  const int8_t *, const int8_t *, long, const uint8_t *, long, int32_t *, long) = {
  0,       block_1, block_2,  block_3,  block_4,  block_5,  block_6, block_7,
  block_8, block_9, block_10, block_11, block_12, block_13, block_14};
#endif

int ckernels_has_panel_product(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return strcmp(ckernels_instruction_set(), "avx512") == 0 && __builtin_cpu_supports("avx512vnni")
    && !__builtin_cpu_supports("amx-int8");
#else
  return 0;
#endif
}

void ckernels_panel_weights(const int8_t *weights, long outputs, long inputs, int8_t *panels) {
  for (long panel = 0; panel < outputs; panel += CKERNELS_PANEL)
    for (long i = 0; i < inputs; i += STEP)
      for (long channel = panel; channel < panel + CKERNELS_PANEL; channel++, panels += STEP)
        memcpy(panels, weights + channel * inputs + i, STEP);
}

void ckernels_panel_product(
  const int8_t *panels, const void *input, long inputs, long rows, long first_panel, long end_panel,
  void *output, long stride) {
#if defined(__x86_64__)
  const long size = CKERNELS_PANEL * inputs;
  const long count = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const uint8_t *bytes = input;
  int32_t *sums = output;
  for (long panel = first_panel; panel < end_panel; panel++, sums += CKERNELS_PANEL) {
    const int8_t *weights = panels + panel * size;
    long row = 0;
    for (long i = 0; i < count; i++) {
      // Blocks of nearly the same height: one row costs as many reads of weights as fourteen.
      long height = (rows - row) / (count - i);
      blocks[height](
        weights, weights + size + i * size / count, STEP_BYTES / count, bytes + row * inputs, inputs,
        sums + row * stride, stride);
      row += height;
    }
  }
#endif
}
