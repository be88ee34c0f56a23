// Chooses the instruction set once; every public kernel forwards to the chosen one.
#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

#define KERNELS(set)                                                                                     \
  void ckernels_##set##_bias(const ckernels_product *, float *, long);                                   \
  void ckernels_##set##_bias_gelu(const ckernels_product *, const ckernels_activations *, float *);      \
  void ckernels_##set##_bias_residual_norm(                                                              \
    const ckernels_product *, float *, const ckernels_norm *, const ckernels_activations *);             \
  void ckernels_##set##_convert(const float *, long, long, const ckernels_activations *);                \
  void ckernels_##set##_embed_norm(                                                                      \
    const int32_t *, const int32_t *, long, long, const float *, const float *, const float *,           \
    const ckernels_norm *, float *, const ckernels_activations *);                                       \
  void ckernels_##set##_attention(const float *, long, long, long, long, long, float *, float *);        \
  void ckernels_##set##_mean_pool(const float *, long, long, float *);                                   \
  void ckernels_##set##_quantise_weights(const float *, long, long, int8_t *, float *, int32_t *);        \
  void ckernels_##set##_rms_norm(                                                                        \
    const float *, long, long, const ckernels_norm *, const ckernels_activations *, float *);            \
  void ckernels_##set##_residual_rms_norm(                                                               \
    const ckernels_product *, float *, const ckernels_norm *, const ckernels_activations *, float *);    \
  void ckernels_##set##_swiglu(const ckernels_product *, const ckernels_activations *, float *);         \
  void ckernels_##set##_rotary(                                                                          \
    float *, long, long, long, long, long, const float *, const ckernels_norm *, float);                 \
  void ckernels_##set##_cache_append(const ckernels_cache *, long, const float *, const float *, long);  \
  void ckernels_##set##_cached_attention(                                                                \
    const ckernels_cache *, const float *, long, long, long, long, long, float *, long, float *);        \
  void ckernels_##set##_add_bias(float *, long, long, const float *);                                    \
  void ckernels_##set##_gelu_forward(float *, long, long, const float *, float *);                       \
  void ckernels_##set##_gelu_backward(const float *, long, float *);                                     \
  void ckernels_##set##_norm_forward(                                                                    \
    const float *, const float *, const float *, long, long, const ckernels_dropout *,                   \
    const ckernels_norm *, float *, float *, float *);                                                   \
  void ckernels_##set##_norm_backward(                                                                   \
    const float *, const float *, const float *, long, long, const ckernels_dropout *,                   \
    const ckernels_norm *, float *, float *);                                                            \
  void ckernels_##set##_attention_forward(                                                               \
    const float *, long, long, long, float, float *, float *, float *);                                  \
  void ckernels_##set##_attention_backward(                                                              \
    const float *, const float *, const float *, long, long, long, float, float *, float *);             \
  float ckernels_##set##_dot(const float *, const float *, long);                                         \
  int ckernels_##set##_dequantise(int, const void *, long, float *);

KERNELS(generic)
#if defined(__x86_64__)
KERNELS(avx2)
KERNELS(avx512)
#endif

enum set { UNKNOWN = 0, GENERIC, AVX2, AVX512 };

// Written once with the same value by whoever comes first, so relaxed order suffices.
static _Atomic int chosen;

static int choose(void) {
  int best = GENERIC;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = AVX2;
  if (
    best == AVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
    && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    best = AVX512;
#endif
  // Tests compare the instruction sets with each other through this variable.
  const char *wish = getenv("SIBYL_INSTRUCTION_SET");
  if (wish && strcmp(wish, "generic") == 0) best = GENERIC;
  if (wish && strcmp(wish, "avx2") == 0 && best > AVX2) best = AVX2;
  chosen = best;
  return best;
}

static inline int set_in_use(void) {
  int set = chosen;
  return set != UNKNOWN ? set : choose();
}

#if defined(__x86_64__)
#define FORWARD(name, ...)                                                  \
  switch (set_in_use()) {                                                   \
  case AVX512: return ckernels_avx512_##name(__VA_ARGS__);                  \
  case AVX2: return ckernels_avx2_##name(__VA_ARGS__);                      \
  default: return ckernels_generic_##name(__VA_ARGS__);                     \
  }
#else
#define FORWARD(name, ...) return ckernels_generic_##name(__VA_ARGS__);
#endif

void ckernels_bias(const ckernels_product *product, float *output, long stride) {
  FORWARD(bias, product, output, stride)
}

void ckernels_bias_gelu(
  const ckernels_product *product, const ckernels_activations *output, float *scratch) {
  FORWARD(bias_gelu, product, output, scratch)
}

void ckernels_bias_residual_norm(
  const ckernels_product *product, float *hidden, const ckernels_norm *norm,
  const ckernels_activations *output) {
  FORWARD(bias_residual_norm, product, hidden, norm, output)
}

void ckernels_convert(
  const float *input, long rows, long columns, const ckernels_activations *output) {
  FORWARD(convert, input, rows, columns, output)
}

void ckernels_embed_norm(
  const int32_t *ids, const int32_t *position_ids, long rows, long columns, const float *words,
  const float *positions, const float *type, const ckernels_norm *norm, float *hidden,
  const ckernels_activations *output) {
  FORWARD(
    embed_norm, ids, position_ids, rows, columns, words, positions, type, norm, hidden, output)
}

// Room for the widest vector's padding (16 floats) and the most query rows (8).
long ckernels_attention_scratch(long length, long head_dimensions) {
  long padded = (length + 15) / 16 * 16;
  return head_dimensions * padded + length * head_dimensions + 8 * padded;
}

void ckernels_attention(
  const float *qkv, long length, long heads, long head_dimensions, long first_row, long end_row,
  float *output, float *scratch) {
  FORWARD(attention, qkv, length, heads, head_dimensions, first_row, end_row, output, scratch)
}

void ckernels_rms_norm(
  const float *hidden, long rows, long columns, const ckernels_norm *norm,
  const ckernels_activations *output, float *scratch) {
  FORWARD(rms_norm, hidden, rows, columns, norm, output, scratch)
}

void ckernels_residual_rms_norm(
  const ckernels_product *product, float *hidden, const ckernels_norm *norm,
  const ckernels_activations *output, float *scratch) {
  FORWARD(residual_rms_norm, product, hidden, norm, output, scratch)
}

void ckernels_swiglu(
  const ckernels_product *product, const ckernels_activations *output, float *scratch) {
  FORWARD(swiglu, product, output, scratch)
}

void ckernels_rotary(
  float *vectors, long stride, long rows, long heads, long dimensions, long rotated, const float *angles,
  const ckernels_norm *norm, float scale) {
  FORWARD(rotary, vectors, stride, rows, heads, dimensions, rotated, angles, norm, scale)
}

void ckernels_cache_append(
  const ckernels_cache *cache, long position, const float *key, const float *value, long dimensions) {
  FORWARD(cache_append, cache, position, key, value, dimensions)
}

// Room for whole pages and the most query rows (8).
long ckernels_cached_attention_scratch(long length) {
  return 8 * ((length + CKERNELS_PAGE_TOKENS - 1) / CKERNELS_PAGE_TOKENS * CKERNELS_PAGE_TOKENS);
}

void ckernels_cached_attention(
  const ckernels_cache *cache, const float *queries, long stride, long tokens, long position, long group,
  long dimensions, float *output, long output_stride, float *scratch) {
  FORWARD(
    cached_attention, cache, queries, stride, tokens, position, group, dimensions, output, output_stride,
    scratch)
}

void ckernels_mean_pool(const float *hidden, long rows, long columns, float *output) {
  FORWARD(mean_pool, hidden, rows, columns, output)
}

void ckernels_quantise_weights(
  const float *weights, long rows, long columns, int8_t *quantised, float *scales, int32_t *sums) {
  FORWARD(quantise_weights, weights, rows, columns, quantised, scales, sums)
}

void ckernels_add_bias(float *values, long rows, long columns, const float *bias) {
  FORWARD(add_bias, values, rows, columns, bias)
}

void ckernels_gelu_forward(float *inner, long rows, long columns, const float *bias, float *output) {
  FORWARD(gelu_forward, inner, rows, columns, bias, output)
}

void ckernels_gelu_backward(const float *inner, long count, float *gradient) {
  FORWARD(gelu_backward, inner, count, gradient)
}

void ckernels_norm_forward(
  const float *product, const float *bias, const float *residual, long rows, long columns,
  const ckernels_dropout *dropout, const ckernels_norm *norm, float *output, float *normalised,
  float *inverses) {
  FORWARD(
    norm_forward, product, bias, residual, rows, columns, dropout, norm, output, normalised, inverses)
}

void ckernels_norm_backward(
  const float *gradient, const float *normalised, const float *inverses, long rows, long columns,
  const ckernels_dropout *dropout, const ckernels_norm *norm, float *residual_gradient,
  float *product_gradient) {
  FORWARD(
    norm_backward, gradient, normalised, inverses, rows, columns, dropout, norm, residual_gradient,
    product_gradient)
}

// Room for the widest vector's padding.
long ckernels_attention_stride(long length) { return (length + 15) / 16 * 16; }

long ckernels_attention_training_scratch(long length, long head_dimensions) {
  long padded = ckernels_attention_stride(length);
  return head_dimensions * padded + length * head_dimensions + length * padded;
}

void ckernels_attention_forward(
  const float *qkv, long length, long heads, long head_dimensions, float scale, float *weights,
  float *output, float *scratch) {
  FORWARD(attention_forward, qkv, length, heads, head_dimensions, scale, weights, output, scratch)
}

void ckernels_attention_backward(
  const float *qkv, const float *weights, const float *gradient, long length, long heads,
  long head_dimensions, float scale, float *qkv_gradient, float *scratch) {
  FORWARD(
    attention_backward, qkv, weights, gradient, length, heads, head_dimensions, scale, qkv_gradient, scratch)
}

float ckernels_dot(const float *a, const float *b, long count) { FORWARD(dot, a, b, count) }

int ckernels_dequantise(int format, const void *blocks, long count, float *output) {
  FORWARD(dequantise, format, blocks, count, output)
}

const char *ckernels_instruction_set(void) {
  switch (set_in_use()) {
  case AVX512: return "avx512";
  case AVX2: return "avx2";
  default: return "generic";
  }
}

int ckernels_has_int8_dot_product(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vnni") || __builtin_cpu_supports("avxvnni");
#else
  return 0;
#endif
}

int ckernels_has_bfloat16_dot_product(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return 0;
#endif
}
