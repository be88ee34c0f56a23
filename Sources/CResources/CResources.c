#include "CResources.h"

// Aligned, since they hold numbers.
static const _Alignas(16) unsigned char sentiment_adapter[] = {
#embed "sentiment-minilm.safetensors"
};
static const _Alignas(16) unsigned char emotion_head[] = {
#embed "emotion-minilm.head"
};

const void *sibyl_sentiment_adapter(void) { return sentiment_adapter; }
size_t sibyl_sentiment_adapter_size(void) { return sizeof sentiment_adapter; }
const void *sibyl_emotion_head(void) { return emotion_head; }
size_t sibyl_emotion_head_size(void) { return sizeof emotion_head; }
