// The element-wise work between two matrix products, fused so that each row is read and written once.
//
// Matrices are row-major. Every kernel computes each row (attention: each sequence) on its own and always in
// the same order of operations, so a row's result never depends on its neighbours, the batch size or the
// thread. Kernels are pure functions of their arguments: any thread may call them at once, with buffers of
// its own. One source (kernels.inc) is compiled for several instruction sets; the best one that the CPU has
// is chosen once, at the first call.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

/// The form in which a matrix product takes its left operand.
enum ckernels_format {
  /// u8 with one scale and one zero point a row: value = (u8 - zero_point) * scale.
  CKERNELS_U8 = 0,
  /// The upper half of a float32, rounded to nearest even.
  CKERNELS_BF16 = 1,
  CKERNELS_F32 = 2,
  /// s8 with one scale and one offset a group of CKERNELS_GROUP columns: value = s8 * scale + offset.
  CKERNELS_S8_GROUPS = 3,
};

/// Columns of a group.
enum { CKERNELS_GROUP = 32 };

/// The left operand of the next matrix product: `rows` x `columns` in `format`.
typedef struct ckernels_activations {
  int format;
  void *values;
  /// One a row for CKERNELS_U8, one a row and group for CKERNELS_S8_GROUPS.
  float *scales;
  /// One a row; only for CKERNELS_U8.
  int32_t *zero_points;
  /// Each group's offset, and the sum of its values; only for CKERNELS_S8_GROUPS.
  float *offsets;
  float *sums;
} ckernels_activations;

/// A finished product `rows` x `columns` that still lacks its scales and its bias.
typedef struct ckernels_product {
  /// int32 for a u8 x s8 product, float otherwise.
  const void *accumulators;
  /// One a column; null when the accumulators are floats already.
  const float *channel_scales;
  /// Sum of each column's s8 weights, which the zero point multiplies; null for floats.
  const int32_t *column_sums;
  /// One a column.
  const float *bias;
  /// Of the left operand's rows; null for floats.
  const float *row_scales;
  const int32_t *row_zero_points;
  long rows;
  long columns;
  /// Accumulators from one row to the next: `columns`, or more where these are some columns of a wider matrix.
  long stride;
} ckernels_product;

/// Learnt scale and shift of a layer normalisation (Ba et al. 2016), `columns` each.
typedef struct ckernels_norm {
  const float *weight;
  const float *bias;
  float epsilon;
} ckernels_norm;

/// output = product + bias; rows of the output are `stride` floats apart.
void ckernels_bias(const ckernels_product *product, float *output, long stride);

/// output = GELU(product + bias) (Hendrycks and Gimpel 2016, the exact form with erf), in the next product's
/// format. `scratch` holds `columns` floats.
void ckernels_bias_gelu(
  const ckernels_product *product, const ckernels_activations *output, float *scratch);

/// hidden = norm(hidden + product + bias), and the same once more in the next product's format.
void ckernels_bias_residual_norm(
  const ckernels_product *product, float *hidden, const ckernels_norm *norm,
  const ckernels_activations *output);

/// The rows of `input` in the next product's format.
void ckernels_convert(
  const float *input, long rows, long columns, const ckernels_activations *output);

/// hidden[row] = norm(words[ids[row]] + positions[position_of_row] + type), and the same in the next
/// product's format. `ids` and `position_ids` must lie inside their tables: the caller checks.
void ckernels_embed_norm(
  const int32_t *ids, const int32_t *position_ids, long rows, long columns, const float *words,
  const float *positions, const float *type, const ckernels_norm *norm, float *hidden,
  const ckernels_activations *output);

/// Floats of scratch that ckernels_attention needs for sequences of up to `length` tokens.
long ckernels_attention_scratch(long length, long head_dimensions);

/// Multi-head self-attention of one sequence (Vaswani et al. 2017, section 3.2), bidirectional.
/// `qkv` is length x 3·width (queries, keys, values side by side, queries already divided by the square root
/// of the head's dimensions), `output` length x width, width = heads x head_dimensions.
/// `head_dimensions` must be a multiple of 32. Computes only the rows from `first_row` up to, but without,
/// `end_row`, from the keys and values of all.
void ckernels_attention(
  const float *qkv, long length, long heads, long head_dimensions, long first_row, long end_row,
  float *output, float *scratch);

/// Which elements of a training's activations are zeroed (Srivastava et al. 2014): a function of the row's key,
/// the place in the network and the column alone. The others are multiplied by `scale`.
typedef struct ckernels_dropout {
  /// One a row.
  const uint32_t *keys;
  uint32_t place;
  /// Of 2^32 elements so many are zeroed; 0 turns it off.
  uint32_t threshold;
  float scale;
} ckernels_dropout;

/// values += bias, row by row.
void ckernels_add_bias(float *values, long rows, long columns, const float *bias);

/// inner += bias; output = GELU(inner).
void ckernels_gelu_forward(float *inner, long rows, long columns, const float *bias, float *output);

/// gradient *= GELU'(inner); `count` is a multiple of 32.
void ckernels_gelu_backward(const float *inner, long count, float *gradient);

/// output = norm(dropout(product + bias) + residual), keeping what the backward pass needs: the rows before
/// scale and shift, and one inverse deviation a row.
void ckernels_norm_forward(
  const float *product, const float *bias, const float *residual, long rows, long columns,
  const ckernels_dropout *dropout, const ckernels_norm *norm, float *output, float *normalised,
  float *inverses);

/// From the gradient of `output` above those of `residual` and of `product`.
void ckernels_norm_backward(
  const float *gradient, const float *normalised, const float *inverses, long rows, long columns,
  const ckernels_dropout *dropout, const ckernels_norm *norm, float *residual_gradient,
  float *product_gradient);

/// Floats from one row of attention weights to the next, for sequences of `length` tokens.
long ckernels_attention_stride(long length);

/// Floats of scratch that the two functions below need.
long ckernels_attention_training_scratch(long length, long head_dimensions);

/// As ckernels_attention for a whole sequence, of queries that are divided by nothing yet (`scale` is multiplied
/// with their products), keeping the weights: heads x length x ckernels_attention_stride(length).
void ckernels_attention_forward(
  const float *qkv, long length, long heads, long head_dimensions, float scale, float *weights,
  float *output, float *scratch);

/// From the gradient of `output` above that of `qkv`.
void ckernels_attention_backward(
  const float *qkv, const float *weights, const float *gradient, long length, long heads,
  long head_dimensions, float scale, float *qkv_gradient, float *scratch);

/// hidden / sqrt(mean(hidden²) + ε) · weight (Zhang and Sennrich 2019), in the next product's format; the norm's
/// bias is not used. `scratch` holds `columns` floats.
void ckernels_rms_norm(
  const float *hidden, long rows, long columns, const ckernels_norm *norm,
  const ckernels_activations *output, float *scratch);

/// hidden += product + bias, and its RMS normalisation in the next product's format. `scratch` holds `columns`
/// floats.
void ckernels_residual_rms_norm(
  const ckernels_product *product, float *hidden, const ckernels_norm *norm,
  const ckernels_activations *output, float *scratch);

/// output = SiLU(gate) · up (Shazeer 2020) in the next product's format, where the first half of the product's
/// columns is the gate and the second half is `up`. `scratch` holds half of `columns` floats.
void ckernels_swiglu(
  const ckernels_product *product, const ckernels_activations *output, float *scratch);

/// Rotary position embedding (Su et al. 2021), in place, of `heads` vectors side by side in each row: dimension i
/// forms a pair with i + rotated / 2. `angles` is rows x `rotated`: a row's cosines, then its sines. Where there
/// is a norm, each vector is RMS-normalised before (its weights `dimensions` floats). All is multiplied by
/// `scale`. `rotated` and `dimensions` are multiples of 32.
void ckernels_rotary(
  float *vectors, long stride, long rows, long heads, long dimensions, long rotated, const float *angles,
  const ckernels_norm *norm, float scale);

/// Tokens a page of a key-value cache.
enum { CKERNELS_PAGE_TOKENS = 32 };

/// One sequence's keys and values for one layer and one of its key-value heads. `offset` bytes from each page's
/// start lie the keys, dimensions x CKERNELS_PAGE_TOKENS, and behind them the values, CKERNELS_PAGE_TOKENS x
/// dimensions; halves (IEEE 754) or floats.
typedef struct ckernels_cache {
  void *const *pages;
  long offset;
  int is_half;
} ckernels_cache;

/// Writes the key and the value of the token at `position`, whose page is there.
void ckernels_cache_append(
  const ckernels_cache *cache, long position, const float *key, const float *value, long dimensions);

/// Floats of scratch that ckernels_cached_attention needs for sequences of up to `length` tokens.
long ckernels_cached_attention_scratch(long length);

/// Causal attention (Vaswani et al. 2017, section 3.2.1) of `group` query heads that share one key-value head
/// (Ainslie et al. 2023), for `tokens` consecutive tokens from `position` on, whose keys and values are in the
/// cache already. `queries` are divided by the square root of `dimensions`, a token's heads side by side and
/// tokens `stride` floats apart; `output` likewise. `dimensions` is a multiple of 32. A token's result depends on
/// nothing but what the cache holds up to its position.
void ckernels_cached_attention(
  const ckernels_cache *cache, const float *queries, long stride, long tokens, long position, long group,
  long dimensions, float *output, long output_stride, float *scratch);

/// output = mean of the rows, divided by its L2 norm (zero stays zero).
void ckernels_mean_pool(const float *hidden, long rows, long columns, float *output);

/// Symmetric s8 weights with one scale a row (an output channel): weight = s8 * scale. `sums` receives each
/// row's sum of s8 values.
void ckernels_quantise_weights(
  const float *weights, long rows, long columns, int8_t *quantised, float *scales, int32_t *sums);

/// Sum of a[i] * b[i].
float ckernels_dot(const float *a, const float *b, long count);

/// Formats of weights in GGUF files, by ggml's numbers for them (ggml.h, ggml_type).
enum ckernels_ggml_format {
  CKERNELS_GGML_F16 = 1,
  CKERNELS_GGML_Q4_0 = 2,
  CKERNELS_GGML_Q4_1 = 3,
  CKERNELS_GGML_Q5_0 = 6,
  CKERNELS_GGML_Q5_1 = 7,
  CKERNELS_GGML_Q8_0 = 8,
  CKERNELS_GGML_Q4_K = 12,
  CKERNELS_GGML_Q5_K = 13,
  CKERNELS_GGML_Q6_K = 14,
  CKERNELS_GGML_BF16 = 30,
};

/// The floats that `count` blocks of a format stand for, exactly as ggml computes them. A block holds 1 value
/// of F16 and BF16, 256 of the formats named _K, 32 of the others; blocks of F16 and BF16 lie on even
/// addresses, others anywhere. Answers whether all values are finite; 0 for any other format.
int ckernels_dequantise(int format, const void *blocks, long count, float *output);

/// Output channels that products compute together.
enum { CKERNELS_PANEL = 32 };

/// The right operand of such a product: `bits` (4 or 8) a weight, in panels of CKERNELS_PANEL channels; of each
/// panel every group of CKERNELS_GROUP inputs, one after the other: the channels' scales and minima (halves), and
/// the weights. weight = unsigned value * scale + minimum.
typedef struct ckernels_grouped {
  const uint8_t *panels;
  long inputs;
  int bits;
} ckernels_grouped;

/// Bytes of one group of a panel.
long ckernels_grouped_size(int bits);

/// Bytes of scratch, aligned to 64, for a product of `inputs` inputs.
long ckernels_grouped_scratch(long inputs);

/// The left operand (CKERNELS_S8_GROUPS) times some panels; the first panel's first channel is column 0 of
/// `output`, whose rows are `stride` floats apart.
void ckernels_grouped_product(
  const ckernels_grouped *weights, const ckernels_activations *input, long rows, long first_panel,
  long end_panel, float *output, long stride, void *scratch);

/// How many bits a weight of a ggml format needs here.
int ckernels_grouped_bits(int format);

/// Takes over one row (an output channel) of a ggml format whose blocks are groups: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.
/// `panels` was filled with zeros. Answers 0 for other formats and for scales that are out of range.
int ckernels_group_blocks(
  int format, const void *blocks, int bits, long inputs, long row, uint8_t *panels);

/// The same for a row of floats, which is rounded to eight bits.
void ckernels_group_floats(const float *weights, long inputs, long row, uint8_t *panels);

/// Σ a[i]·b[i] in double precision, the same bits with every instruction set.
double ckernels_dot_double(const float *a, const float *b, long count);

/// Vectors of length 1 in eight bits: vector[i] is about scale · row[i], and the Euclidean norm of what that leaves is
/// at most `error`.
typedef struct ckernels_screen_rows {
  const int8_t *values;
  /// Values from one row to the next, a multiple of 32; those behind the vector's end are 0.
  long stride;
  /// One a row.
  const float *scales;
  /// One a row; not a number for a row that is never to be found.
  const float *errors;
} ckernels_screen_rows;

/// The vector that is looked for, of length 1, in up to sixteen bits. No sum of 127 · |values[i]| exceeds an int32.
typedef struct ckernels_screen_query {
  const int16_t *values;
  float scale;
  float error;
} ckernels_screen_query;

/// Brings a vector of finite numbers and of a norm above 0 into eight bits. Answers 0 where that can't be done.
int ckernels_screen_row(
  const float *vector, long count, double norm, int8_t *row, float *scale, float *error);

/// The rows from `first` up to, but without, `end` whose cosine with the query may reach `threshold`, with bounds
/// that hold for certain: by the inequality of Cauchy and Schwarz the errors move a cosine by at most the products
/// of their norms. Each output holds end - first values; answers how many were found.
long ckernels_screen(
  const ckernels_screen_rows *rows, const ckernels_screen_query *query, long first, long end, float threshold,
  int32_t *found, float *lower, float *upper);

/// Whether `ckernels_panel_product` runs on this CPU and nothing better is known for it: one with AVX-512 VNNI, and
/// without AMX, which oneDNN uses.
int ckernels_has_panel_product(void);

/// Lays out weights (`outputs` x `inputs`, multiples of 32 both) in panels of CKERNELS_PANEL channels; of each panel
/// four inputs of all channels, one channel after the other, then the next four. `panels` is aligned to 64 bytes.
void ckernels_panel_weights(const int8_t *weights, long outputs, long inputs, int8_t *panels);

/// The exact sums of `rows` rows of `inputs` unsigned bytes times some panels; the first panel's first channel is
/// column 0 of `output`, whose rows are `stride` integers apart. Only where `ckernels_has_panel_product`.
void ckernels_panel_product(
  const int8_t *panels, const void *input, long inputs, long rows, long first_panel, long end_panel,
  void *output, long stride);

/// Tells the CPU that this thread spins.
static inline void ckernels_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// The instruction set in use: "avx512", "avx2" or "generic".
const char *ckernels_instruction_set(void);

/// Whether the CPU multiplies u8 x s8 into int32 without intermediate saturation (AVX-512 VNNI, AVX-VNNI).
int ckernels_has_int8_dot_product(void);

/// Whether the CPU multiplies bfloat16 in hardware (AVX-512 BF16 or AMX).
int ckernels_has_bfloat16_dot_product(void);

#endif
