#ifndef CResources_H
#define CResources_H
#endif
