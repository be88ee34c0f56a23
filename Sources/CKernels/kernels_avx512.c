#if defined(__x86_64__)
#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define QUERY_ROWS 8
#define FUSED 1
#define NAME(x) ckernels_avx512_##x
#include "kernels.inc"
#include "training.inc"
#include "decoder.inc"
#include "dequantise.inc"
#pragma clang attribute pop
#endif
