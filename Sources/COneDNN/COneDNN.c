#include "COneDNN.h"

#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
// Declared here and not by omp.h, which comes with the compiler (clang's wants another library).
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);
#endif

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;
#else
typedef const dnnl_memory_desc_t *layout;
#endif

struct conednn_kernel {
  // Never given twice, unlike the address.
  uint64_t identifier;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  int64_t inner, columns;
  dnnl_data_type_t weights_type;
  size_t scratchpad_size;
};
struct conednn_weights {
  dnnl_memory_t memory;
  size_t size;
};
// A stream keeps the memory objects of the kernels that it has run, since making them anew for each product
// costs as much as the dispatch itself.
enum { REMEMBERED_KERNELS = 64 };
struct memories {
  uint64_t kernel;
  dnnl_memory_t source, result, scratchpad;
};
struct conednn_stream {
  dnnl_stream_t stream;
  struct memories remembered[REMEMBERED_KERNELS];
};

// One CPU engine for the process, made at the first use and never destroyed: objects of it may outlive any
// order of destruction at exit.
static dnnl_engine_t shared_engine;
static int engine_status;
static void make_engine(void) { engine_status = dnnl_engine_create(&shared_engine, dnnl_cpu, 0); }

static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static int engine(dnnl_engine_t *result) {
  pthread_once(&engine_once, make_engine);
  *result = shared_engine;
  return engine_status;
}

const char *conednn_status_text(int status) {
  switch (status) {
  case dnnl_success: return "success";
  case dnnl_out_of_memory: return "out of memory";
  case dnnl_invalid_arguments: return "invalid arguments";
  case dnnl_unimplemented: return "not implemented for this CPU or shape";
  case dnnl_runtime_error: return "run-time error";
  default: return "unexpected status";
  }
}

int conednn_version_major(void) { return dnnl_version()->major; }

// Memory descriptions are values in 2.x and objects in 3.x, and an operation needs a description of its own in
// 2.x: these names are the whole difference.
typedef struct { dnnl_memory_desc_t object; } description;
#if DNNL_VERSION_MAJOR >= 3
#define DESCRIBE_BY_TAG dnnl_memory_desc_create_with_tag
#define DESCRIBE_BY_STRIDES dnnl_memory_desc_create_with_strides
static layout borrow(const description *d) { return d->object; }
static void release(description *d) { dnnl_memory_desc_destroy(d->object); }
static int memory_layout(const_dnnl_memory_t memory, layout *l) {
  const_dnnl_memory_desc_t found = 0;
  int status = dnnl_memory_get_memory_desc(memory, &found);
  *l = (layout)found;
  return status;
}
static int matmul(
  dnnl_primitive_desc_t *pd, layout a, layout b, layout c, const_dnnl_primitive_attr_t attributes,
  dnnl_engine_t e) {
  return dnnl_matmul_primitive_desc_create(pd, e, a, b, NULL, c, attributes);
}
#else
#define DESCRIBE_BY_TAG dnnl_memory_desc_init_by_tag
#define DESCRIBE_BY_STRIDES dnnl_memory_desc_init_by_strides
static layout borrow(const description *d) { return &d->object; }
static void release(description *d) { (void)d; }
static int memory_layout(const_dnnl_memory_t memory, layout *l) {
  return dnnl_memory_get_memory_desc(memory, l);
}
static int matmul(
  dnnl_primitive_desc_t *pd, layout a, layout b, layout c, const_dnnl_primitive_attr_t attributes,
  dnnl_engine_t e) {
  dnnl_matmul_desc_t operation;
  int status = dnnl_matmul_desc_init(&operation, a, b, NULL, c);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create(pd, &operation, attributes, e, NULL);
  return status;
}
#endif
static size_t size_of(layout l) { return dnnl_memory_desc_get_size(l); }
static layout query(const_dnnl_primitive_desc_t pd, dnnl_query_t what) {
  return (layout)dnnl_primitive_desc_query_md(pd, what, 0);
}
static int describe(
  description *d, int64_t rows, int64_t columns, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  dnnl_dims_t dims = {rows, columns};
  return DESCRIBE_BY_TAG(&d->object, 2, dims, type, tag);
}
static int describe_strided(
  description *d, int64_t rows, int64_t columns, dnnl_data_type_t type, int64_t stride) {
  dnnl_dims_t dims = {rows, columns}, strides = {stride, 1};
  return DESCRIBE_BY_STRIDES(&d->object, 2, dims, type, strides);
}

static dnnl_data_type_t left_type(enum conednn_type type) {
  return type == CONEDNN_INT8 ? dnnl_u8 : type == CONEDNN_BF16 ? dnnl_bf16 : dnnl_f32;
}
static dnnl_data_type_t right_type(enum conednn_type type) {
  return type == CONEDNN_INT8 ? dnnl_s8 : type == CONEDNN_BF16 ? dnnl_bf16 : dnnl_f32;
}

void conednn_kernel_destroy(conednn_kernel *kernel) {
  if (!kernel) return;
  if (kernel->primitive) dnnl_primitive_destroy(kernel->primitive);
  if (kernel->description) dnnl_primitive_desc_destroy(kernel->description);
  free(kernel);
}

int conednn_kernel_create(
  conednn_kernel **result, enum conednn_type type, int64_t rows, int64_t inner, int64_t columns,
  int64_t stride, const conednn_weights *weights) {
  *result = NULL;
  dnnl_engine_t e;
  int status = engine(&e);
  if (status) return status;
  conednn_kernel *kernel = calloc(1, sizeof *kernel);
  if (!kernel) return dnnl_out_of_memory;
  static _Atomic uint64_t kernels_made;
  kernel->identifier = ++kernels_made;
  kernel->inner = inner;
  kernel->columns = columns;
  kernel->weights_type = right_type(type);
  description a, b, c;
  layout packed = NULL;
  dnnl_primitive_attr_t attributes = NULL;
  status = dnnl_primitive_attr_create(&attributes);
  // The library's own scratchpad belongs to the thread that creates a kernel; kernels here run on any.
  if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (status) goto failed;
  status = describe(&a, rows, inner, left_type(type), dnnl_ab);
  if (status) goto failed;
  status = describe_strided(&c, rows, columns, type == CONEDNN_INT8 ? dnnl_s32 : dnnl_f32, stride);
  if (status) goto failed_after_a;
  status = describe(&b, inner, columns, kernel->weights_type, dnnl_format_tag_any);
  if (status) goto failed_after_c;
  if (weights) status = memory_layout(weights->memory, &packed);
  if (!status)
    status = matmul(&kernel->description, borrow(&a), packed ? packed : borrow(&b), borrow(&c), attributes, e);
  if (!status) status = dnnl_primitive_create(&kernel->primitive, kernel->description);
  if (!status) {
    layout scratchpad = query(kernel->description, dnnl_query_scratchpad_md);
    kernel->scratchpad_size = scratchpad ? size_of(scratchpad) : 0;
  }
  release(&b);
failed_after_c:
  release(&c);
failed_after_a:
  release(&a);
failed:
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (status) {
    conednn_kernel_destroy(kernel);
    return status;
  }
  *result = kernel;
  return 0;
}

const char *conednn_kernel_implementation(const conednn_kernel *kernel) {
  const char *name = NULL;
  dnnl_primitive_desc_query(kernel->description, dnnl_query_impl_info_str, 0, (void *)&name);
  return name ? name : "";
}

size_t conednn_kernel_scratchpad_size(const conednn_kernel *kernel) { return kernel->scratchpad_size; }

void conednn_weights_destroy(conednn_weights *weights) {
  if (!weights) return;
  if (weights->memory) dnnl_memory_destroy(weights->memory);
  free(weights);
}

int conednn_weights_create(conednn_weights **result, const conednn_kernel *kernel, const void *values) {
  *result = NULL;
  dnnl_engine_t e;
  int status = engine(&e);
  if (status) return status;
  conednn_weights *weights = calloc(1, sizeof *weights);
  if (!weights) return dnnl_out_of_memory;
  dnnl_memory_t plain = NULL;
  dnnl_primitive_desc_t reorder_description = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_stream_t stream = NULL;
  description d;
  layout packed = query(kernel->description, dnnl_query_weights_md);
  status = describe(&d, kernel->inner, kernel->columns, kernel->weights_type, dnnl_ba);
  if (status) {
    free(weights);
    return status;
  }
  weights->size = size_of(packed);
  status = dnnl_memory_create(&plain, borrow(&d), e, (void *)values);
  if (!status) status = dnnl_memory_create(&weights->memory, packed, e, DNNL_MEMORY_ALLOCATE);
  if (!status)
    status = dnnl_reorder_primitive_desc_create(&reorder_description, borrow(&d), e, packed, e, NULL);
  if (!status) status = dnnl_primitive_create(&reorder, reorder_description);
  if (!status) status = dnnl_stream_create(&stream, e, dnnl_stream_default_flags);
  if (!status) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, weights->memory}};
    status = dnnl_primitive_execute(reorder, stream, 2, arguments);
  }
  if (!status) status = dnnl_stream_wait(stream);
  if (stream) dnnl_stream_destroy(stream);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (reorder_description) dnnl_primitive_desc_destroy(reorder_description);
  if (plain) dnnl_memory_destroy(plain);
  release(&d);
  if (status) {
    conednn_weights_destroy(weights);
    return status;
  }
  *result = weights;
  return 0;
}

int conednn_weights_create_part(
  conednn_weights **result, const conednn_kernel *kernel, const void *values, const conednn_weights *whole,
  int index, int count) {
  conednn_weights *part;
  int status = conednn_weights_create(&part, kernel, values);
  *result = part;
  if (status || part->size * (size_t)count != whole->size) return status;
  void *own = NULL, *all = NULL;
  status = dnnl_memory_get_data_handle(part->memory, &own);
  if (!status) status = dnnl_memory_get_data_handle(whole->memory, &all);
  char *place = (char *)all + (size_t)index * part->size;
  if (status || memcmp(own, place, part->size) != 0) return 0;
  dnnl_engine_t e;
  dnnl_memory_t shared = NULL;
  if (engine(&e)) return 0;
  if (dnnl_memory_create(&shared, query(kernel->description, dnnl_query_weights_md), e, place)) return 0;
  dnnl_memory_destroy(part->memory);
  part->memory = shared;
  part->size = 0;
  return 0;
}

size_t conednn_weights_size(const conednn_weights *weights) { return weights->size; }

int conednn_stream_create(conednn_stream **result) {
  *result = NULL;
  dnnl_engine_t e;
  int status = engine(&e);
  if (status) return status;
  conednn_stream *stream = calloc(1, sizeof *stream);
  if (!stream) return dnnl_out_of_memory;
  status = dnnl_stream_create(&stream->stream, e, dnnl_stream_default_flags);
  if (status) {
    free(stream);
    return status;
  }
  *result = stream;
  return 0;
}

static void forget(struct memories *m) {
  if (m->source) dnnl_memory_destroy(m->source);
  if (m->result) dnnl_memory_destroy(m->result);
  if (m->scratchpad) dnnl_memory_destroy(m->scratchpad);
  *m = (struct memories){0};
}

// The kernel's memory objects, from the stream's or made now; they hold no data of their own.
static int remember(conednn_stream *stream, const conednn_kernel *kernel, struct memories **found) {
  struct memories *m = &stream->remembered[kernel->identifier % REMEMBERED_KERNELS];
  *found = m;
  if (m->kernel == kernel->identifier) return 0;
  forget(m);
  dnnl_engine_t e;
  int status = engine(&e);
  dnnl_primitive_desc_t d = kernel->description;
  if (!status) status = dnnl_memory_create(&m->source, query(d, dnnl_query_src_md), e, DNNL_MEMORY_NONE);
  if (!status) status = dnnl_memory_create(&m->result, query(d, dnnl_query_dst_md), e, DNNL_MEMORY_NONE);
  if (!status && kernel->scratchpad_size > 0)
    status = dnnl_memory_create(&m->scratchpad, query(d, dnnl_query_scratchpad_md), e, DNNL_MEMORY_NONE);
  if (status)
    forget(m);
  else
    m->kernel = kernel->identifier;
  return status;
}

void conednn_stream_destroy(conednn_stream *stream) {
  if (!stream) return;
  for (int i = 0; i < REMEMBERED_KERNELS; i++) forget(&stream->remembered[i]);
  if (stream->stream) dnnl_stream_destroy(stream->stream);
  free(stream);
}

int conednn_execute(
  const conednn_kernel *kernel, const conednn_weights *weights, conednn_stream *stream, const void *a,
  void *c, void *scratchpad) {
  struct memories *m;
  int status = remember(stream, kernel, &m);
  if (!status) status = dnnl_memory_set_data_handle(m->source, (void *)a);
  if (!status) status = dnnl_memory_set_data_handle(m->result, c);
  if (!status && m->scratchpad) status = dnnl_memory_set_data_handle(m->scratchpad, scratchpad);
  if (status) return status;
  dnnl_exec_arg_t arguments[] = {
    {DNNL_ARG_SRC, m->source},
    {DNNL_ARG_WEIGHTS, weights->memory},
    {DNNL_ARG_DST, m->result},
    {DNNL_ARG_SCRATCHPAD, m->scratchpad}};
  status = dnnl_primitive_execute(kernel->primitive, stream->stream, m->scratchpad ? 4 : 3, arguments);
  return status ? status : dnnl_stream_wait(stream->stream);
}

int conednn_multiply_floats(
  int is_a_turned, int is_b_turned, int64_t rows, int64_t columns, int64_t inner, float alpha,
  const float *a, int64_t a_stride, const float *b, int64_t b_stride, float beta, float *c,
  int64_t c_stride) {
  return dnnl_sgemm(
    is_a_turned ? 'T' : 'N', is_b_turned ? 'T' : 'N', rows, columns, inner, alpha, a, a_stride, b, b_stride,
    beta, c, c_stride);
}

int conednn_set_threads(int count) {
#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
  int before = omp_get_max_threads();
  omp_set_num_threads(count);
  return before;
#else
  (void)count;
  return 1;
#endif
}
