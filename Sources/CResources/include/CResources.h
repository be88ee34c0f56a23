// Files that are compiled into the library, so that sibyl.so is one file.
#ifndef CRESOURCES_H
#define CRESOURCES_H

#include <stddef.h>

/// The sentiment head (Models/Heads/HeadFile.swift says how it is laid out).
const void *sibyl_sentiment_head(void);
size_t sibyl_sentiment_head_size(void);

#endif
