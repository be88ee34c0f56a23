// A Swift package's C target needs a source file; everything is in libpq.
#include "CPostgres.h"
