// For a CPU without AVX2, and for arm64, whose compiler turns these vectors into NEON.
#define LANES 4
#define QUERY_ROWS 4
#if defined(__aarch64__)
#define FUSED 1
#else
#define FUSED 0
#endif
#define NAME(x) ckernels_generic_##x
#include "kernels.inc"
#include "training.inc"
#include "decoder.inc"
#include "dequantise.inc"
