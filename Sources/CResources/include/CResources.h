// Files that are compiled into the library, so that sibyl.so is one file.
#ifndef CRESOURCES_H
#define CRESOURCES_H

#include <stddef.h>

/// The classifiers that come with Sibyl: an adapter with its head (Models/Adapters/AdapterFile.swift says how it is laid
/// out), and a head alone (Models/Heads/HeadFile.swift).
const void *sibyl_sentiment_adapter(void);
size_t sibyl_sentiment_adapter_size(void);
const void *sibyl_emotion_head(void);
size_t sibyl_emotion_head_size(void);

#endif
