#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LANES 8
#define QUERY_ROWS 4
#define FUSED 1
#define NAME(x) ckernels_avx2_##x
#include "kernels.inc"
#include "training.inc"
#include "decoder.inc"
#include "dequantise.inc"
#pragma clang attribute pop
#endif
