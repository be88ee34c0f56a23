#include "CResources.h"

// Aligned, since it holds numbers.
static const _Alignas(16) unsigned char sentiment_head[] = {
#embed "sentiment-minilm.head"
};

const void *sibyl_sentiment_head(void) { return sentiment_head; }
size_t sibyl_sentiment_head_size(void) { return sizeof sentiment_head; }
