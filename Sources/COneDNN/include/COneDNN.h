#ifndef COneDNN_H
#define COneDNN_H
#endif
