// The few things Sibyl asks of oneDNN: matrix products with weights packed once. Hides the differences
// between the C APIs of oneDNN 2.x (Debian 12) and 3.x (Debian 13).
//
// A product is c = a · b with a: rows x inner (row-major), b: inner x columns (packed), c: rows x columns
// (row-major, float32 or, for int8, int32). Kernels and packed weights are immutable after creation and may
// be used by any number of threads at once; execution takes a stream, and a stream belongs to one thread.
#ifndef CONEDNN_H
#define CONEDNN_H

#include <stddef.h>
#include <stdint.h>

enum conednn_type {
  /// u8 x s8 -> int32
  CONEDNN_INT8 = 0,
  /// bfloat16 x bfloat16 -> float32
  CONEDNN_BF16 = 1,
  /// float32 x float32 -> float32
  CONEDNN_F32 = 2,
};

typedef struct conednn_kernel conednn_kernel;
typedef struct conednn_weights conednn_weights;
typedef struct conednn_stream conednn_stream;

/// All functions that answer int: 0 is success, anything else oneDNN's status (conednn_status_text).
const char *conednn_status_text(int status);

/// Major version of the library that is running, and of the headers this was built with.
int conednn_version_major(void);

/// Compiles a product for one shape. With `weights` null, oneDNN chooses the packed layout that suits it
/// best; otherwise the kernel takes weights packed like those. Rows of `c` are `stride` elements apart.
int conednn_kernel_create(
  conednn_kernel **kernel, enum conednn_type type, int64_t rows, int64_t inner, int64_t columns,
  int64_t stride, const conednn_weights *weights);
void conednn_kernel_destroy(conednn_kernel *kernel);
/// oneDNN's name of the implementation, for reports.
const char *conednn_kernel_implementation(const conednn_kernel *kernel);

/// Packs weights (int8_t, bfloat16 bits or float) as `kernel` wants them. `values` is columns x inner,
/// row-major: one row an output, as checkpoints store a linear layer.
int conednn_weights_create(conednn_weights **weights, const conednn_kernel *kernel, const void *values);
/// Packs some columns of a product on their own, for a core that computes only those. `values` is where the
/// part's rows begin. Where the bytes are the same as those at the part's place in `whole` (packed layouts
/// usually keep columns together), the memory is shared and nothing is copied.
int conednn_weights_create_part(
  conednn_weights **part, const conednn_kernel *kernel, const void *values, const conednn_weights *whole,
  int index, int count);
/// Bytes of the packed form that are its own.
size_t conednn_weights_size(const conednn_weights *weights);
void conednn_weights_destroy(conednn_weights *weights);

/// A stream for the calling thread.
int conednn_stream_create(conednn_stream **stream);
void conednn_stream_destroy(conednn_stream *stream);

/// Bytes of scratch memory that one execution needs; it holds nothing afterwards.
size_t conednn_kernel_scratchpad_size(const conednn_kernel *kernel);

/// Runs the product and waits for it. `a` and `c` hold the kernel's whole rows; `scratchpad` is aligned to 64
/// bytes.
int conednn_execute(
  const conednn_kernel *kernel, const conednn_weights *weights, conednn_stream *stream, const void *a,
  void *c, void *scratchpad);

/// c = alpha · op(a) · op(b) + beta · c in float32, op(a): rows x inner and op(b): inner x columns. All are
/// row-major with strides in floats; a turned operand is stored the other way round (inner x rows, columns x
/// inner). Nothing is compiled or packed beforehand: for weights that change with each step of a training.
int conednn_multiply_floats(
  int is_a_turned, int is_b_turned, int64_t rows, int64_t columns, int64_t inner, float alpha,
  const float *a, int64_t a_stride, const float *b, int64_t b_stride, float beta, float *c,
  int64_t c_stride);

/// How many OpenMP threads a product started from the calling thread may use (Debian's oneDNN is built with
/// OpenMP; elsewhere this does nothing). Answers the number before.
int conednn_set_threads(int count);

#endif
