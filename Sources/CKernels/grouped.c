// Matrix products of a decoder: weights of four or eight bits in groups of 32 inputs, each with a scale and a
// minimum of its own, as ggml's files have them, so that nothing is lost; activations of eight bits in groups of
// 32 too. Sums within a group are integers, those over the groups are made in one fixed order: a row's result
// does not depend on the other rows.
#include "CKernels.h"

#include <math.h>
#include <string.h>

// Groups that are unpacked at a time: what a core's first cache holds.
enum { CKERNELS_CHUNK = 24 };

// IEEE 754 halves without the CPU's help, for the few that are written and for old CPUs.
static float widen(uint16_t half) {
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
  float value;
  memcpy(&value, &bits, 4);
  value *= 0x1p112f;
  return half & 0x8000 ? -value : value;
}
static uint16_t narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude < 0x38800000) {
    // Adding 0.5 leaves a subnormal half's bits at the end of the sum, rounded.
    float small;
    memcpy(&small, &magnitude, 4);
    small += 0.5f;
    memcpy(&magnitude, &small, 4);
    return (uint16_t)(sign | (magnitude - 0x3f000000));
  }
  return (uint16_t)(sign | ((magnitude - 0x38000000 + 0x0fff + (magnitude >> 13 & 1)) >> 13));
}

#if defined(__x86_64__)
#include <immintrin.h>

// Neighbouring halves as the CPU widens them.
typedef _Float16 halves8 __attribute__((vector_size(16), aligned(2)));
typedef _Float16 halves16 __attribute__((vector_size(32), aligned(2)));

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define ROWS 6
#define NAME(x) grouped_avx512_##x
#define WIDEN(p) __builtin_convertvector(*(const halves16 *)(p), grouped_avx512_vf)
#define MULTIPLY_ADD __builtin_elementwise_fma
#define DOT(sums, bytes, x) (grouped_avx512_vi) _mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(bytes), (__m512i)(x))
#include "grouped.inc"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,avxvnni,fma,f16c"))), apply_to = function)
#define LANES 8
#define ROWS 2
#define NAME(x) grouped_avx2_##x
#define WIDEN(p) __builtin_convertvector(*(const halves8 *)(p), grouped_avx2_vf)
#define MULTIPLY_ADD __builtin_elementwise_fma
#define DOT(sums, bytes, x) \
  (grouped_avx2_vi) _mm256_dpbusd_avx_epi32((__m256i)(sums), (__m256i)(bytes), (__m256i)(x))
#include "grouped.inc"
#pragma clang attribute pop
#endif

// For other CPUs, which reach it only when int8 was asked for by name.
typedef int32_t four_lanes __attribute__((vector_size(16), aligned(4)));
static inline four_lanes dot(four_lanes sums, four_lanes bytes, four_lanes x) {
  uint8_t left[16];
  int8_t right[16];
  memcpy(left, &bytes, 16);
  memcpy(right, &x, 16);
  for (int i = 0; i < 16; i++) sums[i / 4] += left[i] * right[i];
  return sums;
}
#define LANES 4
#define ROWS 2
#define NAME(x) grouped_generic_##x
#define WIDEN(p) (grouped_generic_vf){widen((p)[0]), widen((p)[1]), widen((p)[2]), widen((p)[3])}
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#define DOT(sums, bytes, x) (grouped_generic_vi) dot((four_lanes)(sums), (four_lanes)(bytes), (four_lanes)(x))
#include "grouped.inc"

long ckernels_grouped_size(int bits) {
  return 4 * CKERNELS_PANEL + CKERNELS_PANEL * CKERNELS_GROUP * bits / 8;
}

long ckernels_grouped_scratch(long inputs) {
  long groups = inputs / CKERNELS_GROUP;
  return (groups < CKERNELS_CHUNK ? groups : CKERNELS_CHUNK) * (12 + CKERNELS_GROUP) * CKERNELS_PANEL;
}

void ckernels_grouped_product(
  const ckernels_grouped *weights, const ckernels_activations *input, long rows, long first_panel,
  long end_panel, float *output, long stride, void *scratch) {
#if defined(__x86_64__)
  if (ckernels_instruction_set()[0] == 'a') {
    __builtin_cpu_init();
    if (strcmp(ckernels_instruction_set(), "avx512") == 0 && __builtin_cpu_supports("avx512vnni"))
      return grouped_avx512_product(weights, input, rows, first_panel, end_panel, output, stride, scratch);
    if (__builtin_cpu_supports("avxvnni"))
      return grouped_avx2_product(weights, input, rows, first_panel, end_panel, output, stride, scratch);
  }
#endif
  grouped_generic_product(weights, input, rows, first_panel, end_panel, output, stride, scratch);
}

// One row of a panel: 32 inputs of one channel go to eight places of four bytes.
static void place(uint8_t *group, int bits, long channel, const uint8_t *values) {
  uint8_t *packed = group + 4 * CKERNELS_PANEL + channel % 16 * 4;
  for (long four = 0; four < CKERNELS_GROUP / 4; four += 2) {
    uint32_t low, high;
    memcpy(&low, values + four * 4, 4);
    memcpy(&high, values + four * 4 + 4, 4);
    long place = channel / 16 * 8 + four;
    if (bits == 8) {
      memcpy(packed + place * 64, &low, 4);
      memcpy(packed + place * 64 + 64, &high, 4);
    } else {
      low |= high << 4;
      memcpy(packed + place / 2 * 64, &low, 4);
    }
  }
}

static uint8_t *group_of(uint8_t *panels, int bits, long row, long groups, long g) {
  return panels + (row / CKERNELS_PANEL * groups + g) * ckernels_grouped_size(bits);
}

static void set_factors(uint8_t *group, long channel, uint16_t scale, uint16_t minimum) {
  ((uint16_t *)group)[channel] = scale;
  ((uint16_t *)group)[CKERNELS_PANEL + channel] = minimum;
}

int ckernels_grouped_bits(int format) {
  switch (format) {
  case CKERNELS_GGML_Q4_0:
  case CKERNELS_GGML_Q4_1: return 4;
  default: return 8;
  }
}

int ckernels_group_blocks(
  int format, const void *blocks, int bits, long inputs, long row, uint8_t *panels) {
  long groups = inputs / CKERNELS_GROUP;
  const uint8_t *source = blocks;
  for (long g = 0; g < groups; g++) {
    uint8_t values[CKERNELS_GROUP];
    uint16_t scale, minimum = 0;
    memcpy(&scale, source, 2);
    const uint8_t *rest = source + 2;
    switch (format) {
    case CKERNELS_GGML_Q4_1:
    case CKERNELS_GGML_Q5_1: memcpy(&minimum, rest, 2); rest += 2; break;
    case CKERNELS_GGML_Q4_0: minimum = narrow(-8.0f * widen(scale)); break;
    case CKERNELS_GGML_Q5_0: minimum = narrow(-16.0f * widen(scale)); break;
    case CKERNELS_GGML_Q8_0: minimum = narrow(-128.0f * widen(scale)); break;
    default: return 0;
    }
    uint32_t fifth = 0;
    if (format == CKERNELS_GGML_Q5_0 || format == CKERNELS_GGML_Q5_1) {
      memcpy(&fifth, rest, 4);
      rest += 4;
    }
    if (format == CKERNELS_GGML_Q8_0) {
      for (int k = 0; k < 32; k++) values[k] = (uint8_t)(rest[k] ^ 0x80);
      rest += 32;
    } else {
      for (int k = 0; k < 16; k++) {
        values[k] = (uint8_t)((rest[k] & 15) | (fifth >> k & 1) << 4);
        values[k + 16] = (uint8_t)(rest[k] >> 4 | (fifth >> (k + 16) & 1) << 4);
      }
      rest += 16;
    }
    // A scale past what its minimum can be written as is left to the way by floats.
    float step = fabsf(widen(scale));
    if (!(step * 128 < 65000.0f && fabsf(widen(minimum)) < 65000.0f)) return 0;
    uint8_t *group = group_of(panels, bits, row, groups, g);
    set_factors(group, row % CKERNELS_PANEL, scale, minimum);
    place(group, bits, row % CKERNELS_PANEL, values);
    source = rest;
  }
  return 1;
}

void ckernels_group_floats(const float *weights, long inputs, long row, uint8_t *panels) {
  long groups = inputs / CKERNELS_GROUP;
  for (long g = 0; g < groups; g++) {
    const float *w = weights + g * CKERNELS_GROUP;
    float low = w[0], high = w[0];
    for (int k = 1; k < CKERNELS_GROUP; k++) {
      low = w[k] < low ? w[k] : low;
      high = w[k] > high ? w[k] : high;
    }
    low = low < -60000 ? -60000 : low;
    high = high > 60000 ? 60000 : high;
    uint16_t minimum = narrow(low), scale = narrow((high - low) / 255);
    float inverse = widen(scale) > 0 ? 1 / widen(scale) : 0;
    uint8_t values[CKERNELS_GROUP];
    for (int k = 0; k < CKERNELS_GROUP; k++) {
      float level = (w[k] - widen(minimum)) * inverse;
      level = level > 0 ? level : 0;
      values[k] = (uint8_t)((level < 255 ? level : 255) + 0.5f);
    }
    uint8_t *group = group_of(panels, 8, row, groups, g);
    set_factors(group, row % CKERNELS_PANEL, scale, minimum);
    place(group, 8, row % CKERNELS_PANEL, values);
  }
}
